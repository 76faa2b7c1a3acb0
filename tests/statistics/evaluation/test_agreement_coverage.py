"""How often the bounds of agreement with raters are right, by simulation with a known truth."""

from functools import partial

import numpy as np
import pytest
from scipy.stats import binom

from sluice.evaluation.intervals.interval import Floats
from sluice.evaluation.measuring import Scored
from tests.statistics.evaluation.test_metric_coverage import LEVEL, Draw, coverage, missed
from tests.unit.evaluation.builders import scored

NAMES = ("a", "b", "c")
TRUTH = np.array([0.5, 0.3, 0.2])
RATER, MODELS, RATERS = 0.75, (0.8, 0.7), 3
"""How often each knows the truth; else any class is said."""


def opinions(draw: Draw, items: int = 200, *, gaps: float = 0.0, raters: int = RATERS) -> Scored:
    truth = draw.choice(3, items, p=TRUTH)

    def said(knows: float, gaps: float = 0.0) -> list[str | None]:
        places = np.where(draw.random(items) < knows, truth, draw.integers(0, 3, items))
        return [None if gone else NAMES[place] for gone, place in zip(draw.random(items) < gaps, places, strict=True)]

    arms = [said(knows) for knows in MODELS]
    return scored([NAMES[one] for one in truth], *arms, raters=[said(RATER, gaps) for _ in range(raters)])


def says(knows: float) -> Floats:
    """Return the chance of each class (columns) for each truth (rows)."""
    return knows * np.eye(3) + (1 - knows) / 3


def alike(one: float, other: float) -> float:
    return float(TRUTH @ (says(one) * says(other)).sum(axis=1))


def cohen(model: float) -> float:
    chance = float((TRUTH @ says(model)) @ (TRUTH @ says(RATER)))
    return (alike(model, RATER) - chance) / (1 - chance)


def all_of(model: float, gaps: float = 0.0) -> float:
    """Return what Fleiss' kappa and Krippendorff's alpha come to for very many items."""
    speak = np.arange(1, RATERS + 1)
    chance = binom.pmf(speak, RATERS, 1 - gaps)
    disagree = (speak - 1) * (1 - alike(RATER, RATER)) + 2 * (1 - alike(model, RATER))
    votes = (chance @ speak) * (TRUTH @ says(RATER)) + chance.sum() * (TRUTH @ says(model))
    shares = votes / votes.sum()
    return float(1 - (chance @ disagree) / votes.sum() / (1 - shares @ shares))


@pytest.mark.parametrize(
    ("coefficient", "gaps", "truth"),
    [
        pytest.param("Cohen", 0.0, cohen, id="Cohen, three raters"),
        pytest.param("Fleiss", 0.0, all_of, id="Fleiss"),
        pytest.param("Krippendorff", 0.4, partial(all_of, gaps=0.4), id="Krippendorff, with gaps"),
    ],
)
def test_bounds_of_agreement(coefficient: str, gaps: float, truth: partial[float]) -> None:
    make = partial(opinions, gaps=gaps)
    alone, change = coverage(make, "agreement", {"coefficient": coefficient}, 400)

    assert missed(alone, truth(MODELS[0]), most=LEVEL) == ""
    assert missed(change, truth(MODELS[0]) - truth(MODELS[1]), most=LEVEL) == ""


def users(draw: Draw) -> Scored:
    """Four items each of 120 users: what one is and what is said of it holds for all of a user's items."""
    one = opinions(draw, 120, raters=1)
    own = np.repeat(np.arange(120), 4)
    assert one.champion is not None
    arms = [[said.predicted.tolist()[user] for user in own] for said in (one.candidate, one.champion)]
    words = [[rater.tolist()[user] for user in own] for rater in one.data.raters]
    return scored(["a"] * len(own), *arms, raters=words, clusters=own)


def test_bounds_of_agreement_where_items_hang_together() -> None:
    alone, change = coverage(users, "agreement", {"coefficient": "Cohen"}, 400)

    assert missed(alone, cohen(MODELS[0]), most=LEVEL) == ""
    assert missed(change, cohen(MODELS[0]) - cohen(MODELS[1]), most=LEVEL) == ""
