"""Why a counter has no series at all: its histogram may be a native one, which has no `_bucket` and no `_count`."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from sluice.adapters.prometheus_portions import Answers, Portion
from sluice.core.analysis.signals import CounterSpec
from sluice.ports import CounterQuery, SluiceError

SUFFIXES = ("_bucket", "_count", "_sum")
EVERY_SECONDS = 60.0
WINDOW_SECONDS = 60
_MOST_REMEMBERED = 1000


@dataclass
class Natives:
    """Which empty answers are empty for that reason; found out by one query a minute for each counter."""

    clock: Callable[[], float]
    _asked: dict[CounterSpec, float] = field(default_factory=dict)
    _known: dict[CounterQuery, SluiceError] = field(default_factory=dict)

    def question(self, answers: Answers) -> Portion:
        """Return what to ask about the counters that have no series; nothing when that was asked a moment ago."""
        empty = [query for query, found in answers.items() if found == ()]
        due = [query for query in empty if query.spec.metric.endswith(SUFFIXES) and self._is_due(query.spec)]
        if due:
            self._asked[due[0].spec] = self.clock()
        return [_base(query) for query in due]

    def learn(self, found: Answers) -> None:
        """Take note of what came of the question."""
        if len(self._known) > _MOST_REMEMBERED or len(self._asked) > _MOST_REMEMBERED:
            self._known.clear()
            self._asked.clear()
        for base, answer in found.items():
            self._known.pop(base, None)
            if isinstance(answer, SluiceError) and answer.reason == "NativeHistogram":
                self._known[base] = answer

    def explain(self, answers: Answers) -> Answers:
        """Return the empty answers whose histogram is a native one."""
        empty = (query for query, found in answers.items() if found == ())
        return {query: self._known[_base(query)] for query in empty if _base(query) in self._known}

    def _is_due(self, spec: CounterSpec) -> bool:
        return self.clock() - self._asked.get(spec, -EVERY_SECONDS) >= EVERY_SECONDS


def _base(query: CounterQuery) -> CounterQuery:
    metric = query.spec.metric
    for suffix in SUFFIXES:
        metric = metric.removesuffix(suffix)
    return replace(query, spec=replace(query.spec, metric=metric), seconds=WINDOW_SECONDS)
