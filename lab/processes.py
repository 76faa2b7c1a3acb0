"""Process 1 of a cluster and the programs under it: start, look, stop, and kill all."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lab import cgroups, network
from lab.paths import LAB, State
from lab.system import LabError, run, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lab.components import Component

_CLEAN_ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}
_DETACH = 'log=$1; shift; exec setsid --fork "$@" >>"$log" 2>&1 </dev/null'
_START = 'log=$1 pid=$2; shift 2; exec >>"$log" 2>&1 </dev/null; echo $$ >"$pid"; exec "$@"'
_LOG_LINES = 8


@dataclass(frozen=True)
class Namespaces:
    """The namespaces that hang on a cluster's process 1, by its process id on the machine."""

    init: int

    def argv(self, command: Sequence[str | Path], cwd: Path = Path("/")) -> list[str]:
        """Return the command line that runs `command` in the cluster's network, mounts and processes."""
        return ["nsenter", "-t", str(self.init), "-n", "-m", "-p", "--", "env", "-C", str(cwd), *map(str, command)]


def start_init(state: State, name: str) -> Namespaces:
    """Start process 1 with new mount and PID namespaces in the cluster's network."""
    enter = ["nsenter", f"--net={network.namespace_file(name)}"]
    unshare = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc"]
    log = state.logs / "init.log"
    script: list[str | Path] = ["bash", LAB / "init.sh", state.root, name]
    run(["sh", "-c", _DETACH, "detach", log, *enter, *unshare, *script], env=_CLEAN_ENVIRONMENT)
    ready = state.root / "run" / "init"
    wait_until("start of process 1", ready.exists, seconds=20, next_step=f"read {log}", pause=0.03)
    found = find_init(state)
    if found is None:
        raise LabError("process 1 ended at once", f"read {log}")
    return Namespaces(found)


def find_init(state: State) -> int | None:
    """Return the id of the cluster's process 1 on the machine, or None if it does not run."""
    return next((pid for pid in _init_family(state) if _id_inside(pid) == 1), None)


def _init_family(state: State) -> list[int]:
    """Return process 1 and the two programs that wait for its end."""
    numbers = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [pid for pid in numbers if _is_init(_command_line(pid), state)]


def _is_init(words: list[str], state: State) -> bool:
    return len(words) > 3 and words[-3].endswith("/init.sh") and words[-2] == str(state.root)  # noqa: PLR2004


def _command_line(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").rstrip("\0").split("\0")
    except OSError:
        return []


def _id_inside(pid: int) -> int:
    """Return the process's id in its innermost PID namespace, or 0 if it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[-1]) for line in lines if line.startswith("NSpid:")), 0)


def start(namespaces: Namespaces, state: State, component: Component) -> None:
    """Start a component under process 1; its output goes to its log."""
    pid_file = state.pids / component.name
    pid_file.unlink(missing_ok=True)
    detached: list[str | Path] = [
        "setsid",
        "--fork",
        "sh",
        "-c",
        _START,
        "start",
        _log(state, component.name),
        pid_file,
    ]
    run(namespaces.argv([*detached, *component.argv]), env=_CLEAN_ENVIRONMENT)
    wait_until(f"start of {component.name}", lambda: _id(state, component.name) > 0, seconds=20, next_step="try again")


def _log(state: State, name: str) -> Path:
    return state.logs / f"{name}.log"


def _id(state: State, name: str) -> int:
    file = state.pids / name
    return int(file.read_text().strip() or 0) if file.exists() else 0


def alive(namespaces: Namespaces, state: State, name: str) -> bool:
    """Whether the component runs."""
    return _id(state, name) > 0 and _signal(namespaces, state, name, "0")


def kill(namespaces: Namespaces, state: State, name: str) -> None:
    """Kill a component and wait until it is gone; one that does not run is fine."""
    if _id(state, name) == 0:
        return
    _signal(namespaces, state, name, "KILL")
    wait_until(f"end of {name}", lambda: not alive(namespaces, state, name), seconds=20, next_step="try again")
    (state.pids / name).unlink()


def _signal(namespaces: Namespaces, state: State, name: str, number: str) -> bool:
    argv = ["sh", "-c", f"kill -{number} {_id(state, name)}"]
    return run(namespaces.argv(argv), check=False).returncode == 0


def wait_ready(
    namespaces: Namespaces, state: State, name: str, probe: Callable[[], bool], *, seconds: float = 60
) -> None:
    """Wait until `probe` says that the component is ready; if it has died, say so with its last words."""

    def probe_while_alive() -> bool:
        if probe():
            return True
        if not alive(namespaces, state, name):
            raise LabError(f"{name} has ended:\n{last_lines(state, name)}", f"read {_log(state, name)}")
        return False

    wait_until(f"{name} ready", probe_while_alive, seconds=seconds, next_step=f"read {_log(state, name)}")


def last_lines(state: State, name: str) -> str:
    """Return the end of a component's log."""
    log = _log(state, name)
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join(f"    {line[:300]}" for line in lines[-_LOG_LINES:])


def kill_all(state: State, name: str) -> None:
    """Kill every process of the cluster, however it was left behind."""
    wait_until(
        f"end of the processes of {name}",
        lambda: not _killed(state, name),
        seconds=30,
        next_step=f"see what lives on: ip netns pids {name}",
    )


def _killed(state: State, name: str) -> list[int]:
    """Kill what is there now and return it."""
    ours = {*_init_family(state), *network.processes(name), *cgroups.processes(name)}
    doomed = sorted(ours - _ancestors())
    for pid in doomed:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return doomed


def _ancestors() -> set[int]:
    """Return this process and those above it: `down` may be typed in the cluster's own shell."""
    pid, above = os.getpid(), set[int]()
    while pid > 0:
        above.add(pid)
        stat = Path(f"/proc/{pid}/stat").read_text()
        pid = int(stat.rpartition(")")[2].split()[1])
    return above
