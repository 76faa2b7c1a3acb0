"""One pass over a candidate in the making: the next status grows by small named moves and ends as a Plan."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sluice.api.candidate import HISTORY_LIMIT, HistoryEntry, ModelCandidateStatus, TrafficStatus
from sluice.api.conditions import Condition, ConditionType, Reason, drop, find, put
from sluice.api.phase import NEXT, TERMINAL, Phase
from sluice.core.observed import Observed
from sluice.core.plan import Action, Plan
from sluice.core.target import Problem

MESSAGE_LIMIT = 1024


def timestamp(moment: datetime) -> str:
    """Return RFC 3339 in UTC with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(text: str) -> datetime:
    """Return the time that `timestamp` (or the API server) wrote."""
    return datetime.fromisoformat(text)


def clip(text: str) -> str:
    """Return `text` bounded to what a condition's message may hold."""
    return text if len(text) <= MESSAGE_LIMIT else text[: MESSAGE_LIMIT - 1] + "…"


@dataclass(frozen=True)
class Turn:
    """A pass: what was observed, the status so far, what to do and what to tell."""

    observed: Observed
    status: ModelCandidateStatus
    actions: tuple[Action, ...] = ()
    news: tuple[HistoryEntry, ...] = ()

    @classmethod
    def start(cls, observed: Observed) -> "Turn":
        """Begin with the status as it was read."""
        generation = observed.candidate.generation
        return cls(observed, observed.candidate.status.model_copy(update={"observed_generation": generation}))

    @property
    def now(self) -> datetime:
        """The time of the pass."""
        return self.observed.now

    @property
    def traffic(self) -> TrafficStatus:
        """The traffic status; only phases that have one may ask."""
        if self.status.traffic is None:
            raise ValueError(f"phase {self.status.phase} without status.traffic")
        return self.status.traffic

    def seconds_since(self, text: str) -> float:
        """Return the seconds between a timestamp of the status and now."""
        return (self.now - moment(text)).total_seconds()

    def act(self, *actions: Action) -> "Turn":
        """Ask for actions, after those asked for before."""
        return replace(self, actions=self.actions + actions)

    def note(self, **fields: Any) -> "Turn":  # noqa: ANN401 -- the status model checks the types
        """Change fields of the status."""
        return replace(self, status=self.status.model_copy(update=fields))

    def shift(self, **fields: Any) -> "Turn":  # noqa: ANN401 -- as above
        """Change fields of the traffic status."""
        return self.note(traffic=self.traffic.model_copy(update=fields))

    def say(self, reason: Reason, message: str) -> "Turn":
        """Add one line to the history: an Event and a log line follow from it."""
        weight = 0 if self.status.traffic is None else self.status.traffic.weight
        entry = HistoryEntry(
            time=timestamp(self.now), phase=self.status.phase, reason=reason, weight=weight, message=clip(message)
        )
        turn = self.note(history=(*self.status.history, entry)[-HISTORY_LIMIT:])
        return replace(turn, news=(*self.news, entry))

    def enter(self, phase: Phase, reason: Reason, message: str) -> "Turn":
        """Change the phase, and say why. Raises ValueError for a transition that does not exist."""
        if phase not in NEXT[self.status.phase]:
            raise ValueError(f"{phase} does not follow {self.status.phase}")
        return self.note(phase=phase).say(reason, message)

    def condition(self, kind: ConditionType, status: str, reason: Reason, message: str) -> "Turn":
        """Set one condition."""
        new = Condition.model_validate(
            {
                "type": kind,
                "status": status,
                "observed_generation": self.observed.candidate.generation,
                "last_transition_time": timestamp(self.now),
                "reason": reason,
                "message": clip(message),
            }
        )
        return self.note(conditions=put(self.status.conditions, new))

    def without(self, *kinds: ConditionType) -> "Turn":
        """Remove conditions that are present only while true."""
        return self.note(conditions=drop(self.status.conditions, kinds))

    def complain(self, problem: Problem) -> "Turn":
        """Say what stands in the way, once: again only when the reason changes."""
        last = find(self.status.conditions, ConditionType.RECONCILING)
        known = last is not None and last.reason is problem.reason
        return self if known else self.say(problem.reason, problem.message)

    def hold(self, reason: Reason, message: str, seconds: float) -> Plan:
        """End the pass held: nothing moves forward until the cause is gone."""
        held = find(self.status.conditions, ConditionType.SUSPENDED)
        turn = self if held is not None and held.reason is reason else self.say(reason, message)
        return turn.condition(ConditionType.SUSPENDED, "True", reason, message).wait(reason, message, seconds)

    def wait(self, reason: Reason, message: str, seconds: float | None = None) -> Plan:
        """End the pass, and look again in `seconds`; None: only when something happens."""
        return Plan(
            status=_summarised(self, reason, message).status, actions=self.actions, news=self.news, requeue=seconds
        )

    def again(self, reason: Reason, message: str) -> Plan:
        """End the pass with the intent on record; the next pass carries it out at once."""
        return self.wait(reason, message, 0)


_ENDED_WELL = frozenset({Phase.PROMOTED, Phase.SUPERSEDED})


def _summary(phase: Phase) -> tuple[str, str, str]:
    """Return Ready, Reconciling, Stalled for a phase."""
    if phase not in TERMINAL:
        return ("Unknown", "True", "False")
    return ("True", "False", "False") if phase in _ENDED_WELL else ("False", "False", "True")


def _summarised(turn: Turn, reason: Reason, message: str) -> Turn:
    """Return the turn with the summary conditions of its phase, all present from first sight."""
    ready, reconciling, stalled = _summary(turn.status.phase)
    for kind, status in (
        (ConditionType.READY, ready),
        (ConditionType.RECONCILING, reconciling),
        (ConditionType.STALLED, stalled),
    ):
        turn = turn.condition(kind, status, reason, message)
    if find(turn.status.conditions, ConditionType.EVALUATED) is None:
        turn = turn.condition(ConditionType.EVALUATED, "Unknown", Reason.ACCEPTED, "no verdict yet")
    if turn.status.phase in TERMINAL:
        turn = turn.without(ConditionType.SUSPENDED, ConditionType.CADENCE_MISMATCH)
    return turn
