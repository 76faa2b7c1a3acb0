"""The part of a gate that compares with the champion: its limits, and what the API refuses about them."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Final, Self

from pydantic import model_validator

from sluice.api.live import Better
from sluice.api.offline_metric import BOUNDED, FACTS, GateParams, OfflineMetric, better, those
from sluice.api.schema import DecimalString, Flag, Model, decimal

_NO_LIMIT = "set at least one of maxDrop, maxRise, minGain and maxGain"
_GAINS = "minGain must be below maxGain"


class VsChampion(Model):
    """Rules on the difference candidate minus champion, on the same items; all that are set must hold.

    A gain is a change for the better: a rise where higher is better, a drop where lower is better.
    """

    max_drop: DecimalString | None = None
    """How much lower than the champion's the metric may be: no worse, for metrics where higher is better."""
    max_rise: DecimalString | None = None
    """How much higher than the champion's the metric may be: no worse, for metrics where lower is better."""
    min_gain: DecimalString | None = None
    """How much better than the champion the candidate must be at least."""
    max_gain: DecimalString | None = None
    """A greater gain is too good to be true: the alarm for items that leaked into the training data."""
    relative: Flag = False
    """Whether the limits are parts of the champion's value: with it, "0.1" is a tenth of what the champion has."""

    CEL: ClassVar = (
        ("has(self.maxDrop) || has(self.maxRise) || has(self.minGain) || has(self.maxGain)", _NO_LIMIT),
        ("!has(self.minGain) || !has(self.maxGain) || double(self.minGain) < double(self.maxGain)", _GAINS),
    )

    @model_validator(mode="after")
    def _has_limits_that_fit(self) -> Self:
        if not self.limits():
            raise ValueError(_NO_LIMIT)
        if self.min_gain and self.max_gain and decimal(self.min_gain) >= decimal(self.max_gain):
            raise ValueError(_GAINS)
        return self

    def limits(self) -> Mapping[str, str]:
        """Return the limits that are set, by their names in YAML."""
        return self.model_dump(by_alias=True, exclude_none=True, exclude={"relative"})


_LIMITS: Final = ("maxDrop", "maxRise", "minGain", "maxGain")
_DIAGONAL: Final = (
    "(has(self.params.actual) && has(self.params.predicted) && self.params.actual == self.params.predicted)"
)
"""A cell of right answers: more of it is better."""
_DROP: Final = (
    "vsChampion.maxDrop is for metrics where higher is better: use maxRise for this one, of which less is better"
)
_RISE: Final = (
    "vsChampion.maxRise is for metrics where lower is better: use maxDrop for this one, of which more is better"
)
_OF_CHANGE: Final = (
    f"{', '.join(those(lambda facts: facts.of_change))}: such a metric compares with the champion by itself, "
    "use max or min instead of vsChampion"
)
_OF_DATA: Final = (
    f"{', '.join(those(lambda facts: facts.of_data))}: no model has a part in it, use max without vsChampion"
)
_TOO_GREAT: Final = "limits on shares and scores are at most 1: write 0.02 for 2 points, 0.9 for 90 %"


def _rules() -> Iterator[tuple[str, str]]:
    higher, lower = (
        those(lambda facts: facts.better is Better.HIGHER),
        those(lambda facts: facts.better is Better.LOWER),
    )
    compared, drop, rise = (f"!has(self.vsChampion{part})" for part in ("", ".maxDrop", ".maxRise"))
    yield f"{compared} || !(self.metric in {those(lambda facts: facts.of_change)})", _OF_CHANGE
    yield f"{compared} || !(self.metric in {those(lambda facts: facts.of_data)})", _OF_DATA
    yield f"{compared} || {drop} || self.metric in {higher} || {_DIAGONAL}", _DROP
    yield f"{compared} || {rise} || (self.metric in {lower} && !{_DIAGONAL})", _RISE
    unbounded = f"self.metric in {those(lambda facts: facts.unit not in BOUNDED)}"
    for limit in ("min", "max"):
        yield f"{unbounded} || !has(self.{limit}) || double(self.{limit}) <= 1.0", _TOO_GREAT
    for limit in _LIMITS:
        field = f"self.vsChampion.{limit}"
        small = f"!has({field}) || double({field}) <= 1.0"
        yield f"{unbounded} || {compared} || self.vsChampion.relative || {small}", _TOO_GREAT


LIMIT_RULES: Final = tuple(_rules())
"""The rules of the CRD on the limits of a gate: they fit the metric's direction and unit."""


def limits_problem(metric: OfflineMetric, params: GateParams, absolute: list[str], versus: VsChampion | None) -> str:
    """Return what is wrong with the limits of a gate; empty when nothing is."""
    if versus is not None and FACTS[metric].of_change:
        return _OF_CHANGE
    if versus is not None and FACTS[metric].of_data:
        return _OF_DATA
    wrong, message = ("maxDrop", _DROP) if better(metric, params) is Better.LOWER else ("maxRise", _RISE)
    differences = {} if versus is None else versus.limits()
    if wrong in differences:
        return message
    bounded = [*absolute, *([] if versus is None or versus.relative else differences.values())]
    too_great = any(decimal(limit) > 1 for limit in bounded)
    return _TOO_GREAT if too_great and FACTS[metric].unit in BOUNDED else ""
