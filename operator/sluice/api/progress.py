"""How far an evaluation is: a line of its log, for whoever reads it, and for `sluice evaluate` to make a bar of it."""

import re
from dataclasses import dataclass

from typing_extensions import override

_LINE = re.compile(r"progress: (?P<what>[^:]{1,200})(?:: (?P<done>[0-9]{1,15}) of (?P<total>[0-9]{1,15}))?")


@dataclass(frozen=True)
class Step:
    """What is being done, and how many of how many are."""

    what: str
    """A part of the work (as in `timings` of the result), or `candidate on DATA SET`."""
    done: int = 0
    total: int = 0
    """0: nobody counts."""

    @override
    def __str__(self) -> str:
        counted = f": {self.done} of {self.total}" if self.total else ""
        return f"progress: {self.what.replace(':', ' ')}{counted}"


def read_step(line: str) -> Step | None:
    """Return the step that a line tells; None for any other line: models may print what they like."""
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    done, total = int(found["done"] or 0), int(found["total"] or 0)
    return Step(found["what"], min(done, total), total)
