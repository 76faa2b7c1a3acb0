"""Confusion cell rate: of the items of class `actual`, the share that is predicted as class `predicted`.

An item that failed counts against the model: as in the cell when the cell is a mistake, as outside when it is not.
Source: a cell of the confusion matrix over its class, in Fawcett, Pattern Recognition Letters 27 (2006) 861.
"""

from collections.abc import Mapping

from sluice.evaluation.answers import Answers
from sluice.evaluation.outcomes import Share

NAME = "confusionCellRate"


def measure(answers: Answers, params: Mapping[str, str], /) -> Share:
    """Return which items are in the cell; those of class `actual` count."""
    actual, cell = params["actual"], params["predicted"]
    inside = answers.predicted.are(cell) | (answers.failed & (actual != cell))
    return Share(inside, answers.labels.are(actual), answers.clusters)
