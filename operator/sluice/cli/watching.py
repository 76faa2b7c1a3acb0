"""`sluice watch`: the life of one candidate as it happens: redrawn on a terminal, appended line by line elsewhere."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from rich.console import Console
from rich.live import Live

from sluice.api.phase import Phase
from sluice.cli.news import Told, news
from sluice.cli.reader import Reader
from sluice.cli.screen import screen
from sluice.cli.view import View, viewed
from sluice.ports import NotFound, Unavailable


class Exit(IntEnum):
    """How the program ends."""

    PROMOTED = 0
    REFUSED = 1
    """Rejected or rolled back: the evidence spoke against the candidate."""
    ERROR = 2
    """No answer could be had: no cluster, no such object, wrong usage."""
    WITHDRAWN = 3
    """Aborted or superseded: people took it back."""
    FAILED = 4
    """It could not be judged."""
    TIMED_OUT = 5
    """It goes on, but `--timeout` is over."""


def exit_of(phase: Phase) -> Exit:
    """Return the exit code of a terminal phase."""
    match phase:
        case Phase.PROMOTED:
            return Exit.PROMOTED
        case Phase.REJECTED | Phase.ROLLED_BACK:
            return Exit.REFUSED
        case Phase.ABORTED | Phase.SUPERSEDED:
            return Exit.WITHDRAWN
        case _:
            return Exit.FAILED


@dataclass(frozen=True, kw_only=True)
class Watch:
    """Whom to watch, how often to look, and for how long (0: until the end)."""

    reader: Reader
    namespace: str
    name: str
    interval: float = 1.0
    timeout: float = 0.0


def watch(wanted: Watch, console: Console | None = None) -> Exit:
    """Show the candidate until its life is over, and return how it ended."""
    console = console or Console()
    if console.is_terminal:
        return _redraw(wanted, console)
    return _append(wanted, console)


def _append(wanted: Watch, console: Console) -> Exit:
    told, view, trouble = Told(), None, ""
    for look in _looks(wanted):
        if isinstance(look, View):
            view, trouble, said = look, "", list(news(look, told))
        else:
            said, trouble = [look] if look != trouble else [], look
        for text in said:
            console.print(text, markup=False, highlight=False, soft_wrap=True)
    return _ending(view)


def _redraw(wanted: Watch, console: Console) -> Exit:
    view = None
    with Live(console=console, auto_refresh=False, vertical_overflow="visible") as live:
        for look in _looks(wanted):
            if isinstance(look, View):
                view = look
            live.update(screen(view, "" if isinstance(look, View) else look), refresh=True)
    return _ending(view)


def _ending(view: View | None) -> Exit:
    return exit_of(view.status.phase) if view is not None and view.over else Exit.TIMED_OUT


def _looks(wanted: Watch) -> Iterator[View | str]:
    """Yield the candidate, look after look, and a sentence when there was no answer; end with its life or the time."""
    end = time.monotonic() + wanted.timeout if wanted.timeout else float("inf")
    uid = ""
    while True:
        try:
            view = viewed(wanted.reader.candidate(wanted.namespace, wanted.name))
        except Unavailable as error:
            yield str(error)
        else:
            if uid and view.uid != uid:
                raise NotFound(f"{wanted.name} was deleted and created anew: watch it again")
            uid = view.uid
            yield view
            if view.over:
                return
        if time.monotonic() >= end:
            return
        time.sleep(wanted.interval)
