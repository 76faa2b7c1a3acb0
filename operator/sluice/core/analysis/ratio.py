"""Two counters of a team's own: events over the opportunities for one."""

from collections.abc import Mapping
from dataclasses import dataclass

from sluice.core.analysis.counter_spec import CounterSpec

EVENTS, OTHERS = "events", "others"


@dataclass(frozen=True, slots=True)
class Ratio:
    """Events and opportunities, whichever way is the better."""

    numerator: CounterSpec
    denominator: CounterSpec
    arm_label: str = "predictor_name"

    @property
    def counters(self) -> tuple[CounterSpec, ...]:
        """Return both counters, or where the events are a part of the opportunities' own counter, that one."""
        return (self.denominator,) if self._nested else (self.numerator, self.denominator)

    def counter(self, labels: Mapping[str, str]) -> str | None:
        """Return which of the two a series belongs to; an event, where it is both."""
        if _fits(self.numerator, labels):
            return EVENTS
        return OTHERS if _fits(self.denominator, labels) else None

    def tally(self, increase: Mapping[str, float]) -> Mapping[str, tuple[float, float]]:
        """Return opportunities and events. Events that never appeared beside opportunities are none."""
        events = increase.get(EVENTS, 0.0)
        if self._nested:
            return {"": (events + increase.get(OTHERS, 0.0), events)}
        return {"": (increase[OTHERS], events)} if OTHERS in increase else {}

    def phrase(self, channel: str) -> str:  # noqa: ARG002 -- there is one
        """Return what became of an opportunity that counts."""
        return "had the event"

    @property
    def _nested(self) -> bool:
        return self.numerator.metric == self.denominator.metric


def _fits(spec: CounterSpec, labels: Mapping[str, str]) -> bool:
    return labels.get("__name__") == spec.metric and all(labels.get(name) == value for name, value in spec.labels)
