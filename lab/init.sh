#!/bin/bash
# Process 1 of a lab cluster: makes its mounts, says so, and lives until it is killed; with it go all processes and mounts.
# usage: init.sh STATE NAME
set -eu
state=$1 name=$2

cp "/etc/netns/$name/resolv.conf" "$state/run/resolv.conf"
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/netns /run/lock /run/containerd
mount -t tmpfs -o mode=755 tmpfs /var/log
mkdir -p /var/lib/kubelet /var/lib/cni
mount --bind "$state/var/kubelet" /var/lib/kubelet
mount --bind "$state/var/cni" /var/lib/cni
resolver=$(readlink -m /etc/resolv.conf)
[ -e "$resolver" ] || { mkdir -p "$(dirname "$resolver")" && touch "$resolver"; }
mount --bind "$state/run/resolv.conf" "$resolver"
mount --make-rshared /
echo ready >"$state/run/init"

# As process 1, bash also buries the orphans of the others.
while :; do
  sleep 3600 &
  wait $! || true
done
