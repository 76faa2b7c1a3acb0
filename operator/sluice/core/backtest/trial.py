"""One rollout on history: which pods play the candidate, how much of the traffic they get, and how it ends.

The candidate is played by as many pods as fit the step's weight; counts are thinned until the shares are right. Where
there is a single pod, its requests are dealt out one by one. Both are as a real split would be: which request goes
where has nothing to do with how it is answered.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sluice.api.live import Better, LiveMetric, Traffic
from sluice.core.analysis.pretend import ARMS, PretendedPod, counters_of, gains_of, named_as
from sluice.core.analysis.samples import Series
from sluice.core.analysis.signals import signal_of
from sluice.core.analysis.verdict import MetricVerdict
from sluice.core.backtest.chance import Dice, binomial, rounded
from sluice.core.backtest.chronicle import Chronicle
from sluice.core.rehearsal import Look, Outcome, Rehearsal

NEARLY_ALL = 1 - 1e-9
Cells = Sequence[int]
"""Requests of one arm's pod in one round, and the events of each channel."""


@dataclass(frozen=True, slots=True)
class Injection:
    """How the pretended candidate is made worse: by a factor, or by a share of its requests more."""

    factor: float = 1.0
    more: float = 0.0
    metric: str = ""
    """Which metric is; empty: all of them."""


@dataclass(frozen=True, slots=True)
class Trial:
    """How one pretended rollout ended."""

    began: float
    outcome: Outcome
    step: int
    seconds: float
    requests: float
    """Of the candidate, by the first metric, over all steps."""
    metrics: Mapping[str, MetricVerdict]
    """What was said last."""
    steps: tuple[float, ...]
    """Seconds that each step which was passed took."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What all trials share."""

    plan: Traffic
    chronicles: Sequence[Chronicle]
    injection: Injection | None = None
    share: float = 1.0
    """What part of the requests there is: to see what less traffic would mean."""


def try_out(setup: Setup, began: float, dice: Dice) -> Trial:
    """Roll out from a time on."""
    rehearsal = Rehearsal(setup.plan, ARMS, began)
    acts = [_Act(one, setup, dice, began) for one in setup.chronicles]
    said: Mapping[str, MetricVerdict] = {}
    requests, passed, now, outcome = 0.0, list[float](), began, None
    for now in _times(setup.chronicles, began):
        step, start = rehearsal.step, rehearsal.began
        weight = setup.plan.steps[step].weight / 100
        look = rehearsal.look({act.metric.name: act.until(now, weight) for act in acts}, now)
        said, outcome = look.metrics, rehearsal.follow(look)
        if outcome is not None or rehearsal.step != step:
            requests += _served(look)
            passed += [now - start] if outcome in {None, Outcome.PROMOTED} else []
        if outcome is not None:
            break
    return Trial(
        began=began,
        outcome=outcome or Outcome.UNFINISHED,
        step=rehearsal.step,
        seconds=now - began,
        requests=requests,
        metrics=said,
        steps=tuple(passed),
    )


def _served(look: Look) -> float:
    return next(iter(look.metrics.values())).step.candidate_requests


def _times(chronicles: Sequence[Chronicle], began: float) -> Iterator[float]:
    """Yield the ends of all rounds after a time, in order, each once."""
    places = [one.place(began) for one in chronicles]
    while True:
        ends = [one.ends[place] for one, place in zip(chronicles, places, strict=True) if place < len(one.ends)]
        if len(ends) < len(chronicles):
            return
        now = min(ends)
        places = [
            place + (place < len(one.ends) and one.ends[place] <= now)
            for one, place in zip(chronicles, places, strict=True)
        ]
        if now > began:
            yield now


