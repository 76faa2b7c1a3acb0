"""What the analysis says of one metric, and of all of a rollout's metrics together."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import log10

from sluice.api.verdict import Verdict
from sluice.core.analysis.counts import Counts
from sluice.core.analysis.mixture import log_sum

LN10 = 2.302585092994046


class Finding(StrEnum):
    """Why the verdict is what it is: a closed set, safe to count."""

    BREACHED = "Breached"
    NO_SAMPLES = "NoSamples"
    STALE_SAMPLES = "StaleSamples"
    UNREAD = "Unread"
    ROUTING_MISMATCH = "RoutingMismatch"
    DWELLING = "Dwelling"
    EVIDENCE_LACKING = "EvidenceLacking"
    PASSED = "Passed"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricVerdict:
    """The verdict on one metric with everything needed to understand it."""

    verdict: Verdict
    finding: Finding
    message: str
    """One sentence, for people."""
    step: Counts
    """Requests and failures since the step began."""
    total: Counts
    """The same since the rollout began."""
    ratio: float | None
    """The candidate's rate over the stable's, round by round, over the whole rollout; None without stable failures."""
    against: float
    """log10 of the evidence that the candidate is worse (E over the whole rollout)."""
    against_needed: float
    """The log10 at which it is a breach."""
    share: float
    """The metric's part of alpha."""
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


def together(verdicts: Sequence[MetricVerdict], alpha: float) -> Verdict:
    """Return the verdict over required metrics: one breach fails, all must pass, and no data holds.

    A breach is also several metrics' evidence averaged by their parts of alpha, none of them guilty alone.
    """
    kinds = {one.verdict for one in verdicts}
    evidence = log_sum((one.against + log10(one.share)) * LN10 for one in verdicts) / LN10
    if Verdict.FAIL in kinds or (len(verdicts) > 1 and evidence >= -log10(alpha)):
        return Verdict.FAIL
    held = (kind for kind in (Verdict.ERROR, Verdict.NO_DATA, Verdict.INCONCLUSIVE) if kind in kinds)
    return next(held, Verdict.PASS if kinds == {Verdict.PASS} else Verdict.NO_DATA)
