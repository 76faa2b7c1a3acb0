"""What the analysis says of one metric, and of all of a rollout's metrics together."""

from collections.abc import Sequence
from enum import StrEnum

from sluice.api.verdict import Verdict
from sluice.core.analysis.counts import Counts
from sluice.core.analysis.frozen import frozen
from sluice.core.analysis.interval import Interval

LN10 = 2.302585092994046


class Finding(StrEnum):
    """Why the verdict is what it is: a closed set, safe to count."""

    BREACHED = "Breached"
    NO_SAMPLES = "NoSamples"
    STALE_SAMPLES = "StaleSamples"
    UNREAD = "Unread"
    ROUTING_MISMATCH = "RoutingMismatch"
    DWELLING = "Dwelling"
    NO_COMMON_BOUNDS = "NoCommonBounds"
    UNKNOWN_LIMIT_BOUND = "UnknownLimitBound"
    EVIDENCE_LACKING = "EvidenceLacking"
    PASSED = "Passed"


@frozen
class MetricVerdict:
    """The verdict on one metric with everything needed to understand it."""

    verdict: Verdict
    finding: Finding
    message: str
    """One sentence, for people."""
    step: Counts
    """Requests and bad events since the step began, of the channel that decides."""
    total: Counts
    """The same since the rollout began."""
    ratio: float | None
    """The candidate's rate over the stable's, round by round, over the whole rollout; None without stable events."""
    against: float
    """log10 of the evidence that the candidate is worse (E over the whole rollout)."""
    against_needed: float
    """The log10 at which it is a breach."""
    favour: float
    """log10 of the evidence that the candidate is acceptable at this step."""
    favour_needed: float
    """The log10 at which the step passes."""
    rounds: int
    """Rounds of samples inside the step."""
    newest: float | None
    """Unix time of the last round of samples that was used."""
    requests_needed: int | None
    """About so many more candidate requests until the step passes, if the candidate is as good as the stable."""
    seconds_needed: float | None
    """The same in time at the present rate."""
    interval: Interval | None = None
    """Where the true ratio lies, whenever one looks; None without stable events."""
    required: bool = True
    """Whether the step needs its pass."""
    channel: str = ""
    """Which of the metric's channels decides: for latency, the bound in seconds."""
    method: str = "Counts"
    """How a round becomes evidence against the candidate at present."""
    dispersion: float = 1.0
    """How many times the variance of single events that of the stable arm is."""

    @property
    def ratio_low(self) -> float | None:
        """Lower end of the interval."""
        return self.interval.low if self.interval else None

    @property
    def ratio_high(self) -> float | None:
        """Upper end of the interval; infinite while too little is known."""
        return self.interval.high if self.interval else None


def together(verdicts: Sequence[MetricVerdict]) -> Verdict:
    """Return the verdict over all metrics: one breach fails, all required ones must pass, and no data holds.

    That every required one must pass needs no correction: an unacceptable candidate is unacceptable in one of them.
    """
    if any(one.verdict is Verdict.FAIL for one in verdicts):
        return Verdict.FAIL
    kinds = {one.verdict for one in verdicts if one.required}
    held = (kind for kind in (Verdict.ERROR, Verdict.NO_DATA, Verdict.INCONCLUSIVE) if kind in kinds)
    return next(held, Verdict.PASS if kinds == {Verdict.PASS} else Verdict.NO_DATA)
