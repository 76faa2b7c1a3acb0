"""Seconds by part of the work, and a word on how far it is: in the log, now and then."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from sluice.api.progress import Step

Told: TypeAlias = Callable[[int], None]
"""Is told how many more are done."""
_PAUSE = 1.0
_PERCENT = 100
"""A part says how far it is at most once a second, and at most so often."""


def nobody(more: int) -> None:
    """Listen to nothing."""
    del more


def log(step: Step) -> None:
    """Write a step to the log."""
    sys.stderr.write(f"{step}\n")
    sys.stderr.flush()


@dataclass
class Stopwatch:
    """Seconds by part of the work."""

    seconds: dict[str, float] = field(default_factory=dict)
    say: Callable[[Step], None] = log
    clock: Callable[[], float] = time.monotonic

    @contextmanager
    def time(self, part: str) -> Iterator[None]:
        """Add the time inside to a part."""
        self.say(Step(part))
        start = self.clock()
        yield
        self.seconds[part] = round(self.seconds.get(part, 0.0) + self.clock() - start, 3)

    def counter(self, what: str, total: int) -> Told:
        """Return what is told how many more of a total are done, and says so: at first, at last, and now and then."""
        done, said, last = 0, 0, self.clock()
        self.say(Step(what, 0, total))

        def more(some: int) -> None:
            nonlocal done, said, last
            done += some
            if done < total and ((done - said) * _PERCENT < total or self.clock() - last < _PAUSE):
                return
            said, last = done, self.clock()
            self.say(Step(what, done, total))

        return more
