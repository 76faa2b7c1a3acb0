"""A plan's steps without a cluster: what the engine says at each look, and which step or end follows.

Used to replay recorded samples and to try a plan on history. The rules are those of a rollout; what only a cluster
can do (weights that take time to apply, pods that become ready) happens at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sluice.api.live import Traffic
from sluice.api.verdict import UNSEEN, Verdict
from sluice.core.analysis.panel import look
from sluice.core.analysis.rules import contexts_of, step_of
from sluice.core.analysis.samples import Arms, Series
from sluice.core.analysis.state import State
from sluice.core.analysis.verdict import MetricVerdict
from sluice.core.without_verdict import Answer, OpenStep, answer

Samples = Mapping[str, Sequence[Series]]
"""By the live metric's name."""


class Outcome(StrEnum):
    """How a rehearsed rollout ended."""

    PROMOTED = "Promoted"
    """Every step passed."""
    BREACHED = "Breached"
    """The evidence spoke against the candidate."""
    TAKEN_BACK = "TakenBack"
    """The plan takes back what has no verdict, or no data, in time."""
    UNDECIDED = "Undecided"
    """A step had no verdict in its time: a person would have to decide."""
    UNFINISHED = "Unfinished"
    """The samples ended first."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the engine said at one moment."""

    now: float
    step: int
    verdict: Verdict
    metrics: Mapping[str, MetricVerdict]


@dataclass
class Rehearsal:
    """One rollout. `look` judges the step in force, `follow` takes the consequence."""

    plan: Traffic
    arms: Arms
    began: float
    """When the step in force began."""
    step: int = 0
    states: dict[str, State] = field(default_factory=dict)
    _before: float = 0.0
    _unseen: float = 0.0
    """Seconds of the step without data: its time stands still."""
    _blind: float = 0.0
    """Seconds without data until now, without a break."""

    def __post_init__(self) -> None:
        self._before = self.began

    def look(self, samples: Samples, now: float) -> Look:
        """Take in samples and return what they mean."""
        step = step_of(self.plan.steps[self.step], self.step, self.began)
        panel = look(self.states, samples, contexts_of(self.plan, step, self.arms, now))
        self.states = dict(panel.states)
        self._count_unseen(panel.verdict, now)
        return Look(now, self.step, panel.verdict, panel.verdicts)

    def follow(self, look: Look) -> Outcome | None:
        """Go on to the next step when this one passed; return how it ended, None while it goes on."""
        if look.verdict is Verdict.FAIL:
            return Outcome.BREACHED
        if look.verdict is Verdict.PASS:
            return self._next(look.now)
        return self._undecided(look)

    def enter(self, step: int, began: float) -> None:
        """Put a step in force, as a rollout that was recorded did."""
        self.step, self.began = step, began
        self._unseen = self._blind = 0.0

    def _next(self, now: float) -> Outcome | None:
        if self.step + 1 == len(self.plan.steps):
            return Outcome.PROMOTED
        self.enter(self.step + 1, now)
        return None

    def _undecided(self, look: Look) -> Outcome | None:
        spent = look.now - self.began - self._unseen
        step = OpenStep(
            index=self.step,
            seconds=spent,
            judged_seconds=spent,
            blind_seconds=self._blind,
            unseen=look.verdict in UNSEEN,
            verdicts=look.metrics,
        )
        match answer(self.plan, step):
            case Answer.RETURN | Answer.RETURN_BLIND:
                return Outcome.TAKEN_BACK
            case Answer.ADVANCE:
                return self._next(look.now)
            case Answer.HOLD:
                return Outcome.UNDECIDED
            case _:
                return None

    def _count_unseen(self, verdict: Verdict, now: float) -> None:
        passed, self._before = now - self._before, now
        blind = verdict in UNSEEN
        self._blind = self._blind + passed if blind else 0.0
        self._unseen += passed if blind else 0.0
