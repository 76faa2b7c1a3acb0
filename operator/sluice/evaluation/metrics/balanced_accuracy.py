"""Balanced accuracy: the mean over the true classes of the share that is predicted right.

Bounds: those of each class combined, so that a class with few items keeps its doubt. An item that failed is not right.
Source: Brodersen et al., 20th International Conference on Pattern Recognition (2010) 3121.
"""

from collections.abc import Mapping

import numpy as np

from sluice.evaluation.answers import Answers
from sluice.evaluation.outcomes import Share, ShareMean

NAME = "balancedAccuracy"


def measure(answers: Answers, params: Mapping[str, str], /) -> ShareMean:  # noqa: ARG001 -- it has no parameters
    """Return which items of each class are right."""
    right = np.asarray(answers.predicted == answers.labels, dtype=np.bool_)
    classes = answers.classes()
    return ShareMean([Share(right, np.asarray(answers.labels == name), answers.clusters) for name in classes])
