"""How a fault was answered: from the first sample that shows it to the traffic taken back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks import distribution

PARTS = ("readable to read", "read to written", "readable to written", "failing to written")


@dataclass(frozen=True)
class Answer:
    """Unix seconds of one rollback."""

    failing: float
    """The first failure."""
    readable: float
    """The samples from which it is a breach are in Prometheus."""
    told: float
    """They were answered to a query of the operator."""
    written: float
    """A watch shows the target without weight for the candidate."""

    @property
    def parts(self) -> tuple[float, ...]:
        """The seconds of each part, as in `PARTS`."""
        return (
            self.told - self.readable,
            self.written - self.told,
            self.written - self.readable,
            self.written - self.failing,
        )


def data_of(answers: Sequence[Answer]) -> dict[str, Any]:
    """Return the distributions for the JSON file; nothing of nothing."""
    if not answers:
        return {}
    columns = zip(*(one.parts for one in answers), strict=True)
    return {name: distribution.described(values) for name, values in zip(PARTS, columns, strict=True)}


def rows_of(count: int, data: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Yield the rows of one size."""
    for name, what in (("alone", "one by one"), ("at_once", "{} at once, each while the others are")):
        found = data[name]
        if not found:
            continue
        total = found[PARTS[0]]["n"]
        cells = [f"{found[part][rank]:.2f}" for part in PARTS for rank in ("p50", "p99")]
        yield f"{count:,} running, {what.format(total)}", str(total), *cells
