"""Pinball loss of a predicted `quantile` q: q times by how far the true number is above it, or 1 - q times below.

It is least, on the mean, for the true quantile; for the median it is half the absolute error. Bounds: bootstrap over
items. An item that failed is as far off as the worst item, at least by the range of the truth, on the side that costs
more. Source: Koenker and Bassett, Econometrica 46 (1978) 33.
"""

from collections.abc import Mapping

import numpy as np

from sluice.evaluation import truth
from sluice.evaluation.answers import Answers
from sluice.evaluation.outcomes import Sums, mean_of

NAME = "pinball"
NEEDS = truth.numbers


def measure(answers: Answers, params: Mapping[str, str], /) -> Sums:
    """Return each item's loss."""
    quantile, above = float(params["quantile"]), answers.true_numbers - answers.numbers
    loss = np.where(above >= 0, quantile * above, (quantile - 1) * above)
    worst = max(quantile, 1 - quantile) * answers.distances()
    return mean_of(np.where(np.isnan(above), worst, loss), (0.0, np.inf), answers.clusters)
