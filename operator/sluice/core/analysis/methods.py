"""Ways to turn rounds into evidence that the candidate is worse. One method a file; a new one is added to `METHODS`."""

from collections.abc import Mapping
from typing import Protocol

from sluice.core.analysis.counts import Counts
from sluice.core.analysis.grid import Grid


class Method(Protocol):
    """An e-process over rounds: its wealth is a fixed number of logarithms, its null "ratio ≤ null_ratio"."""

    def start(self) -> tuple[float, ...]:
        """Return the wealth before the first round."""

    def extend(self, wealth: tuple[float, ...], counts: Counts, null_ratio: float) -> tuple[float, ...]:
        """Return the wealth after one more round."""

    def log_evidence(self, wealth: tuple[float, ...]) -> float:
        """Return ln E: under the null its expectation (of E) never exceeds 1, whenever one looks."""


METHODS: Mapping[str, Method] = {"Counts": Grid()}
