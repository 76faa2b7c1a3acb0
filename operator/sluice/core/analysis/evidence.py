"""All evidence on one metric: its channels against the stable arm, its hard limit, and whether they suffice.

A metric with one channel puts all on it; latency spreads over the bounds that it follows. The average of e-processes is
one too (Choe and Ramdas), so the metric crosses when its channels do together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from math import log

from sluice.core.analysis import bounds, limit
from sluice.core.analysis import progress as passing
from sluice.core.analysis.breach import Breach, threshold
from sluice.core.analysis.cohorts import Cohorts
from sluice.core.analysis.counts import Counts, Tally
from sluice.core.analysis.frozen import frozen
from sluice.core.analysis.limit import Limit
from sluice.core.analysis.mixture import log_sum
from sluice.core.analysis.progress import Progress
from sluice.core.analysis.rounds import Joint, Round
from sluice.core.analysis.settings import Settings, Step

ONLY = ""
"""The name of the channel of a metric that has one."""


@frozen
class Channel:
    """One kind of bad event: evidence over the rollout and over the step."""

    breach: Breach = Breach()
    progress: Progress = field(default_factory=passing.fresh)
    good: Tally | None = None
    """Good events, where they are what the plan counts."""

    def favour(self, step: Step, settings: Settings) -> float:
        """Return ln E that the step accepts the candidate."""
        return passing.log_evidence(self.progress, step, self.burst(settings))

    def burst(self, settings: Settings) -> float:
        """Return how many events count for one before they speak for the candidate."""
        return 1.0 if settings.singly else self.breach.spread.reckoned

    @property
    def compared(self) -> Tally:
        """The events that the plan counts, for the ratio that people see."""
        return self.breach.tally if self.good is None else self.good


@frozen
class Evidence:
    """Everything that is known about one metric."""

    channels: Mapping[str, Channel] = field(default_factory=dict)
    profile: Mapping[str, Counts] = field(default_factory=dict)
    """What the first rounds showed of each bound, until some are chosen."""
    limit: Limit = Limit()
    cohorts: Cohorts = Cohorts()
    against: float = 0.0
    """ln E that the candidate is worse, or beyond its hard limit."""
    crossed_at: float | None = None
    """Time of the round with which a breach was proven."""

    def enter(self, step: Step, *, first: bool) -> "Evidence":
        """Begin the step's own evidence, and a later start of the evidence against the candidate."""
        return replace(
            self,
            cohorts=Cohorts(),
            channels={name: _entered(one, step, first=first) for name, one in self.channels.items()},
        )

    def extend(self, joint: Joint, step: Step, settings: Settings) -> "Evidence":
        """Take in what both arms did in one stretch of time."""
        if settings.matures_seconds:
            return self._late(joint, step, settings)
        known = self.channels or ({ONLY: Channel()} if ONLY in joint.channels else {})
        if not known:
            chosen = self._chosen(joint)
            return chosen.weighed(chosen.channels, joint.channels, settings)
        channels = {
            name: _extended(one, joint.channels[name], step, settings) if name in joint.channels else one
            for name, one in known.items()
        }
        return self.weighed(channels, joint.channels, settings)

    def _late(self, joint: Joint, step: Step, settings: Settings) -> "Evidence":
        if joint.begin < step.started_at or ONLY not in joint.channels:
            return self
        cohorts, ripe = self.cohorts.take(joint.channels[ONLY], settings.matures_seconds)
        if ripe is None:
            return replace(self, cohorts=cohorts)
        channel = _extended(self.channels.get(ONLY, Channel()), ripe, step, settings)
        return replace(self, cohorts=cohorts).weighed({ONLY: channel}, {ONLY: ripe}, settings)

    def _chosen(self, joint: Joint) -> "Evidence":
        profile = {
            name: self.profile.get(name, Counts()) + one.counts.bounded
            for name, one in joint.channels.items()
            if name in self.profile or not self.profile
        }
        chosen = bounds.choose(profile)
        channels = {name: Channel(Breach(total=profile[name])) for name in chosen}
        return replace(self, channels=channels, profile={} if chosen else profile)

    def beside(self, other: "Evidence", rounds: Mapping[str, Round], settings: Settings) -> "Evidence":
        """Take in a round that another metric, which compares the same, has taken in."""
        known = Evidence(other.channels, other.profile, self.limit, other.cohorts, self.against, self.crossed_at)
        return known.weighed(other.channels, rounds, settings)

    def compares_as(self, other: "Evidence") -> bool:
        """Return whether another metric's comparison has come to the same."""
        return (self.channels, self.profile, self.cohorts) == (other.channels, other.profile, other.cohorts)

    def weighed(self, channels: Mapping[str, Channel], rounds: Mapping[str, Round], settings: Settings) -> "Evidence":
        """Put the channels and the hard limit together, and note whether they now suffice."""
        limited = self._limited(channels, rounds, settings)
        compared = _averaged([one.breach.log_evidence() for one in channels.values()])
        against, crossed = _with_limit(compared, limited, settings), self.crossed_at
        found = Evidence(channels, self.profile, limited, self.cohorts, against, crossed)
        if crossed is None and rounds and against >= threshold(settings) <= found.grave(settings):
            return replace(found, crossed_at=max(one.end for one in rounds.values()))
        return found

    def grave(self, settings: Settings) -> float:
        """Return `against` over those starts alone since which the candidate looks worse enough to matter."""
        compared = _averaged([one.breach.log_against(settings) for one in self.channels.values()])
        return _with_limit(compared, self.limit, settings)

    def _limited(self, channels: Mapping[str, Channel], rounds: Mapping[str, Round], settings: Settings) -> Limit:
        if settings.hard_limit is None or settings.hard_limit.channel not in rounds:
            return self.limit
        done, channel = rounds[settings.hard_limit.channel], channels.get(settings.hard_limit.channel)
        bursty = channel is None or channel.breach.spread.bursty or not channel.breach.spread.known
        return self.limit.extend(oriented(done.counts, settings), done.begin, settings, bursty=bursty)


