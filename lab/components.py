"""The programs a cluster consists of: their command lines, and the order in which they can start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.network import DOMAIN, NODE_IP, NODE_NAME, SERVICE_CIDR

if TYPE_CHECKING:
    from pathlib import Path

    from lab.paths import State

ETCD_URL = "http://127.0.0.1:2379"


@dataclass(frozen=True)
class Component:
    """One program of the cluster: its name and its command line."""

    name: str
    argv: tuple[str, ...]


def components(state: State, binaries: Path) -> dict[str, Component]:
    """Return every component by name; `binaries` holds the built programs."""
    parts = [
        _etcd(state),
        _api_server(state, binaries),
        _controller_manager(state, binaries),
        _scheduler(state, binaries),
        Component("containerd", ("containerd", "--config", str(state.etc / "containerd.toml"))),
        _kubelet(state, binaries),
        Component("kube-proxy", (f"{binaries}/kube-proxy", "--config", str(state.etc / "kube-proxy.yaml"))),
        Component("coredns", (f"{binaries}/coredns", "-conf", str(state.etc / "Corefile"))),
    ]
    return {part.name: part for part in parts}


def _etcd(state: State) -> Component:
    peers = "http://127.0.0.1:2380"
    return Component(
        "etcd",
        (
            "etcd",
            f"--data-dir={state.root / 'etcd'}",
            f"--listen-client-urls={ETCD_URL}",
            f"--advertise-client-urls={ETCD_URL}",
            f"--listen-peer-urls={peers}",
            f"--initial-advertise-peer-urls={peers}",
            f"--initial-cluster=default={peers}",
            "--unsafe-no-fsync",
        ),
    )


def _api_server(state: State, binaries: Path) -> Component:
    pki = state.pki
    return Component(
        "kube-apiserver",
        (
            f"{binaries}/kube-apiserver",
            f"--etcd-servers={ETCD_URL}",
            "--secure-port=6443",
            "--bind-address=0.0.0.0",
            f"--advertise-address={NODE_IP}",
            f"--cert-dir={state.root / 'run'}",
            f"--tls-cert-file={pki}/apiserver.crt",
            f"--tls-private-key-file={pki}/apiserver.key",
            f"--client-ca-file={pki}/ca.crt",
            f"--service-account-issuer=https://kubernetes.default.svc.{DOMAIN}",
            f"--service-account-key-file={pki}/sa.pub",
            f"--service-account-signing-key-file={pki}/sa.key",
            "--authorization-mode=Node,RBAC",
            "--enable-admission-plugins=NodeRestriction",
            f"--service-cluster-ip-range={SERVICE_CIDR}",
            "--allow-privileged=true",
            f"--kubelet-client-certificate={pki}/apiserver-kubelet.crt",
            f"--kubelet-client-key={pki}/apiserver-kubelet.key",
            f"--kubelet-certificate-authority={pki}/ca.crt",
            "--kubelet-preferred-address-types=InternalIP",
            f"--requestheader-client-ca-file={pki}/front.crt",
            "--requestheader-allowed-names=front-proxy-client",
            "--requestheader-username-headers=X-Remote-User",
            "--requestheader-group-headers=X-Remote-Group",
            "--requestheader-extra-headers-prefix=X-Remote-Extra-",
            f"--proxy-client-cert-file={pki}/front-proxy.crt",
            f"--proxy-client-key-file={pki}/front-proxy.key",
        ),
    )


def _controller_manager(state: State, binaries: Path) -> Component:
    pki = state.pki
    return Component(
        "kube-controller-manager",
        (
            f"{binaries}/kube-controller-manager",
            f"--kubeconfig={state.etc}/controller-manager.kubeconfig",
            f"--service-account-private-key-file={pki}/sa.key",
            f"--root-ca-file={pki}/ca.crt",
            "--use-service-account-credentials",
            f"--cluster-signing-cert-file={pki}/ca.crt",
            f"--cluster-signing-key-file={pki}/ca.key",
            f"--cert-dir={state.root / 'run'}",
            "--leader-elect=false",
            "--bind-address=127.0.0.1",
            "--node-monitor-period=2s",
            "--node-monitor-grace-period=16s",
        ),
    )


def _scheduler(state: State, binaries: Path) -> Component:
    return Component(
        "kube-scheduler",
        (
            f"{binaries}/kube-scheduler",
            f"--kubeconfig={state.etc}/scheduler.kubeconfig",
            f"--cert-dir={state.root / 'run'}",
            "--leader-elect=false",
            "--bind-address=127.0.0.1",
        ),
    )


def _kubelet(state: State, binaries: Path) -> Component:
    return Component(
        "kubelet",
        (
            f"{binaries}/kubelet",
            f"--config={state.etc}/kubelet.yaml",
            f"--kubeconfig={state.etc}/kubelet.kubeconfig",
            f"--hostname-override={NODE_NAME}",
            f"--root-dir={state.root / 'kubelet'}",
            f"--node-ip={NODE_IP}",
            f"--cert-dir={state.pki}",
        ),
    )
