#!/bin/bash
# Import images into a containerd root; runs as process 1 of its own mount and PID namespaces.
# usage: golden.sh ROOT [-NAME | +ARCHIVE]...
set -eu
root=$1
shift
mount -t tmpfs tmpfs /run
mkdir -p /run/containerd
socket=/run/containerd/containerd.sock
cat >/run/config.toml <<END
version = 2
root = "$root"
state = "/run/containerd"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
address = "$socket"
END
containerd --config /run/config.toml >/run/log 2>&1 &
server=$!
trap 'tail -5 /run/log >&2' ERR
images() { ctr --address "$socket" --namespace k8s.io images "$@"; }
for _ in $(seq 300); do images ls -q >/dev/null 2>&1 && break; sleep 0.1; done
for action in "$@"; do
  case $action in
  -*) images rm --sync "${action#-}" ;;
  +*) images import "${action#+}" ;;
  esac
done
kill "$server"
wait "$server" || true
