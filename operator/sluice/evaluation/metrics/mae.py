"""Mean absolute error: the mean distance between predicted and true number.

Bounds: bootstrap over items. An item that failed is as wrong as the worst item, and at least by the range of the truth.
Source: Willmott and Matsuura, Climate Research 30 (2005) 79.
"""

from collections.abc import Mapping

import numpy as np

from sluice.evaluation import truth
from sluice.evaluation.answers import Answers
from sluice.evaluation.outcomes import Sums, mean_of

NAME = "mae"
NEEDS = truth.numbers


def measure(answers: Answers, params: Mapping[str, str], /) -> Sums:  # noqa: ARG001 -- it has no parameters
    """Return each item's distance."""
    return mean_of(answers.distances(), (0.0, np.inf), answers.clusters)
