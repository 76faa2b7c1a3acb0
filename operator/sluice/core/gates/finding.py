"""What one rule, one gate, or a check of the evidence came to."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sluice.api.verdict import Verdict


class GateReason(StrEnum):
    """Why a verdict: a closed set."""

    CLEARED = "Cleared"
    """The bound clears the limit."""
    MISSED = "Missed"
    """The opposite bound is beyond the limit."""
    UNDECIDED = "Undecided"
    """The limit lies between the bounds: more items would tell."""
    NO_CHAMPION = "NoChampion"
    """There is nothing to compare with: only absolute rules are judged."""
    ZERO_BASELINE = "ZeroBaseline"
    """A limit is a part of the champion's value, which is nothing."""
    CANDIDATE_FAILED = "CandidateFailed"
    """The candidate raised an error on every item: of a model that says nothing no rule is shown to hold."""
    CHAMPION_FAILED = "ChampionFailed"
    """The champion raised errors on too many items: to be no worse than that proves nothing."""
    POINT_ONLY = "PointOnly"
    """Another tool's number has no interval: nothing is decided on a point."""
    TOO_GOOD = "TooGood"
    """The candidate gained more than is believable: a sign of items that leaked into the training data."""
    TOO_FEW_ITEMS = "TooFewItems"
    """Fewer items count for the metric than the gate requires."""
    NOT_REACHED = "NotReached"
    """An earlier tier ended the evaluation."""
    METRIC_MISSING = "MetricMissing"
    """The result does not hold what the gate asked for."""
    MEASUREMENT_MISMATCH = "MeasurementMismatch"
    """The result holds something else under the gate's name."""
    DATASET_MISMATCH = "DatasetMismatch"
    """It was measured on other bytes than the plan pins."""
    MODEL_MISMATCH = "ModelMismatch"
    """It was measured on other models than those under decision."""
    CASES_PASSED = "CasesPassed"
    """Every case of the suite passes, but for those that were skipped."""
    CASES_FAILED = "CasesFailed"
    """A case of the suite fails."""
    SUITE_BROKEN = "SuiteBroken"
    """The suite says nothing: no case, all skipped, a crash, a time-out, or a case that could not be looked at."""
    SUITE_MISMATCH = "SuiteMismatch"
    """Another suite was run than the plan pins."""
    RESULT_INVALID = "ResultInvalid"
    """It is no result document."""


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """The numbers behind a verdict, in the metric's unit."""

    estimate: str
    bound: str
    threshold: str
    n: int


@dataclass(frozen=True)
class Finding:
    """A verdict, why, and a sentence (or a part of one) with the numbers."""

    verdict: Verdict
    reason: GateReason
    text: str
    numbers: Numbers | None = None
    slice: str = ""
    """The slice that it is about; empty for the whole set."""
    slices: int | None = None
    """How many slices were looked at; none for a gate without slices."""


SEVERITY = (Verdict.FAIL, Verdict.ERROR, Verdict.NO_DATA, Verdict.INCONCLUSIVE, Verdict.PASS)
"""The first of these that occurs is the verdict of the whole: proof of harm outranks doubt, doubt outranks a pass."""


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict of the whole; nothing to judge is no pass."""
    found = frozenset(verdicts)
    return next((verdict for verdict in SEVERITY if verdict in found), Verdict.ERROR)
