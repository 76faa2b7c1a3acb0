"""Confusion cell rate: of the items of class `actual`, the share that is predicted as class `predicted`.

An item that failed counts against the model: as in the cell when the cell is a mistake, as outside when it is not.
"""

from collections.abc import Mapping, Sequence

from sluice.evaluation.metrics.share import Share

NAME = "confusionCellRate"


def measure(labels: Sequence[str], predicted: Sequence[str | None], params: Mapping[str, str], /) -> Share:
    """Return which items of class `actual` are in the cell; only they count."""
    actual, cell = params["actual"], params["predicted"]
    failed = actual != cell
    guesses = [guess for label, guess in zip(labels, predicted, strict=True) if label == actual]
    return Share([failed if guess is None else guess == cell for guess in guesses])
