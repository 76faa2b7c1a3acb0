"""Accuracy: the share of items whose predicted class is the true one. An item that failed is not right."""

from collections.abc import Mapping, Sequence

from sluice.evaluation.metrics.share import Share

NAME = "accuracy"


def measure(labels: Sequence[str], predicted: Sequence[str | None], params: Mapping[str, str], /) -> Share:  # noqa: ARG001 -- it has no parameters
    """Return which items are right; all count."""
    return Share([label == guess for label, guess in zip(labels, predicted, strict=True)])
