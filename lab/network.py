"""The named network namespace of a cluster, its node interface and its addresses."""

from __future__ import annotations

from pathlib import Path

from lab.system import run, wait_until

NODE_NAME = "node1"
NODE_IP = "10.250.0.1"
POD_CIDR = "10.244.0.0/24"
CLUSTER_CIDR = "10.244.0.0/16"
SERVICE_CIDR = "10.96.0.0/16"
API_SERVICE_IP = "10.96.0.1"
DNS_IP = "10.96.0.10"
DOMAIN = "cluster.local"

_SYSCTLS = ("net.ipv4.ip_forward=1", "net.bridge.bridge-nf-call-iptables=1")
_RESOLVER = f"nameserver {DNS_IP}\nsearch svc.{DOMAIN} {DOMAIN}\noptions ndots:3 timeout:2 attempts:2\n"


def namespace_file(name: str) -> Path:
    """Return the file that names the network namespace."""
    return Path("/run/netns") / name


def create(name: str) -> None:
    """Create the namespace with the node's address and a route to the Services; there is no way out of it."""
    run(["ip", "netns", "add", name])
    inside = ["ip", "-n", name]
    run([*inside, "link", "set", "lo", "up"])
    run([*inside, "link", "add", "node0", "type", "veth", "peer", "name", "node0p"])
    run([*inside, "link", "set", "node0p", "up"])
    run([*inside, "addr", "add", f"{NODE_IP}/24", "dev", "node0"])
    run([*inside, "link", "set", "node0", "up"])
    # The lookup of a route comes before DNAT: without this one a process here could not reach a Service.
    run([*inside, "route", "add", SERVICE_CIDR, "dev", "node0"])
    run(["nsenter", f"--net={namespace_file(name)}", "sysctl", "-qw", *_SYSCTLS])
    resolver_file(name).parent.mkdir(parents=True, exist_ok=True)
    resolver_file(name).write_text(_RESOLVER)


def resolver_file(name: str) -> Path:
    """Return the resolver file that `ip netns exec` puts over /etc/resolv.conf."""
    return Path("/etc/netns") / name / "resolv.conf"


def exists(name: str) -> bool:
    """Whether the namespace exists."""
    return namespace_file(name).exists()


def processes(name: str) -> list[int]:
    """Return the ids of the processes in the namespace; pods are in namespaces of their own."""
    if not exists(name):
        return []
    return [int(word) for word in run(["ip", "netns", "pids", name], check=False).stdout.split()]


def delete(name: str) -> None:
    """Delete the namespace, its interfaces and its resolver file; what is gone already is fine."""
    resolver_file(name).unlink(missing_ok=True)
    if resolver_file(name).parent.is_dir():
        resolver_file(name).parent.rmdir()
    wait_until(
        f"deletion of the network namespace {name}",
        lambda: not exists(name) or run(["ip", "netns", "del", name], check=False).returncode == 0,
        seconds=10,
        next_step=f"see who uses it: ip netns pids {name}",
    )
