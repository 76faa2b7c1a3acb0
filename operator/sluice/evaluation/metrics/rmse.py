"""Root mean squared error: the root of the mean squared distance between predicted and true number.

Bounds: bootstrap over items. An item that failed is as wrong as the worst item, and at least by the range of the truth.
Source: Hyndman and Koehler, International Journal of Forecasting 22 (2006) 679.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from sluice.evaluation import truth
from sluice.evaluation.answers import Answers
from sluice.evaluation.outcomes import Sums, mean_of

NAME = "rmse"
NEEDS = truth.numbers


def measure(answers: Answers, params: Mapping[str, str], /) -> Sums:  # noqa: ARG001 -- it has no parameters
    """Return each item's squared distance."""
    squares = mean_of(answers.distances() ** 2, (0.0, np.inf), answers.clusters)
    return replace(squares, value=lambda sums: np.sqrt(squares.value(sums)))
