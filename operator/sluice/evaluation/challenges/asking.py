"""One model over the cases of a challenge set: how often it is right on each. Hidden cases leave no words behind."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from sluice.adapters.model_folder import file_digest
from sluice.api.evaluation_spec import DatasetInput
from sluice.api.schema import decimal
from sluice.core.challenge_cases import Case
from sluice.evaluation import dataset
from sluice.evaluation.challenges.loading import LoadedChallenge
from sluice.evaluation.failure import EvaluationFailure
from sluice.evaluation.intervals.interval import Booleans, Integers
from sluice.evaluation.scoring import check_inputs, natively, quietly, score

_LABEL = "what is expected"


@dataclass(frozen=True, kw_only=True, eq=False)
class Asked:
    """What one model made of a challenge set, case by case in the order of the set."""

    right: Integers
    """How many of the repeats are right."""
    passed: Booleans
    failures: int
    """Cases on which the model raised an error at least once."""


def ask(model: Any, challenge: LoadedChallenge, *, arm: str) -> Asked:  # noqa: ANN401 -- an mlflow PyFuncModel
    """Ask a model all cases, each as often as the plan says. Raises EvaluationFailure."""
    right, failed = np.zeros((2, len(challenge.cases)), dtype=np.int64)
    for hidden in (False, True):
        places = [place for place, case in enumerate(challenge.cases) if case.hidden is hidden]
        if places:
            cases = [challenge.cases[place] for place in places]
            with _in_its_words(challenge):
                right[places], failed[places] = _asked(model, challenge, cases, arm)
    needed = decimal(challenge.source.min_pass_rate) * challenge.source.repeats
    return Asked(right=right, passed=right >= float(needed), failures=int((failed > 0).sum()))


def _asked(model: Any, challenge: LoadedChallenge, cases: Sequence[Case], arm: str) -> tuple[Integers, Integers]:  # noqa: ANN401
    """Return how often each case is right, and on how many repeats the model failed."""
    data = _written(challenge, cases)
    check_inputs(model, data, arm=arm)
    right, failed = np.zeros((2, len(cases)), dtype=np.int64)
    for _ in range(challenge.source.repeats):
        scores = score(model, data, arm=arm, by=quietly if cases[0].hidden else natively)
        numbers = np.full(len(cases), np.nan) if scores.numbers is None else scores.numbers
        for place, (case, said) in enumerate(zip(cases, scores.predicted.tolist(), strict=True)):
            right[place] += case.expected.is_met(said, float(numbers[place]))
            failed[place] += said is None
    return right, failed


def _written(challenge: LoadedChallenge, cases: Sequence[Case]) -> dataset.LoadedDataset:
    """Return cases as a data set on disk: what the models get, and a class that is right where there is one."""
    path = challenge.folder / f"{'hidden' if cases[0].hidden else 'visible'}.parquet"
    if _LABEL in cases[0].inputs:
        what = f"has a key {_LABEL!r}, which is taken: rename it"
        raise EvaluationFailure("CasesInvalid", f"data set {challenge.source.name} {what}", field=challenge.field)
    labels = [(*case.expected.classes, str(case.expected))[0] for case in cases]
    try:
        table = pa.Table.from_pylist(
            [dict(case.inputs) | {_LABEL: label} for case, label in zip(cases, labels, strict=True)]
        )
        parquet.write_table(table, path)
    except pa.ArrowException as error:
        what = f"has a key whose values are not all of one type ({type(error).__name__}): all text, or all numbers"
        raise EvaluationFailure(
            "CasesInvalid", f"data set {challenge.source.name} {what}", field=challenge.field
        ) from error
    digest = f"sha256:{file_digest(path)}"
    source = DatasetInput(name=challenge.source.name, uri=str(path), digest=digest, label=_LABEL)
    return dataset.load(source, path)


@contextmanager
def _in_its_words(challenge: LoadedChallenge) -> Iterator[None]:
    """Say of a challenge set what is said of data sets."""
    try:
        yield
    except EvaluationFailure as failure:
        message = failure.message.replace(f"data set {challenge.source.name}", f"challenge set {challenge.source.name}")
        field = challenge.field if failure.field.startswith("spec.") else failure.field
        raise EvaluationFailure(failure.reason, message, field=field) from failure
