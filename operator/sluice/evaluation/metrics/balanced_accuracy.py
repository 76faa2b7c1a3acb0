"""Balanced accuracy: the mean over the true classes of the share that is predicted right.

Bounds: those of each class combined, so that a class with few items keeps its doubt. An item that failed is not right.
Source: Brodersen et al., 20th International Conference on Pattern Recognition (2010) 3121.
"""

from collections.abc import Mapping

from sluice.evaluation import truth
from sluice.evaluation.answers import Answers
from sluice.evaluation.outcomes import Share, ShareMean

NAME = "balancedAccuracy"
NEEDS = truth.several_classes


def measure(answers: Answers, params: Mapping[str, str], /) -> ShareMean:  # noqa: ARG001 -- it has no parameters
    """Return which items of each class are right."""
    classes = answers.classes()
    return ShareMean([Share(answers.right, answers.labels.are(name), answers.clusters) for name in classes])
