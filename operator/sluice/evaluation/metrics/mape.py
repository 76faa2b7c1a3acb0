"""Mean absolute percentage error: the mean distance between predicted and true number, over the size of the true one.

True numbers of 0 are refused. It weighs what is too high more than what is too low, which may miss by 100 % at most.
Bounds: bootstrap over items. An item that failed is as wrong as the worst item, and at least by 100 %.
Source: Hyndman and Koehler, International Journal of Forecasting 22 (2006) 679.
"""

from collections.abc import Mapping

import numpy as np

from sluice.evaluation import truth
from sluice.evaluation.answers import Answers
from sluice.evaluation.outcomes import Sums, mean_of

NAME = "mape"
NEEDS = truth.sizes


def measure(answers: Answers, params: Mapping[str, str], /) -> Sums:  # noqa: ARG001 -- it has no parameters
    """Return each item's distance as a part of the true number."""
    parts = np.abs(answers.numbers - answers.true_numbers) / answers.sizes
    failed = np.isnan(parts)
    worst = float(np.max(parts, where=~failed, initial=1.0))
    return mean_of(np.where(failed, worst, parts), (0.0, np.inf), answers.clusters)
