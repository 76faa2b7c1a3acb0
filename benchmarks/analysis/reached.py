"""What the issue of the live analysis set out to reach, next to what was measured last."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isnan
from typing import Any

from benchmarks import figures

RULE, ONE_START = "Sluice", "Sluice, one start"


@dataclass(frozen=True)
class Goal:
    """One thing to reach: smaller is better."""

    what: str
    measured: float
    most: float
    unit: str = ""
    digits: int = 2
    note: str = ""

    @property
    def verdict(self) -> str:
        """Say it plainly."""
        if isnan(self.measured):
            return "not measured"
        if self.measured <= self.most:
            return "reached"
        return f"missed by {self.measured - self.most:,.{self.digits}f}{self.unit}"

    @property
    def row(self) -> tuple[str, str, str, str]:
        """The cells of the table."""
        measured = f"{self.measured:,.{self.digits}f}{self.unit}{self.note}"
        return self.what, measured, f"≤ {self.most:g}{self.unit}", self.verdict


def goals(measured: Mapping[str, Any]) -> Iterator[Goal]:
    """Yield the goals of whatever was measured, by the name of the part."""
    if measured["quiet"]:
        yield from _quiet(measured["quiet"]["rules"])
    if measured["speed"]:
        yield from _speed(measured["speed"]["rules"])
    if measured["latency"]:
        one = measured["latency"]["rules"][RULE]["equal, one hour"]
        yield Goal("false rollback, latency", 100 * one["value"], 1.0, " %", 1, f" ± {100 * one['error']:.1f}")
    if measured["ramp"]:
        yield from _ramp(measured["ramp"]["rules"])
    if measured["cost"]:
        yield from _cost(measured["cost"])


def text(found: list[Goal]) -> str:
    """Return the table for the page."""
    head = ("", "measured", "to reach", "")
    return figures.table(head, [one.row for one in found])


def _quiet(rules: Mapping[str, Any]) -> Iterator[Goal]:
    for place, one in rules[RULE].items():
        yield Goal(f"false rollback, {place}", 100 * one["share"], 1.0, " %", 1, f" ± {100 * one['error']:.1f}")


def _speed(rules: Mapping[str, Any]) -> Iterator[Goal]:
    wanted = {ONE_START: (1.25, 1.3, 1.6), RULE: (1.4, 1.45, 1.8)}
    for name, limits in wanted.items():
        for fault, most in zip(("1.5 %", "2 %", "5 %"), limits, strict=True):
            one = rules[name][fault]
            yield Goal(f"exposure at {fault} errors ({name})", one["mean"], most, " times", 2, f" ± {one['error']:.2f}")
    late = {fault: one for fault, one in rules[RULE].items() if "from" in fault}
    for fault, one in late.items():
        what = f"exposure since the onset, {fault} ({RULE})"
        yield Goal(what, one["mean"], 800, " requests", 0, f" ± {one['error']:.0f}")


def _ramp(rules: Mapping[str, Any]) -> Iterator[Goal]:
    mine = rules[RULE]
    good, margin = mine["equal"], mine["at the margin, 1.25 times"]
    yield Goal("good candidate, 5 → 100 %", good["minutes"], 15, " min", 1, f" ({good['promoted']:.1%} promoted)")
    note = f" ± {100 * margin['promoted_error']:.1f}"
    yield Goal("truth at the margin, promoted", 100 * margin["promoted"], 5, " %", 1, note)
    for truth in ("spotless", "spotless, looser floors"):
        yield Goal(f"{truth}, 5 → 100 %", mine[truth]["minutes"], 7, " min", 1)


def _cost(cost: Mapping[str, Any]) -> Iterator[Goal]:
    thousand = cost["candidates"]["1000"]
    yield Goal("one tick, 1,000 candidates of 5 metrics", thousand["seconds"], 0.5, " s", 2)
    yield Goal("its memory", thousand["mib"], 100, " MiB", 0)
    yield Goal("growth with candidates (exponent)", cost["exponent"], 1.1, "", 2)
