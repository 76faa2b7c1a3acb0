"""The certificates of one cluster: two authorities and a leaf a component, made with openssl."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.network import API_SERVICE_IP, DOMAIN, NODE_IP, NODE_NAME
from lab.system import run

if TYPE_CHECKING:
    from pathlib import Path

_DAYS = "365"
_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
_SERVICE_NAMES = ("kubernetes", "kubernetes.default", "kubernetes.default.svc", f"kubernetes.default.svc.{DOMAIN}")


@dataclass(frozen=True)
class Leaf:
    """One certificate: its file name, the user it names, the groups, and the names a server answers to."""

    file: str
    user: str
    group: str = ""
    names: tuple[str, ...] = ()
    authority: str = "ca"

    @property
    def subject(self) -> str:
        """The distinguished name, in openssl's notation."""
        return (f"/O={self.group}" if self.group else "") + f"/CN={self.user}"

    @property
    def extensions(self) -> list[str]:
        """The certificate's extensions, in openssl's notation."""
        usage = "clientAuth,serverAuth" if self.names else "clientAuth"
        alternative = [f"subjectAltName={','.join(self.names)}"] if self.names else []
        return [f"extendedKeyUsage={usage}", "basicConstraints=critical,CA:FALSE", *alternative]


_API_NAMES = (f"IP:{NODE_IP}", f"IP:{API_SERVICE_IP}", "IP:127.0.0.1", *(f"DNS:{name}" for name in _SERVICE_NAMES))

LEAVES = (
    Leaf("apiserver", "kube-apiserver", names=_API_NAMES),
    Leaf("apiserver-kubelet", "kube-apiserver-kubelet-client", "system:masters"),
    Leaf("front-proxy", "front-proxy-client", authority="front"),
    Leaf("admin", "admin", "system:masters"),
    Leaf("controller-manager", "system:kube-controller-manager"),
    Leaf("scheduler", "system:kube-scheduler"),
    Leaf("kube-proxy", "system:kube-proxy"),
    Leaf("coredns", "coredns"),
    Leaf("kubelet", f"system:node:{NODE_NAME}", "system:nodes", (f"IP:{NODE_IP}", f"DNS:{NODE_NAME}")),
)


def create(folder: Path) -> None:
    """Write every key and certificate into `folder`, and the pair that signs service account tokens."""
    for authority in ("ca", "front"):
        _create_authority(folder, authority)
    run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", folder / "sa.key"])
    run(["openssl", "ec", "-in", folder / "sa.key", "-pubout", "-out", folder / "sa.pub"])
    with ThreadPoolExecutor(max_workers=4) as pool:
        list(pool.map(lambda leaf: _create_leaf(folder, leaf), LEAVES))


def _create_authority(folder: Path, name: str) -> None:
    files: list[str | Path] = ["-keyout", folder / f"{name}.key", "-out", folder / f"{name}.crt"]
    run(["openssl", "req", "-x509", *_NEW_KEY, *files, "-days", _DAYS, "-subj", f"/CN=lab-{name}"])


def _create_leaf(folder: Path, leaf: Leaf) -> None:
    signer: list[str | Path] = ["-CA", folder / f"{leaf.authority}.crt", "-CAkey", folder / f"{leaf.authority}.key"]
    files: list[str | Path] = ["-keyout", folder / f"{leaf.file}.key", "-out", folder / f"{leaf.file}.crt"]
    extensions = [word for extension in leaf.extensions for word in ("-addext", extension)]
    run(["openssl", "req", "-x509", *signer, *_NEW_KEY, *files, "-days", _DAYS, "-subj", leaf.subject, *extensions])
