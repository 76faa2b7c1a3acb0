"""Log loss: the mean of minus the natural logarithm of the probability that the model gave to the true class.

A probability of 0 counts as 2.2e-16, as does an item that failed. Bounds: bootstrap over items. Source: Good, Journal
of the Royal Statistical Society B 14 (1952) 107.
"""

from collections.abc import Mapping

import numpy as np

from sluice.evaluation.answers import Answers
from sluice.evaluation.outcomes import Sums, mean_of

NAME = "logLoss"


def measure(answers: Answers, params: Mapping[str, str], /) -> Sums:  # noqa: ARG001 -- it has no parameters
    """Return each item's loss."""
    names, found = answers.probabilities()
    columns = answers.labels.columns(names)
    given = np.where(columns < 0, 0.0, found[np.arange(len(found)), columns])
    np.nan_to_num(given, copy=False, nan=0.0)
    np.clip(given, float(np.finfo(np.float64).eps), 1.0, out=given)
    return mean_of(-np.log(given, out=given), (0.0, np.inf), answers.clusters)
