"""How far work has come, on standard error: bars and spinners where that is a terminal, else lines or silence."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from sluice.core.timeline import printable


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


@contextmanager
def spinner(what: str) -> Iterator[None]:
    """Say what goes on, and show on a terminal that it does and for how long."""
    say(what)
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        progress.add_task("", total=None)
        yield


def say(what: str) -> None:
    """Say on standard error what goes on."""
    Console(stderr=True, soft_wrap=True).print(printable(what), style="dim", markup=False, highlight=False)
