"""The configuration files of a cluster's components. Kubernetes' own are JSON, which is YAML too."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any

from lab.network import CLUSTER_CIDR, DNS_IP, DOMAIN, NODE_IP, NODE_NAME, POD_CIDR

if TYPE_CHECKING:
    from lab.paths import State

Document = dict[str, Any]

API_URL = f"https://{NODE_IP}:6443"
PAUSE = "localhost/pause:3"
_USERS = ("controller-manager", "scheduler", "kube-proxy", "coredns", "kubelet")


def write(state: State, name: str) -> None:
    """Write every configuration file; the certificates must be there."""
    files = {
        "kubelet.yaml": _json(kubelet(state, name)),
        "kube-proxy.yaml": _json(kube_proxy(state)),
        "cni/10-lab.conflist": _json(cni()),
        "containerd.toml": containerd(state),
        "Corefile": corefile(state),
        "resolv.conf": f"nameserver {DNS_IP}\n",
    }
    for file, text in files.items():
        (state.etc / file).parent.mkdir(parents=True, exist_ok=True)
        (state.etc / file).write_text(text)
    for user in _USERS:
        (state.etc / f"{user}.kubeconfig").write_text(_json(kubeconfig(state, user)))
    state.kubeconfig.touch(mode=0o600)
    state.kubeconfig.write_text(_json(kubeconfig(state, "admin", context=f"lab-{name}")))


def _json(document: Document) -> str:
    return json.dumps(document, indent=1) + "\n"


def kubeconfig(state: State, user: str, context: str = "lab") -> Document:
    """Return a kubeconfig with the certificates inside, so that it can be copied anywhere."""

    def data(file: str) -> str:
        return b64encode((state.pki / file).read_bytes()).decode()

    cluster = {"server": API_URL, "certificate-authority-data": data("ca.crt")}
    identity = {"client-certificate-data": data(f"{user}.crt"), "client-key-data": data(f"{user}.key")}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": context, "cluster": cluster}],
        "users": [{"name": user, "user": identity}],
        "contexts": [{"name": context, "context": {"cluster": context, "user": user, "namespace": "default"}}],
        "current-context": context,
    }


def kubelet(state: State, name: str) -> Document:
    """Return the kubelet's configuration: one cgroup root a cluster, or two kubelets kill each other's pods."""
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(state.pki / "ca.crt")},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(state.pki / "kubelet.crt"),
        "tlsPrivateKeyFile": str(state.pki / "kubelet.key"),
        "containerRuntimeEndpoint": "unix:///run/containerd/containerd.sock",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{name}",
        "cgroupsPerQOS": True,
        "enforceNodeAllocatable": ["pods"],
        "failCgroupV1": False,
        "failSwapOn": False,
        "clusterDomain": DOMAIN,
        "clusterDNS": [DNS_IP],
        "resolvConf": str(state.etc / "resolv.conf"),
        "podLogsDir": str(state.root / "podlogs"),
        "evictionHard": {"memory.available": "100Mi"},
        "imageGCHighThresholdPercent": 100,
        "oomScoreAdj": 0,
        "nodeStatusUpdateFrequency": "4s",
        "nodeLeaseDurationSeconds": 20,
    }


def kube_proxy(state: State) -> Document:
    """Return kube-proxy's configuration; the machine's own connection tracking is left alone."""
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "clientConnection": {"kubeconfig": str(state.etc / "kube-proxy.kubeconfig")},
        "mode": "nftables",
        "clusterCIDR": CLUSTER_CIDR,
        "hostnameOverride": NODE_NAME,
        "oomScoreAdj": 0,
        "conntrack": {"maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
    }


def cni() -> Document:
    """Return the pod network: a bridge with local addresses, and host ports."""
    addresses = {
        "type": "host-local",
        "ranges": [[{"subnet": POD_CIDR}]],
        "routes": [{"dst": "0.0.0.0/0"}],
        "dataDir": "/run/cni-ipam",
    }
    bridge = {
        "type": "bridge",
        "bridge": "cni0",
        "isGateway": True,
        "hairpinMode": True,
        "ipMasq": False,
        "ipam": addresses,
    }
    return {
        "cniVersion": "0.4.0",
        "name": "lab",
        "plugins": [bridge, {"type": "portmap", "capabilities": {"portMappings": True}}],
    }


_CONTAINERD = """\
version = 2
root = "{root}"
state = "/run/containerd"
[grpc]
address = "/run/containerd/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
restrict_oom_score_adj = true
sandbox_image = "{pause}"
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = "{cni}"
[plugins."io.containerd.grpc.v1.cri".containerd]
snapshotter = "overlayfs"
default_runtime_name = "runc"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
SystemdCgroup = false
"""


def containerd(state: State) -> str:
    """Return containerd's configuration."""
    return _CONTAINERD.format(root=state.containerd, pause=PAUSE, cni=state.etc / "cni")


_COREFILE = """\
.:53 {{
  bind {ip}
  errors
  health {ip}:8080
  ready {ip}:8181
  kubernetes {domain} in-addr.arpa {{
    kubeconfig {kubeconfig}
    pods insecure
    ttl 5
  }}
  cache 5
}}
"""


def corefile(state: State) -> str:
    """Return the cluster DNS's configuration: answers for the cluster's names only, kept for at most 5 s."""
    return _COREFILE.format(ip=NODE_IP, domain=DOMAIN, kubeconfig=state.etc / "coredns.kubeconfig")


def cluster_dns() -> Document:
    """Return the objects that make the DNS process on the node the Service `kube-dns`."""
    meta = {"name": "kube-dns", "namespace": "kube-system"}
    ports = [{"name": f"dns-{kind.lower()}", "port": 53, "protocol": kind} for kind in ("UDP", "TCP")]
    rules = [
        {"apiGroups": [""], "resources": ["endpoints", "services", "pods", "namespaces"], "verbs": ["list", "watch"]},
        {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": ["list", "watch"]},
    ]
    service = {"clusterIP": DNS_IP, "ports": ports}
    slices = {**meta, "labels": {"kubernetes.io/service-name": "kube-dns"}}
    endpoints = [{"addresses": [NODE_IP], "conditions": {"ready": True}, "nodeName": NODE_NAME}]
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "system:coredns"}
    subject = {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "coredns"}
    return {
        "apiVersion": "v1",
        "kind": "List",
        "items": [
            {"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": service},
            {
                "apiVersion": "discovery.k8s.io/v1",
                "kind": "EndpointSlice",
                "metadata": slices,
                "addressType": "IPv4",
                "endpoints": endpoints,
                "ports": ports,
            },
            _rbac("ClusterRole", rules=rules),
            _rbac("ClusterRoleBinding", roleRef=role, subjects=[subject]),
        ],
    }


def _rbac(kind: str, **fields: object) -> Document:
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": kind,
        "metadata": {"name": "system:coredns"},
        **fields,
    }
