"""What the API server has on record of a candidate, and when that is worth writing anew."""

from dataclasses import dataclass
from datetime import datetime

from sluice.api.candidate import ModelCandidateStatus
from sluice.core.turn import moment

MOST_SECONDS = 60.0
"""Evidence on record is never older than this while new evidence comes in."""


@dataclass(frozen=True)
class Record:
    """A status as it was written last, and when; None when an earlier process wrote it, or nobody knows."""

    status: ModelCandidateStatus
    time: datetime | None = None

    def due(self, status: ModelCandidateStatus, now: datetime) -> bool:
        """Return whether to write `status`: at once when it says something new, now and then when only numbers moved.

        Numbers move with every sample. They can wait: whoever starts anew reads the samples since the checkpoint again
        and comes to the same numbers. A young step, which people watch, is written more often than an old one.
        """
        if status == self.status:
            return False
        if self.time is None or _gist(status) != _gist(self.status):
            return True
        return (now - self.time).total_seconds() >= _patience(status, now)


def _gist(status: ModelCandidateStatus) -> tuple[object, ...]:
    """Return what a status says, without its numbers: verdicts and reasons, but not their messages."""
    rest = status.model_copy(update={"metrics": (), "checkpoint": None, "conditions": ()})
    verdicts = tuple((metric.name, metric.verdict) for metric in status.metrics)
    conditions = tuple((one.type, one.status, one.reason, one.observed_generation) for one in status.conditions)
    return rest, verdicts, conditions


def _patience(status: ModelCandidateStatus, now: datetime) -> float:
    """Return the seconds between two writes of numbers: half the step's age, so that a long step has few."""
    if status.traffic is None or status.traffic.applied_at is None:
        return MOST_SECONDS
    age = (now - moment(status.traffic.applied_at)).total_seconds()
    return min(MOST_SECONDS, max(0.0, age / 2))
