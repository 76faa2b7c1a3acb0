"""Events that come late: each opportunity is judged once, when it is as old as an event may be late.

Which opportunity an event belongs to is not known, only that it is at most `matures` older, and of this step if the
event comes at least so long after the step began. So: opportunities of (a, b] are held against the events of
(a + matures, b + matures], and split between the arms as all opportunities of (a, b + matures] were, the only ones that
those events can belong to. Within a step the split is constant, and then this is right for any delay that both arms
share. Events that may belong to the step before are left out, and opportunities that no longer mature within theirs.
"""

from dataclasses import dataclass

from sluice.core.analysis.counts import Counts
from sluice.core.analysis.rounds import Round

BUCKETS = 16
"""Opportunities that wait are kept in so many stretches of time: the state stays small however late events come."""

Waiting = tuple[float, float, float, float]
"""Begin, end, opportunities of candidate and stable."""


@dataclass(frozen=True, slots=True)
class Cohorts:
    """Opportunities of the step that are too young, and the events since the last ones were judged."""

    since: float | None = None
    waiting: tuple[Waiting, ...] = ()
    events: tuple[float, float] = (0.0, 0.0)

    def take(self, done: Round, matures: float) -> tuple["Cohorts", Round | None]:
        """Take in a round of the step; return the opportunities that are now old enough as a round of their own."""
        since, counts = done.begin if self.since is None else self.since, done.counts
        waiting = _queued(self.waiting, done, matures / BUCKETS)
        events = self.events
        if done.begin >= since + matures:
            events = events[0] + counts.candidate_failures, events[1] + counts.stable_failures
        ripe = [one for one in waiting if one[1] + matures <= done.end]
        if not ripe:
            return Cohorts(since, waiting, events), None
        rest = waiting[len(ripe) :]
        return Cohorts(since, rest), Round(ripe[0][0], done.end, _judged(ripe, waiting, events))


def _queued(waiting: tuple[Waiting, ...], done: Round, length: float) -> tuple[Waiting, ...]:
    mine, theirs = done.counts.candidate_requests, done.counts.stable_requests
    if waiting and done.end - waiting[-1][0] <= length:
        begin, _, before, others = waiting[-1]
        return (*waiting[:-1], (begin, done.end, before + mine, others + theirs))
    return (*waiting, (done.begin, done.end, mine, theirs))


def _judged(ripe: list[Waiting], waiting: tuple[Waiting, ...], events: tuple[float, float]) -> Counts:
    requests = sum(one[2] + one[3] for one in ripe)
    mine, theirs = sum(one[2] for one in waiting), sum(one[3] for one in waiting)
    share = mine / (mine + theirs) if mine + theirs else 0.0
    return Counts(events[0], requests * share, events[1], requests * (1 - share))
