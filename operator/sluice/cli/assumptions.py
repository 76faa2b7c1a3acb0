"""What a person expects of the traffic: requests a second and baseline rates, for all metrics or by metric."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from sluice.api.live import Traffic
from sluice.core.analysis.planning import Rates
from sluice.core.timeline import printable
from sluice.ports import Rejected

REQUESTS_PER_SECOND, BASELINE = 10.0, 0.01
"""What is assumed when nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class _Option:
    name: str
    default: float
    allowed: str
    least: float
    below: float

    def number(self, text: str) -> float:
        """Return a value that makes sense. Raises Rejected."""
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not isfinite(value) or not self.least <= value < self.below:
            raise Rejected(f"{self.name}: {printable(text)!r} is not {self.allowed}")
        return value


_RPS = _Option("--rps", REQUESTS_PER_SECOND, "a number of requests a second from 0.001 up to 10,000,000", 0.001, 1e7)
_BASE = _Option("--baseline", BASELINE, "a share of requests from 0 to below 1: for 1 % say 0.01", 0.0, 1.0)


def rates_by_metric(plan: Traffic, rps: Sequence[str], baseline: Sequence[str]) -> Mapping[str, Rates]:
    """Return what is expected of each metric; each option is N for all, or METRIC=N. Raises Rejected."""
    names = [metric.name for metric in plan.metrics]
    requests, rates = (_by_name(option, given, names) for option, given in ((_RPS, rps), (_BASE, baseline)))
    return {name: Rates(requests[name], rates[name]) for name in names}


def _by_name(option: _Option, given: Sequence[str], names: Sequence[str]) -> Mapping[str, float]:
    values = dict.fromkeys(names, option.default)
    for text in sorted(given, key=lambda one: "=" in one):
        name, _, number = text.rpartition("=")
        if name and name not in values:
            raise Rejected(
                f"{option.name}: the plan has no live metric {printable(name)!r}: use one of {', '.join(names)}"
            )
        values |= dict.fromkeys([name] if name else names, option.number(number))
    return values
