"""From cases to the result document's part: totals of all, the worst cases first, texts bounded."""

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from sluice.api.suite import SuiteKind, SuiteSubject
from sluice.api.suite_result import MESSAGE_LIMIT, MOST_CASES, NAME_LIMIT, CaseOutcome, SuiteCase, SuiteResult
from sluice.core.timeline import printable

_ERROR_LIMIT = 1024


class SuiteSource(Protocol):
    """What a suite is called and stands on: as the plan says it, or the order of a Job."""

    @property
    def name(self) -> str:
        """Name in the plan."""

    @property
    def kind(self) -> SuiteKind:
        """What it is written in."""

    @property
    def digest(self) -> str:
        """SHA-256 of its file."""

    @property
    def dataset(self) -> str | None:
        """Name of the data set that it is held against."""

    @property
    def about(self) -> SuiteSubject | None:
        """What it looks at."""


def suite_result(source: SuiteSource, cases: Sequence[SuiteCase] = (), error: str = "") -> SuiteResult:
    """Return what came of a suite."""
    total = Counter(case.outcome for case in cases)
    worst_first = sorted(cases, key=lambda case: tuple(CaseOutcome).index(case.outcome))
    return SuiteResult(
        name=source.name,
        kind=source.kind,
        digest=source.digest,
        dataset=source.dataset,
        about=source.about,
        passed=total[CaseOutcome.PASSED],
        failed=total[CaseOutcome.FAILED],
        errors=total[CaseOutcome.ERROR],
        skipped=total[CaseOutcome.SKIPPED],
        cases=tuple(worst_first[:MOST_CASES]),
        error=shortened(error, _ERROR_LIMIT),
    )


def case(name: str, outcome: CaseOutcome, message: str = "") -> SuiteCase:
    """Return a case with its texts made printable and short."""
    return SuiteCase(name=shortened(name, NAME_LIMIT), outcome=outcome, message=shortened(message, MESSAGE_LIMIT))


def shortened(text: str, most: int) -> str:
    """Return a text on one line of printable characters, cut where it is too long."""
    line = printable(text)
    return line if len(line) <= most else f"{line[: most - 1]}…"
