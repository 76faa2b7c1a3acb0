"""The cgroups of a cluster: one folder of its name under every cgroup v1 controller."""

from __future__ import annotations

import os
from pathlib import Path

from lab.system import LabError, wait_until

_ROOT = Path("/sys/fs/cgroup")
_SHARES = 4096
"""Four times a process of the machine: all pods together would otherwise get no more than one of them."""


def controllers(root: Path = _ROOT) -> list[Path]:
    """Return the mounted v1 controllers and the unified tree; links to them are left out."""
    return sorted(path for path in root.iterdir() if path.is_dir() and not path.is_symlink())


def create(name: str) -> None:
    """Create the cluster's cgroups, with all processors and memory nodes allowed."""
    if (_ROOT / "cgroup.controllers").exists():
        raise LabError("this machine has only cgroup v2", "boot it with systemd.unified_cgroup_hierarchy=0")
    for controller in controllers():
        if controller.name != "unified":  # runc makes its own there
            (controller / name).mkdir()
    for setting in ("cpuset.cpus", "cpuset.mems"):
        (_ROOT / "cpuset" / name / setting).write_text((_ROOT / "cpuset" / setting).read_text())
    (_ROOT / "cpu" / name / "cpu.shares").write_text(str(_SHARES))


def folders(name: str, root: Path = _ROOT) -> list[Path]:
    """Return every cgroup of the cluster, children before parents."""
    return [
        Path(folder) for controller in controllers(root) for folder, _, _ in os.walk(controller / name, topdown=False)
    ]


def processes(name: str) -> list[int]:
    """Return the processes in the cluster's cgroups: what runs in its pods."""
    return sorted({pid for folder in folders(name) for pid in _members(folder)})


def _members(folder: Path) -> list[int]:
    try:
        return [int(word) for word in (folder / "cgroup.procs").read_text().split()]
    except OSError:
        return []


def delete(name: str) -> None:
    """Remove the cluster's cgroups; its processes must have been killed."""
    wait_until(
        f"removal of the cgroups of {name}",
        lambda: _removed(name),
        seconds=15,
        next_step=f"see what runs in them: cat /sys/fs/cgroup/pids/{name}/cgroup.procs",
    )


def _removed(name: str) -> bool:
    left = 0
    for folder in folders(name):
        try:
            folder.rmdir()
        except OSError:
            left += 1
    return left == 0
