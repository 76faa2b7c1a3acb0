"""Accuracy: the share of items whose predicted class is the true one. An item that failed is not right.

Source: Stehman, Remote Sensing of Environment 62 (1997) 77.
"""

from collections.abc import Mapping

import numpy as np

from sluice.evaluation.answers import Answers
from sluice.evaluation.outcomes import Share

NAME = "accuracy"


def measure(answers: Answers, params: Mapping[str, str], /) -> Share:  # noqa: ARG001 -- it has no parameters
    """Return which items are right; all count."""
    return Share(answers.right, np.ones(len(answers.data), dtype=np.bool_), answers.clusters)
