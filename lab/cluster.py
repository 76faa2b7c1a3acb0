"""One cluster: up, down, and what tests and the demo do with it."""

from __future__ import annotations

import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lab import binaries, cgroups, configs, golden, network, pause, pki, processes, startup
from lab.paths import DEFAULT_NAME, State, clusters, lock
from lab.processes import Namespaces
from lab.system import Completed, LabError, Progress, locked, run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


@dataclass(frozen=True)
class Cluster:
    """A running cluster. `namespaces` hang on its process 1; `binaries` holds its programs, kubectl and helm."""

    name: str
    state: State
    namespaces: Namespaces
    binaries: Path

    @classmethod
    def up(
        cls, name: str = DEFAULT_NAME, *, images: Sequence[golden.Image] = (), progress: Progress | None = None
    ) -> Cluster:
        """Return the running cluster `name`, started with `images` if it does not run yet."""
        return up(name, images, progress or Progress())

    @classmethod
    def attach(cls, name: str = DEFAULT_NAME) -> Cluster:
        """Return the running cluster `name`."""
        state = State.of(name)
        init = processes.find_init(state)
        if init is None or not state.complete.exists():
            raise LabError(f"no lab called {name!r} is up", f"python -m lab up --name {name}")
        return cls(name, state, Namespaces(init), (state.root / "bin").resolve())

    def down(self) -> None:
        """Take the cluster down."""
        down(self.name)

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig; its server answers only inside the cluster's network."""
        return self.state.kubeconfig

    @property
    def netns(self) -> str:
        """The name of the network namespace."""
        return self.name

    @property
    def environment(self) -> dict[str, str]:
        """The caller's environment with the cluster's kubeconfig and programs."""
        path = f"{self.binaries}:{os.environ['PATH']}"
        return {**os.environ, "PATH": path, "KUBECONFIG": str(self.kubeconfig), "LAB_NAME": self.name}

    def kubectl(self, *args: str, stdin: str | None = None, timeout: float = 60) -> str:
        """Run kubectl as administrator and return what it prints."""
        return self._in_network([self.binaries / "kubectl", *args], stdin, timeout)

    def helm(self, *args: str, stdin: str | None = None, timeout: float = 300) -> str:
        """Run helm as administrator and return what it prints."""
        return self._in_network([self.binaries / "helm", *args], stdin, timeout)

    def _in_network(self, argv: Sequence[str | Path], stdin: str | None, timeout: float) -> str:
        enter = ["nsenter", f"--net={network.namespace_file(self.name)}"]
        return run([*enter, *argv], stdin=stdin, env=self.environment, timeout=timeout).stdout

    def exec(self, argv: Sequence[str | Path], *, check: bool = True, timeout: float = 60) -> Completed:
        """Run a program in the cluster's network, mounts and processes."""
        return run(self.namespaces.argv(argv), env=self.environment, check=check, timeout=timeout)

    def run_in_netns(self, argv: Sequence[str | Path], *, check: bool = True, timeout: float = 60) -> Completed:
        """Run a program with the machine's mounts and processes but the cluster's network and DNS."""
        enter = ["ip", "netns", "exec", self.name]
        return run([*enter, *argv], env=self.environment, check=check, timeout=timeout)

    def ctr(self, *args: str | Path, timeout: float = 300) -> str:
        """Run containerd's client in the kubelet's namespace of images and containers."""
        return self.exec(["ctr", "--namespace", "k8s.io", *args], timeout=timeout).stdout

    def load_image(self, archive: Path) -> None:
        """Import a docker-archive; pods that start from now on get it."""
        self.ctr("images", "import", archive)

    def load_images(self, images: Sequence[golden.Image], progress: Callable[[str], None]) -> None:
        """Import those of `images` that the cluster does not hold; pods that start from now on get them."""
        held = golden.held_images(self.state.containerd)
        for image in images:
            if held.get(image.ref) != image.id:
                self.load_image(image.archive)
                held[image.ref] = image.id
                golden.note_held(self.state.containerd, held)
                progress(f"{image.ref} loaded")

    def get(self, path: str) -> dict[str, Any]:
        """Read one object, by its path in the API."""
        found: dict[str, Any] = json.loads(self.kubectl("get", "--raw", path))
        return found


def up(name: str, images: Sequence[golden.Image], progress: Progress) -> Cluster:
    """Return the cluster `name`, started unless it runs; what a crashed one left behind is removed first."""
    if os.geteuid() != 0:
        raise LabError("a lab needs root: it makes namespaces, mounts and cgroups", "run it as root")
    state = State.of(name)
    programs = binaries.ensure(progress)
    gold = golden.ensure([pause.build(), *images], progress)
    with locked(lock(name)):
        if processes.find_init(state) and state.complete.exists():
            progress(f"{name} is up already")
            running = Cluster.attach(name)
            running.load_images(images, progress)
            return running
        _clear(name, state)
        _prepare(name, state, programs, gold)
        progress("namespaces, certificates and containerd root made")
        cluster = Cluster(name, state, processes.start_init(state, name), programs)
        startup.start_all(cluster, progress)
        state.complete.touch()
        return cluster


def _prepare(name: str, state: State, programs: Path, gold: Path) -> None:
    state.prepare()
    (state.root / "bin").symlink_to(programs)
    with ThreadPoolExecutor() as pool:
        jobs = [
            pool.submit(network.create, name),
            pool.submit(cgroups.create, name),
            pool.submit(golden.copy, gold, state.containerd),
            pool.submit(pki.create, state.pki),
        ]
    for job in jobs:
        job.result()
    configs.write(state, name)


def down(name: str) -> None:
    """Remove everything of the cluster `name`, also after a crash; nothing there is fine."""
    with locked(lock(name)):
        _clear(name, State.of(name))


def _clear(name: str, state: State) -> None:
    """Remove what the cluster left; its folder is made first and removed last, so what has none is not ours."""
    if not state.root.exists():
        if network.exists(name) or cgroups.folders(name):
            raise LabError(f"there is a network namespace or cgroup {name} that is no lab's", "use another --name")
        return
    processes.kill_all(state, name)
    network.delete(name)
    cgroups.delete(name)
    shutil.rmtree(state.root, ignore_errors=True)


def names() -> list[str]:
    """Return the names of the clusters that are up or have left something behind."""
    return sorted(folder.name for folder in clusters().glob("*") if folder.is_dir())
