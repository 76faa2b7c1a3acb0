"""A process of its own for a suite: bounded in time, with a folder of its own, and without this one's credentials."""

import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import IO

from sluice.evaluation.failure import EvaluationFailure

KEPT = frozenset({"PATH", "PYTHONPATH", "PYTHONWARNINGS", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "VIRTUAL_ENV"})
"""What a suite sees of the environment: no address and no credential of the registry is in it."""
_THREADS = "_NUM_THREADS"
_QUIET = {
    "GX_ANALYTICS_ENABLED": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}
_TAIL = 64
"""So many blocks of output are kept: the last ones."""
_BLOCK = 1 << 12
_GRACE = 5.0


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a child ended: `code` is None when its time was over."""

    code: int | None
    output: str

    @property
    def how(self) -> str:
        """The end in words."""
        if self.code is None:
            return "its time was over"
        if self.code >= 0:
            return f"exit code {self.code}"
        name = signal.Signals(-self.code).name
        return f"{name}: out of memory?" if -self.code == signal.SIGKILL else name


def run(arguments: Sequence[str], folder: Path, seconds: float) -> Ended:
    """Run Python with these arguments in a folder; afterwards nothing of it is left running."""
    scratch = folder.parent / f"{folder.name}.tmp"
    scratch.mkdir()
    try:
        child = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=folder,
            env=_environment(os.environ, scratch),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        raise EvaluationFailure("SuiteNotStarted", f"a suite's process did not start ({error.strerror})") from error
    tail: deque[bytes] = deque(maxlen=_TAIL)
    reader = Thread(target=_read, args=(child.stdout, tail), daemon=True)
    reader.start()
    try:
        code: int | None = child.wait(seconds)
    except subprocess.TimeoutExpired:
        code = None
    finally:
        _end(child)
    reader.join(_GRACE)
    output = b"".join(tuple(tail)).decode(errors="replace")
    sys.stderr.write(output)
    return Ended(code=code, output=output)


def _environment(known: Mapping[str, str], scratch: Path) -> dict[str, str]:
    kept = {name: value for name, value in known.items() if name in KEPT or name.endswith(_THREADS)}
    return {**kept, **_QUIET, **dict.fromkeys(("HOME", "TMPDIR", "MPLCONFIGDIR"), str(scratch))}


def _read(source: IO[bytes] | None, tail: deque[bytes]) -> None:
    """Keep the end of the output, until nobody is left that could write more."""
    if source is None:
        return
    with source:
        while block := os.read(source.fileno(), _BLOCK):
            tail.append(block)


def _end(child: subprocess.Popen[bytes]) -> None:
    """Kill the child and all that it started in its session, and wait for it."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
