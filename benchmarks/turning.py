"""Candidates that turn bad in the stub Prometheus: from when on, when that can be read, and when it was first told.

The counter of failures jumps so far that the first round with a bad sample is a breach, whatever was before.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf

FAILURES = 1000
"""What the failure counter gains at once."""
STABLE = "main"

NextScrape = Callable[[float, str], float]
"""The time of a pod's ("namespace/target/predictor") first scrape at or after a moment."""


def readable(since: float, target: str, predictor: str, scrape: NextScrape) -> float:
    """Return when the breach can be read: the candidate's first bad scrape, and the stable arm's that covers it."""
    return scrape(scrape(since, f"{target}/{predictor}"), f"{target}/{STABLE}")


@dataclass
class Turned:
    """By "namespace/target": the time of the fault, and of the first answer from which it is a breach."""

    predictors: Mapping[str, str]
    scrape: NextScrape
    since: dict[str, float] = field(default_factory=dict)
    told: dict[str, float] = field(default_factory=dict)

    def jump(self, target: str, predictor: str) -> tuple[float, int]:
        """Return when a predictor's failure counter jumps, and by how much."""
        return self.since.get(target, inf) if predictor != STABLE else inf, FAILURES

    def answered(self, target: str, at: float) -> None:
        """Take note that a target's samples up to `at` are being told."""
        since = self.since.get(target)
        if since is None or target in self.told:
            return
        if readable(since, target, self.predictors[target], self.scrape) <= at:
            self.told[target] = time.time()
