"""All suites of an evaluation, one after the other, each by its kind."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from sluice.api.suite import SuiteKind, SuiteSubject
from sluice.api.suite_result import SuiteResult
from sluice.evaluation.dataset import LoadedDataset
from sluice.evaluation.failure import EvaluationFailure
from sluice.evaluation.suites.behaviour import run_tests
from sluice.evaluation.suites.expectations import run_expectations
from sluice.evaluation.suites.prepared import PreparedSuite


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What suites stand on: made when the first one asks."""

    models: Callable[[], Mapping[str, Path]]
    """Returns the folders of the models, by arm."""
    data: Mapping[str, LoadedDataset]
    said: Callable[[str, Path], None]
    """Writes the table of items of a data set, with what the models said, to a file."""


def run_suites(
    suites: Sequence[PreparedSuite], ground: Ground, timed: Callable[[str], AbstractContextManager[None]]
) -> tuple[SuiteResult, ...]:
    """Return what came of each suite. Raises EvaluationFailure for a data set or a model that is not there."""
    found = []
    for suite in suites:
        with timed(f"suite.{suite.source.name}"):
            found.append(_run(suite, ground))
    return tuple(found)


def _run(suite: PreparedSuite, ground: Ground) -> SuiteResult:
    match suite.source.kind:
        case SuiteKind.PYTEST:
            return run_tests(suite, ground.models())
        case SuiteKind.GREAT_EXPECTATIONS:
            data = ground.data.get(suite.source.dataset or "")
            if data is None:
                field = f"spec.evaluation.suites[{suite.source.name}].dataset"
                raise EvaluationFailure("DatasetUnknown", "no data set has this name", field=field)
            if suite.source.about is SuiteSubject.DATA:
                return run_expectations(suite, data, None)
            place = suite.folder / "said.parquet"
            ground.said(data.source.name, place)
            return run_expectations(suite, data, place)
        case _:
            assert_never(suite.source.kind)
