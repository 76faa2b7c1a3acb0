"""Suites of a plan: a team's own tests of a model's behaviour, and expectations on data or predictions."""

from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from sluice.api.place import PlaceUri
from sluice.api.schema import Digest, LabelName, Model
from sluice.api.verdict import Severity

MOST_SUITES = 16
ARCHIVES = (".tar.gz", ".tgz", ".zip")
"""Endings of several files in one."""
TESTS = (".py", *ARCHIVES)
"""Endings of what a Pytest suite can be."""
EXPECTATIONS = ".json"
"""Ending of a suite of Great Expectations."""

_NEEDS_DATA = "kind GreatExpectations needs dataset and about; kind Pytest takes neither"
_TESTS_END = f"the uri of kind Pytest ends in {', '.join(TESTS)}"
_EXPECTATIONS_END = f"the uri of kind GreatExpectations ends in {EXPECTATIONS}"


class SuiteKind(StrEnum):
    """What a suite is written in."""

    PYTEST = "Pytest"
    """The team's own tests, run by pytest, with the fixtures `candidate` and `champion`."""
    GREAT_EXPECTATIONS = "GreatExpectations"
    """A suite of Great Expectations as it writes it to JSON: each expectation is a case."""


class SuiteSubject(StrEnum):
    """What expectations are about."""

    DATA = "Data"
    """The columns of the data set."""
    PREDICTIONS = "Predictions"
    """The columns of the data set and, beside them, what each model said of each item."""


class Suite(Model):
    """Tests or expectations that must all hold: a pinned file, run by the evaluation Job."""

    name: LabelName
    """How status, events and history refer to it; gates and suites share their names."""
    kind: SuiteKind
    """What it is written in."""
    uri: PlaceUri
    """Where it lies: `mlflow-artifacts:/PATH`, `store://STORE/KEY` or `pvc://CLAIM/PATH`, as a data set.

    Pytest: one `.py`, or a `.tar.gz`, `.tgz` or `.zip` of tests with all that they need. GreatExpectations: a `.json`.
    """
    digest: Digest
    """SHA-256 of the file: other bytes are refused, not run."""
    dataset: LabelName | None = None
    """GreatExpectations: name of the data set."""
    about: SuiteSubject | None = None
    """GreatExpectations: whether it looks at the data alone, or also at what the models said of it."""
    timeout_seconds: Annotated[int, Field(strict=True, ge=1, le=86_400)] = 300
    """How long it may take: what takes longer could not be judged."""
    severity: Severity = Severity.BLOCKING
    """What its verdict weighs."""
    tier: Annotated[int, Field(strict=True, ge=0, le=9)] = 0
    """Its place in the order of gates and suites."""

    CEL: ClassVar = (
        (
            "has(self.dataset) == (self.kind == 'GreatExpectations') && has(self.about) == has(self.dataset)",
            _NEEDS_DATA,
        ),
        (
            "self.kind != 'Pytest' || " + " || ".join(f"self.uri.endsWith('{ending}')" for ending in TESTS),
            _TESTS_END,
        ),
        (f"self.kind != 'GreatExpectations' || self.uri.endsWith('{EXPECTATIONS}')", _EXPECTATIONS_END),
    )

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        data = (self.dataset is not None, self.about is not None)
        tests = self.kind is SuiteKind.PYTEST
        if data != (not tests, not tests):
            raise ValueError(_NEEDS_DATA)
        if not self.uri.endswith(TESTS if tests else EXPECTATIONS):
            raise ValueError(_TESTS_END if tests else _EXPECTATIONS_END)
        return self
