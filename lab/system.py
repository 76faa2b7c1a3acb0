"""Running programs, waiting with a bound, and the one error of the lab: a message with the next step in it."""

from __future__ import annotations

import contextlib
import fcntl
import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

Completed = subprocess.CompletedProcess[str]
"""A finished program, output as text."""


class LabError(Exception):
    """Something the lab could not do: `message` says what, `next_step` what to try."""

    def __init__(self, message: str, next_step: str) -> None:
        super().__init__(f"{message}\n  next: {next_step}")
        self.message = message
        self.next_step = next_step


def run(
    argv: Sequence[str | Path],
    *,
    timeout: float = 60,
    stdin: str | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    check: bool = True,
) -> Completed:
    """Run a program to its end; with `check`, a failure becomes a LabError that quotes its last words."""
    words = [str(word) for word in argv]
    try:
        done = subprocess.run(
            words, input=stdin, env=env, cwd=cwd, timeout=timeout, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise LabError(f"{words[0]} is not installed", "run lab/bootstrap.sh as root") from error
    except subprocess.TimeoutExpired as error:
        raise LabError(f"no end within {timeout:.0f} s: {_line(words)}", "look at the machine's load") from error
    if check and done.returncode != 0:
        raise LabError(f"{_line(words)} failed ({done.returncode}): {_last_words(done)}", "see the message above")
    return done


def _line(words: Sequence[str]) -> str:
    text = " ".join(words)
    return text if len(text) <= 300 else text[:297] + "…"  # noqa: PLR2004


def _last_words(done: Completed) -> str:
    return (done.stderr.strip() or done.stdout.strip())[-1500:] or "no output"


def wait_until(what: str, probe: Callable[[], bool], *, seconds: float, next_step: str, pause: float = 0.1) -> None:
    """Poll `probe` until it is true; after `seconds` say that `what` did not happen."""
    deadline = time.monotonic() + seconds
    while not probe():
        if time.monotonic() > deadline:
            raise LabError(f"{what}: not within {seconds:.0f} s", next_step)
        time.sleep(pause)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive file lock, so that two runs at once take turns; the kernel frees it at a crash."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"waiting for another run, which holds {path}", file=sys.stderr, flush=True)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


class Progress:
    """Prints one line a step, each with the seconds since the start."""

    def __init__(self, write: Callable[[str], None] | None = None) -> None:
        self._start = time.monotonic()
        self._write = write or _print_line

    @property
    def seconds(self) -> float:
        """Seconds since this progress began."""
        return time.monotonic() - self._start

    def __call__(self, text: str) -> None:
        """Print one step."""
        self._write(f"[{self.seconds:6.1f} s] {text}")


def _print_line(text: str) -> None:
    print(text, flush=True)
