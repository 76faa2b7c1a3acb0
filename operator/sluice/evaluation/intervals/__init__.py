"""Confidence bounds, one method a file. All bounds are one-sided, each at `level`."""

from sluice.evaluation.intervals.exact_share import CLOPPER_PEARSON, clopper_pearson
from sluice.evaluation.intervals.interval import Interval
from sluice.evaluation.intervals.mcnemar import mcnemar_exact
from sluice.evaluation.intervals.paired_share import NEWCOMBE_PAIRED, newcombe_paired

__all__ = [
    "CLOPPER_PEARSON",
    "NEWCOMBE_PAIRED",
    "Interval",
    "clopper_pearson",
    "mcnemar_exact",
    "newcombe_paired",
]