@dataclass
class _Act:
    """One metric in a trial."""

    chronicle: Chronicle
    setup: Setup
    dice: Dice
    time: float
    """End of the last round."""
    _roles: dict[tuple[str, str], PretendedPod] = field(default_factory=dict)
    _series: tuple[Series, ...] = ()
    _weight: float = 0.0
    _served: tuple[float, float] = (0.0, 0.0)
    """Requests at this weight of the pods that play candidate and stable."""

    def __post_init__(self) -> None:
        self.metric: LiveMetric = self.chronicle.metric
        self._place = self.chronicle.place(self.time)
        self._label = signal_of(self.metric).arm_label
        names = sorted(self.chronicle.pods)
        self._order = {name: self.dice.random() for name in names}
        self._counters = counters_of(self.metric, self.chronicle.channels)

    def until(self, now: float, weight: float) -> Sequence[Series]:
        """Return what would be read now: the last round's counters."""
        ends = self.chronicle.ends
        while self._place < len(ends) and ends[self._place] <= now:
            self._round(self._place, weight)
            self._place += 1
        return self._series

    def _round(self, place: int, weight: float) -> None:
        rows = {name: row for name, pod in self.chronicle.pods.items() if (row := pod.row(place)) is not None}
        end = self.chronicle.ends[place]
        series: list[Series] = []
        counts = {
            name: thinned(self.dice, [round(cell) for cell in row], self.setup.share) for name, row in rows.items()
        }
        for (arm, name), cells in self._cast(counts, weight):
            role = self._roles.get((arm, name))
            if role is None or role.time < self.time:
                role = self._roles[arm, name] = self._begin(arm, name)
            requests, *events = self._worsened(cells) if arm == ARMS.candidate else cells
            series += role.scrape(end, gains_of(self.metric, requests, events))
        self._series, self.time = tuple(series), end

    def _begin(self, arm: str, name: str) -> PretendedPod:
        labels = [named_as(arm, self._label, name, one) for one in self._counters]
        return PretendedPod(labels, self.time)

    def _cast(self, rows: Mapping[str, Cells], weight: float) -> Iterator[tuple[tuple[str, str], Cells]]:
        """Yield who plays what, with the counts that are right for the weight."""
        if len(rows) == 1:
            ((name, cells),) = rows.items()
            mine = thinned(self.dice, cells, weight)
            yield (ARMS.candidate, name), mine
            yield (ARMS.stable, name), [all_of - some for all_of, some in zip(cells, mine, strict=True)]
            return
        names = sorted(rows, key=lambda name: self._order[name])
        players = max(1, min(len(names) - 1, round(weight * len(names))))
        arms = {name: ARMS.candidate if place < players else ARMS.stable for place, name in enumerate(names)}
        keep = self._kept(rows, arms, weight)
        for name, arm in arms.items():
            yield (arm, name), thinned(self.dice, rows[name], keep[arm])

    def _kept(self, rows: Mapping[str, Cells], arms: Mapping[str, str], weight: float) -> Mapping[str, float]:
        """Return what part of each arm's requests is kept, so that the candidate has its share of those kept."""
        if weight != self._weight:
            self._weight, self._served = weight, (0.0, 0.0)
        mine = self._served[0] + sum(cells[0] for name, cells in rows.items() if arms[name] == ARMS.candidate)
        theirs = self._served[1] + sum(cells[0] for name, cells in rows.items() if arms[name] == ARMS.stable)
        self._served = mine, theirs
        wanted = weight / (1 - weight) * theirs / mine if mine else 1.0
        return {ARMS.candidate: min(wanted, 1.0), ARMS.stable: min(1 / wanted, 1.0) if wanted else 1.0}

    def _worsened(self, cells: Cells) -> Cells:
        injection = self.setup.injection
        if injection is None or injection.metric not in {"", self.metric.name}:
            return cells
        return worsened(self.dice, cells, injection, self.metric.better)


def thinned(dice: Dice, cells: Cells, keep: float) -> Cells:
    """Return the counts of a random part of the requests. Events are nested: who misses a bound misses all below it."""
    if keep >= NEARLY_ALL:
        return cells
    kept, above = [], 0
    for more, fewer in zip(reversed(cells), (0, *reversed(cells[1:])), strict=True):
        above += binomial(dice, max(more - fewer, 0), keep)
        kept.append(above)
    return kept[::-1]


def worsened(dice: Dice, cells: Cells, injection: Injection, better: Better) -> Cells:
    """Return the counts of a candidate that is worse."""
    requests, *events = cells
    if better is Better.HIGHER:
        keep = max(1 / injection.factor - injection.more * requests / max(events[0], 1), 0.0)
        return thinned_events(dice, cells, keep)
    luck = dice.random()
    grown = (one * injection.factor + (requests - one) * injection.more for one in events)
    return [requests, *(min(requests, int(value + luck)) for value in grown)]


def thinned_events(dice: Dice, cells: Cells, keep: float) -> Cells:
    """Return the counts when only a part of the events happens."""
    requests, *events = cells
    return [requests, *(rounded(dice, one * keep) for one in events)]
