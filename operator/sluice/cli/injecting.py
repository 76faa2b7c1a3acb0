"""`--inject`: how the pretended candidate is made worse."""

import re
from collections.abc import Sequence

from sluice.api.live import Traffic
from sluice.core.backtest.chronicle import Chronicle
from sluice.core.backtest.trial import Injection
from sluice.core.timeline import printable
from sluice.ports import Rejected

_FACTOR = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,6})?)x")
_MORE = re.compile(r"\+([0-9]{1,3}(?:\.[0-9]{1,6})?)%")
_MOST = 1000.0


def injection_of(text: str, plan: Traffic) -> Injection | None:
    """Return what is meant: 2x or +0.5%, of all metrics or METRIC=2x; None for an empty text. Raises Rejected."""
    if not text:
        return None
    metric, _, amount = text.rpartition("=")
    names = [one.name for one in plan.metrics]
    if metric and metric not in names:
        raise Rejected(f"--inject: the plan has no live metric {printable(metric)!r}: use one of {', '.join(names)}")
    factor, more = _FACTOR.fullmatch(amount), _MORE.fullmatch(amount)
    if factor is not None and 1 < float(factor[1]) <= _MOST:
        return Injection(factor=float(factor[1]), metric=metric)
    if more is not None and 0 < float(more[1]) <= 100:  # noqa: PLR2004 -- percent
        return Injection(more=float(more[1]) / 100, metric=metric)
    raise Rejected(f"--inject: {printable(amount)!r} makes nothing worse: say 2x, or +0.5% (of all requests)")


def check_effect(injection: Injection | None, found: Sequence[Chronicle]) -> None:
    """Raise Rejected when a factor has nothing to multiply."""
    if injection is None or injection.more:
        return
    rates = [one.rate() for one in found if injection.metric in {"", one.metric.name}]
    if not any(rates):
        raise Rejected(f"--inject: {injection.factor:g}x of no events is none: say +0.5% for 0.5 points more")