def by_limit(evidence: Evidence) -> bool:
    """Return whether it is the hard limit that speaks loudest."""
    compared = _averaged([one.breach.log_evidence() for one in evidence.channels.values()])
    return evidence.limit.log_evidence() > compared


def _with_limit(compared: float, limited: Limit, settings: Settings) -> float:
    if settings.hard_limit is None:
        return compared
    return log_sum((log(1 - limit.SHARE) + compared, log(limit.SHARE) + limited.log_evidence()))


def _averaged(logs: Sequence[float]) -> float:
    if len(logs) == 1:
        return logs[0]
    return log_sum(logs) - log(len(logs)) if logs else 0.0


def oriented(counts: Counts, settings: Settings) -> Counts:
    """Return requests and bad events, of requests and events."""
    if counts.candidate_failures > counts.candidate_requests or counts.stable_failures > counts.stable_requests:
        counts = counts.bounded
    return counts.others if settings.higher else counts


def _entered(channel: Channel, step: Step, *, first: bool) -> Channel:
    breach = channel.breach if first else channel.breach.restart(step.started_at)
    return replace(channel, breach=breach, progress=passing.fresh())


def _extended(channel: Channel, done: Round, step: Step, settings: Settings) -> Channel:
    """Take in a round. A bound that told nothing apart so far is watched only."""
    counts = oriented(done.counts, settings)
    bad = done if counts is done.counts else Round(done.begin, done.end, counts, done.strata, done.name)
    breach = channel.breach
    telling = done.name == ONLY or bounds.telling(breach.total)
    good = (channel.good or Tally()).add(counts.others) if settings.higher else None
    return Channel(
        breach.grow(bad, settings) if telling else breach.watch(bad),
        channel.progress.informed(breach.total, step).extend(bad, step, higher=settings.higher),
        good,
    )
