"""Where the API server is and how to prove who we are: a kubeconfig file, or a pod's service account."""

import base64
import os
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")


@dataclass(frozen=True)
class Access:
    """The server's address, TLS, and the headers of each request."""

    server: str
    tls: ssl.SSLContext
    headers: dict[str, str]


def access() -> Access:
    """From `KUBECONFIG` where it is set, else from the pod."""
    path = os.environ.get("KUBECONFIG")
    return from_file(Path(path)) if path else from_pod()


def from_pod() -> Access:
    """Return the service account that every pod has."""
    host, port = os.environ["KUBERNETES_SERVICE_HOST"], os.environ["KUBERNETES_SERVICE_PORT"]
    token = (ACCOUNT / "token").read_text().strip()
    tls = ssl.create_default_context(cafile=ACCOUNT / "ca.crt")
    return Access(f"https://{host}:{port}", tls, {"Authorization": f"Bearer {token}"})


def from_file(path: Path) -> Access:
    """Return the current context of a kubeconfig file."""
    config = yaml.safe_load(path.read_text())
    context = _named(config, "context", config["current-context"])
    cluster = _named(config, "cluster", context["cluster"])
    user = _named(config, "user", context["user"])
    tls = ssl.create_default_context(cadata=_content(cluster, "certificate-authority", path).decode())
    if "client-certificate" in user or "client-certificate-data" in user:
        with tempfile.TemporaryDirectory() as folder:
            chain, private = Path(folder, "client-certificate"), Path(folder, "client-key")
            for file in (chain, private):
                file.write_bytes(_content(user, file.name, path))
            tls.load_cert_chain(chain, private)
    headers = {"Authorization": f"Bearer {user['token']}"} if "token" in user else {}
    return Access(cluster["server"], tls, headers)


def _named(config: dict[str, Any], kind: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(item[kind] for item in config[f"{kind}s"] if item["name"] == name)
    return found


def _content(section: dict[str, Any], key: str, config: Path) -> bytes:
    inline = section.get(f"{key}-data")
    return base64.b64decode(inline) if inline else (config.parent / section[key]).read_bytes()
