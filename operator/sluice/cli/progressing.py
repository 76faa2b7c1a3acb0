"""A progress bar on standard error, where that is a terminal; silence elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

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
