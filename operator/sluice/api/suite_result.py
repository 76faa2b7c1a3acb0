"""What came of a suite, as the result document says it: totals that are always whole, and the cases that tell most."""

from collections import Counter
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from sluice.api.schema import Digest, LabelName, Record
from sluice.api.suite import SuiteKind, SuiteSubject

MOST_CASES = 40
"""So many cases are shown: those that failed come first."""
NAME_LIMIT = 160
MESSAGE_LIMIT = 300

Total = Annotated[int, Field(strict=True, ge=0, le=1_000_000_000)]


class CaseOutcome(StrEnum):
    """What became of a case, the worst first."""

    FAILED = "Failed"
    """What it claims does not hold."""
    ERROR = "Error"
    """It could not be looked at."""
    SKIPPED = "Skipped"
    """It was left out, which proves nothing."""
    PASSED = "Passed"
    """What it claims holds."""


class SuiteCase(Record):
    """One test, or one expectation."""

    name: Annotated[str, Field(max_length=NAME_LIMIT)]
    """What it is called."""
    outcome: CaseOutcome
    """What became of it."""
    message: Annotated[str, Field(max_length=MESSAGE_LIMIT)] = ""
    """Why, where it did not pass."""


class SuiteResult(Record):
    """What came of a suite."""

    name: LabelName
    """Name of the suite."""
    kind: SuiteKind
    """What it is written in."""
    digest: Digest
    """Digest of the file that was run."""
    dataset: LabelName | None = None
    """Name of the data set that it was held against."""
    about: SuiteSubject | None = None
    """What it looked at."""
    passed: Total = 0
    """Cases that passed."""
    failed: Total = 0
    """Cases that failed."""
    errors: Total = 0
    """Cases that could not be looked at."""
    skipped: Total = 0
    """Cases that were left out."""
    cases: Annotated[tuple[SuiteCase, ...], Field(max_length=MOST_CASES)] = ()
    """The cases, those that failed first; of many the first so many."""
    error: Annotated[str, Field(max_length=1024)] = ""
    """Why the whole is no evidence: nothing collected, a crash, a time-out; empty when it is."""

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        shown = Counter(case.outcome for case in self.cases)
        room = MOST_CASES
        for outcome in CaseOutcome:
            if shown[outcome] != min(self.totals[outcome], room):
                raise ValueError(f"the cases do not agree with the number of those that are {outcome}")
            room -= shown[outcome]
        return self

    @property
    def totals(self) -> dict[CaseOutcome, int]:
        """Number of cases by what became of them, the worst first."""
        counts = (self.failed, self.errors, self.skipped, self.passed)
        return dict(zip(CaseOutcome, counts, strict=True))

    @property
    def judged(self) -> int:
        """Number of cases that say something."""
        return self.passed + self.failed + self.errors
