"""Behavioural tests of the sentiment model: a complaint stays one, whatever harmless is said beside it.

The evaluation gives `candidate` and `champion`. On a laptop:
`pytest -p sluice.evaluation.suites.plugin --candidate FOLDER --champion FOLDER examples/sentiment/behaviour`.
"""

from itertools import product
from typing import Any

import pytest

COMPLAINTS = (
    "It broke after one day.",
    "It keeps crashing.",
    "The manual is useless.",
    "The software is full of bugs.",
    "The sound is terrible.",
    "The zoom does not work.",
    "This is a waste of money.",
)
BESIDE = (
    "I have had it since March.",
    "I use it at work.",
    "It has a case.",
    "The box has a handle.",
    "We took it on holiday.",
)
"""True of products that people like and of those that they do not."""


@pytest.mark.parametrize("beside", BESIDE)
@pytest.mark.parametrize("complaint", COMPLAINTS)
def test_a_complaint_does_not_become_praise(candidate: Any, complaint: str, beside: str) -> None:  # noqa: ANN401
    """A harmless sentence behind a complaint must not turn it positive."""
    assert candidate.predict([f"{complaint} {beside}"]) != ["positive"]


def test_no_complaint_is_newly_praise(candidate: Any, champion: Any) -> None:  # noqa: ANN401
    """What the champion does not take for praise, the candidate must not either."""
    texts = [f"{complaint} {beside}" for complaint, beside in product(COMPLAINTS, BESIDE)]
    said = zip(texts, champion.predict(texts), candidate.predict(texts), strict=True)
    assert [text for text, was, now in said if now == "positive" != was] == []
