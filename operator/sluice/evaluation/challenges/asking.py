"""One model over the cases of a challenge set: how often it is right on each. Hidden cases leave no words behind."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sluice.api.schema import decimal
from sluice.evaluation.challenges.loading import LoadedChallenge, Part, in_words_of
from sluice.evaluation.intervals.interval import Booleans, Integers
from sluice.evaluation.scoring import natively, quietly, score
from sluice.evaluation.signature import check_columns
from sluice.evaluation.stopwatch import Told, nobody


@dataclass(frozen=True, kw_only=True, eq=False)
class Asked:
    """What one model made of a challenge set, case by case in the order of the set."""

    right: Integers
    """How many of the repeats are right."""
    passed: Booleans
    failures: int
    """Cases on which the model raised an error at least once."""


def check_cases(described: Any, challenge: LoadedChallenge, *, arm: str) -> None:  # noqa: ANN401 -- an mlflow Model
    """Refuse cases that lack a column of the model's signature. Raises EvaluationFailure."""
    with in_words_of(challenge.source):
        for part in challenge.parts:
            check_columns(described, part.data, arm=arm)


def ask(model: Any, challenge: LoadedChallenge, told: Told = nobody, *, arm: str) -> Asked:  # noqa: ANN401 -- mlflow
    """Ask a model all cases, each as often as the plan says. Raises EvaluationFailure."""
    right, failed = np.zeros((2, len(challenge.cases)), dtype=np.int64)
    repeats = challenge.source.repeats
    with in_words_of(challenge.source):
        for part in challenge.parts:
            right[part.places], failed[part.places] = _asked(model, part, repeats, arm, told)
    needed = decimal(challenge.source.min_pass_rate) * repeats
    return Asked(right=right, passed=right >= float(needed), failures=int((failed > 0).sum()))


def _asked(model: Any, part: Part, repeats: int, arm: str, told: Told) -> tuple[Integers, Integers]:  # noqa: ANN401
    """Return how often each case is right, and on how many repeats the model failed."""
    right, failed = np.zeros((2, len(part.cases)), dtype=np.int64)
    for _ in range(repeats):
        scores = score(model, part.data, arm=arm, by=quietly if part.hidden else natively, told=told)
        numbers = np.full(len(part.cases), np.nan) if scores.numbers is None else scores.numbers
        for place, (case, said) in enumerate(zip(part.cases, scores.predicted.tolist(), strict=True)):
            right[place] += case.expected.is_met(said, float(numbers[place]))
            failed[place] += said is None
    return right, failed
