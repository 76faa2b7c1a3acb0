"""How far work has come, on standard error: bars where that is a terminal, else lines or silence."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from sluice.api.progress import Step
from sluice.core.timeline import printable

_PAUSE = 10.0
"""Lines about steps come at most so often, in seconds."""


class Bar:
    """One task's bar."""

    def __init__(self, progress: Progress, what: str, total: float) -> None:
        self._progress, self._task = progress, progress.add_task(printable(what), total=total)

    def advance(self, by: float = 1.0) -> None:
        """Move on by a part of the total."""
        self._progress.advance(self._task, by)


@contextmanager
def bar(what: str, total: float) -> Iterator[Bar]:
    """Show how far a task has come, until it ends."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield Bar(progress, what, total)


class Steps:
    """Work in steps: a bar for the one that is being done, or a line now and then where nobody could see a bar."""

    def __init__(self, progress: Progress, clock: Callable[[], float]) -> None:
        self._progress, self._clock, self._said = progress, clock, clock()
        self._what, self._task = "", TaskID(0)

    def show(self, step: Step) -> None:
        """Show where the work is."""
        if self._progress.disable:
            self._tell(step)
            return
        total = step.total or None  # of a step that nobody counts the bar only moves
        if step.what == self._what:
            self._progress.update(self._task, completed=step.done, total=total, refresh=True)
            return
        if self._what:
            self._progress.remove_task(self._task)
        self._what = step.what
        self._task = self._progress.add_task(printable(step.what), total=total, completed=step.done)

    def _tell(self, step: Step) -> None:
        if self._clock() - self._said < _PAUSE:
            return
        self._said = self._clock()
        say(f"{step.what}: {step.done:,} of {step.total:,}" if step.total else step.what)


@contextmanager
def steps(what: str, clock: Callable[[], float] = time.monotonic) -> Iterator[Steps]:
    """Say what goes on, and show step by step how far it is."""
    say(what)
    console = Console(stderr=True)
    shown = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(
        SpinnerColumn(), *shown, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        found = Steps(progress, clock)
        found.show(Step("start"))
        yield found


def say(what: str) -> None:
    """Say on standard error what goes on."""
    Console(stderr=True, soft_wrap=True).print(printable(what), style="dim", markup=False, highlight=False)
