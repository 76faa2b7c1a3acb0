"""Where things lie: the cache shared by all clones and labs, and the state folder of one cluster inside it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from lab.system import LabError

LAB = Path(__file__).resolve().parent
"""The folder of the lab's own code."""

DEFAULT_NAME = "sluice"

_NAME = re.compile(r"[a-z][a-z0-9-]{0,14}")
_TAKEN = frozenset({"kubepods", "process-api", "user", "system", "init"})


def cache() -> Path:
    """Return the folder for everything built once: binaries, images, golden roots; and for the clusters' state."""
    chosen = os.environ.get("SLUICE_LAB_CACHE")
    if chosen:
        return Path(chosen).resolve()
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base).resolve() / "sluice-lab"


def checked_name(name: str) -> str:
    """Return `name` if it may name a cluster: it becomes a network namespace, a cgroup and a folder."""
    if not _NAME.fullmatch(name) or name in _TAKEN:
        raise LabError(
            f"{name!r} cannot name a cluster",
            "use up to 15 lower-case letters, digits and dashes, beginning with a letter",
        )
    return name


@dataclass(frozen=True)
class State:
    """The folder of one cluster."""

    root: Path

    @classmethod
    def of(cls, name: str) -> State:
        """Return the state folder of the cluster called `name`; it need not exist."""
        return cls(clusters() / checked_name(name))

    @property
    def pki(self) -> Path:
        """Certificates and keys."""
        return self.root / "pki"

    @property
    def etc(self) -> Path:
        """Configuration files."""
        return self.root / "etc"

    @property
    def logs(self) -> Path:
        """One log a component."""
        return self.root / "logs"

    @property
    def pids(self) -> Path:
        """One file a component, with its process id inside the cluster's PID namespace."""
        return self.root / "pids"

    @property
    def containerd(self) -> Path:
        """The containerd root, a hard-linked copy of the golden one."""
        return self.root / "containerd"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig."""
        return self.root / "kubeconfig"

    @property
    def complete(self) -> Path:
        """Written at the end of a successful `up`."""
        return self.root / "complete"

    def prepare(self) -> None:
        """Create the folders."""
        for folder in ("pki", "etc", "logs", "pids", "run", "etcd", "kubelet", "podlogs", "var/kubelet", "var/cni"):
            (self.root / folder).mkdir(parents=True, exist_ok=True)


def clusters() -> Path:
    """Return the folder with one state folder a cluster."""
    return cache() / "clusters"


def lock(of: str) -> Path:
    """Return the file to lock for `of`."""
    return cache() / "locks" / f"{of}.lock"
