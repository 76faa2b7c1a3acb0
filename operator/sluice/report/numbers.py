"""Bounds and limits of a gate as columns of a table: differences have a sign, units stand once."""

from dataclasses import dataclass
from decimal import Decimal

from sluice.api.evaluation_result import Estimate
from sluice.api.offline_metric import FACTS, OfflineMetric, Unit
from sluice.api.plan import Gate
from sluice.core.gates import wording
from sluice.core.gates.question import Span
from sluice.core.gates.wording import OfMetric

_POINTS = " points"


@dataclass(frozen=True, kw_only=True)
class Of:
    """A metric by itself, whose numbers are written."""

    metric: OfflineMetric


def is_share(gate: OfMetric) -> bool:
    """Return whether the metric is a share of items."""
    return FACTS[gate.metric].unit is Unit.SHARE


def span(gate: OfMetric, about: Estimate | Span, *, change: bool) -> str:
    """Return the bounds of a value, or of a difference, which has a sign."""
    if not change:
        return f"{wording.value(gate, about.lower)} … {wording.value(gate, about.upper)}"
    return f"{_signed(gate, about.lower).removesuffix(_POINTS)} … {_signed(gate, about.upper)}"


def limit(gate: Gate, bound: Decimal, *, change: bool) -> str:
    """Return a limit exactly as far as it was written."""
    unit = (_POINTS if change else " %") if is_share(gate) else ""
    return wording.limit(gate, bound) + unit


def _signed(gate: OfMetric, value: float) -> str:
    text = wording.difference(gate, value)
    return text if value < 0 else f"+{text}"
