"""What a metric sees of the cases of a challenge set: which of them a model passes, beside the champion."""

from dataclasses import dataclass

from sluice.evaluation.intervals.interval import Booleans


@dataclass(frozen=True, kw_only=True, eq=False)
class CaseAnswers:
    """One model's cases, in the order of the set."""

    passed: Booleans
    reference: Booleans | None
    """Those that the champion passes; its own when this is it; None without a champion."""
