"""The command line: up, build, down, status, shell, exec, kubeconfig."""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from lab import binaries
from lab import cluster as clusters
from lab.cluster import Cluster
from lab.components import components
from lab.paths import DEFAULT_NAME, State
from lab.processes import alive, find_init
from lab.system import LabError, Progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lab.images import Image


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; an error is told with its next step and gives 1."""
    options = _parser().parse_args(argv)
    try:
        code: int = options.run(options)
    except LabError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; next: python -m lab status", file=sys.stderr)
        return 130
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lab", description="A throwaway real Kubernetes cluster.")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    up = _verb(verbs, "up", _up, "start a cluster; the first time builds Kubernetes")
    up.add_argument("--bare", action="store_true", help="without the lab's images and add-ons")
    _verb(verbs, "build", _build, "build what a cluster needs and the cache lacks, ahead of the first `up`")
    _verb(verbs, "demo", _demo, "start the lab and watch one model promoted, one rejected, one rolled back")
    down = _verb(verbs, "down", _down, "remove a cluster and all it left, also after a crash")
    down.add_argument("--all", action="store_true", help="every cluster of this machine")
    _verb(verbs, "status", _status, "show the clusters and their components")
    _verb(verbs, "kubeconfig", _kubeconfig, "print the path of the kubeconfig; it works inside `exec` and `shell`")
    _verb(verbs, "shell", _shell, "open a shell in the cluster: kubectl, helm, its network and DNS")
    run = _verb(verbs, "exec", _exec, "run a command in the cluster")
    run.add_argument("command", nargs=argparse.REMAINDER, metavar="-- CMD …", help="the command")
    load = _verb(
        verbs,
        "load",
        _load,
        "import images into a running cluster: the given archives, or all of the lab's that changed",
    )
    load.add_argument("archives", nargs="*", type=Path, metavar="ARCHIVE", help="a docker-archive file")
    return parser


def _verb(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser], name: str, run: object, text: str
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    parser.add_argument("--name", default=DEFAULT_NAME, help="the cluster's name (default: %(default)s)")
    parser.set_defaults(run=run)
    return parser


def _up(options: argparse.Namespace) -> int:
    progress = Progress()
    cluster = Cluster.up(options.name, progress=progress) if options.bare else _up_furnished(options.name, progress)
    progress(f"{cluster.name} is up; next: python -m lab shell --name {cluster.name}")
    return 0


def _build(_: argparse.Namespace) -> int:
    progress = Progress()
    _built(progress)
    binaries.versitygw(progress)
    progress("all is built; next: python -m lab up")
    return 0


def _demo(options: argparse.Namespace) -> int:
    from examples.sentiment import source  # noqa: PLC0415 -- as below
    from lab.demo import Demo  # noqa: PLC0415 -- as below

    progress = Progress()
    source.fetch(source.cache_folder())  # while there is a way to the internet: the lab's network has none
    cluster = _up_furnished(options.name, progress)
    demo = Demo(cluster, progress, spent={"lab": progress.seconds})
    demo.play()
    return 0


def _up_furnished(name: str, progress: Progress) -> Cluster:
    """Start a cluster with the lab's images and add-ons."""
    from lab import addons  # noqa: PLC0415 -- as below

    cluster = Cluster.up(name, images=_built(progress), progress=progress)
    addons.install(cluster, progress)
    return cluster


def _built(progress: Progress) -> Sequence[Image]:
    """Return the lab's images; compiling and image building go side by side."""
    # Only here, so that every other verb runs on a Python without the project's packages.
    from lab import images  # noqa: PLC0415

    with ThreadPoolExecutor() as pool:
        programs = pool.submit(binaries.ensure, progress)
        built = pool.submit(images.build_all, progress)
        programs.result()
        return built.result()


def _down(options: argparse.Namespace) -> int:
    if "LAB_NAME" in os.environ:
        raise LabError("this is a shell inside a lab", "leave it with ctrl-d, then: python -m lab down")
    progress = Progress()
    for name in clusters.names() if options.all else [options.name]:
        clusters.down(name)
        progress(f"{name} is down")
    return 0


def _status(_: argparse.Namespace) -> int:
    for name in clusters.names():
        state = State.of(name)
        if find_init(state) is None or not state.complete.exists():
            print(f"{name}: broken; next: python -m lab down --name {name}")
            continue
        cluster = Cluster.attach(name)
        parts = components(state, cluster.binaries)
        lost = [part for part in parts if not alive(cluster.namespaces, state, part)]
        print(f"{name}: up, {len(parts) - len(lost)} of {len(parts)} components run, logs in {state.logs}")
        for part in lost:
            print(f"  {part} does not run")
    return 0


def _kubeconfig(options: argparse.Namespace) -> int:
    print(Cluster.attach(options.name).kubeconfig)
    return 0


def _load(options: argparse.Namespace) -> int:
    cluster = Cluster.attach(options.name)
    for archive in options.archives:
        cluster.load_image(archive.resolve())
        print(f"{archive.name} is in {cluster.name}")
    if not options.archives:
        from lab import images  # noqa: PLC0415 - see _built

        progress = Progress()
        cluster.load_images(images.build_all(progress), progress)
    return 0


def _shell(options: argparse.Namespace) -> int:
    print("kubectl and helm are set up; leave with ctrl-d", file=sys.stderr)
    return _replace(options.name, ["bash", "--norc"])


def _exec(options: argparse.Namespace) -> int:
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not command:
        raise LabError("no command given", "python -m lab exec -- kubectl get nodes")
    return _replace(options.name, command)


def _replace(name: str, command: Sequence[str]) -> int:
    """Become `command` in the cluster, with this terminal and this folder."""
    cluster = Cluster.attach(name)
    argv = cluster.namespaces.argv(command, cwd=Path.cwd())
    environment = {**cluster.environment, "PS1": f"(lab {name}) \\w \\$ "}
    os.execvpe(argv[0], argv, environment)
