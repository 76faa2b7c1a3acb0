"""The cases of a challenge set: one JSON object a line, with what is expected and what the models get."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError
from typing_extensions import override

from sluice.api.challenge_manifest import CaseColumns, ChallengeManifest
from sluice.api.challenge_result import CaseId

CASES_LIMIT = 64 << 20
"""Greatest size of a file of cases in bytes."""
_ID: TypeAdapter[str] = TypeAdapter(CaseId)
_MOST_TEXT = 256


class InvalidCases(ValueError):  # noqa: N818 -- an outcome in our words
    """Bytes that are not the cases of the manifest; the message names the line and never shows what is in it."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What is right: one of some classes, or a number that is near enough."""

    classes: tuple[str, ...] = ()
    number: float | None = None
    tolerance: float = 0.0

    def is_met(self, said: str | None, number: float) -> bool:
        """Whether an answer is right: a class (None where the model failed), or a number (NaN where there is none)."""
        if said is None:
            return False
        return said in self.classes if self.number is None else abs(number - self.number) <= self.tolerance

    @override
    def __str__(self) -> str:
        """Return it in words."""
        return " or ".join(self.classes) if self.number is None else f"{self.number:g} ± {self.tolerance:g}"


@dataclass(frozen=True, kw_only=True)
class Case:
    """One case."""

    id: str
    expected: Expected
    hidden: bool
    inputs: Mapping[str, Any]


def read_cases(content: bytes, manifest: ChallengeManifest) -> tuple[Case, ...]:
    """Return the cases. Raises InvalidCases for bytes that are not what the manifest says."""
    cases = cases_of(content, manifest.columns)
    found, wanted = (len(cases), sum(case.hidden for case in cases)), (manifest.cases.count, manifest.cases.hidden)
    if found != wanted:
        what = "has {} cases, {} of them hidden"
        raise InvalidCases(f"{what.format(*found)}, and the manifest says that it {what.format(*wanted)}")
    return cases


def cases_of(content: bytes, columns: CaseColumns) -> tuple[Case, ...]:
    """Return all cases of a file. Raises InvalidCases."""
    return tuple(_cases(content, columns))


def _cases(content: bytes, columns: CaseColumns) -> Iterator[Case]:
    known: dict[str, int] = {}
    keys: frozenset[str] = frozenset()
    for number, line in enumerate(content.split(b"\n"), start=1):
        if not line.strip():
            continue
        case = _case(_object(line, number), columns, number)
        if case.id in known:
            raise InvalidCases(f"has the {columns.id} of line {known[case.id]} again on line {number}: names differ")
        keys = keys or frozenset(case.inputs)
        if frozenset(case.inputs) != keys:
            raise InvalidCases(f"has other keys for the models on line {number} than before: all cases need the same")
        known[case.id] = number
        yield case


def _object(line: bytes, number: int) -> dict[str, Any]:
    try:
        found = json.loads(line, parse_constant=_refuse)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise InvalidCases(f"has no JSON object on line {number}: each line is one case")
    return found


def _refuse(name: str) -> None:
    raise ValueError(name)


def _case(found: dict[str, Any], columns: CaseColumns, number: int) -> Case:
    try:
        name = _ID.validate_python(found.pop(columns.id, None), strict=True)
    except ValidationError:
        what = f"has no name in key {columns.id!r} on line {number}: letters, digits and . _ - between, at most 64"
        raise InvalidCases(what) from None
    hidden = found.pop(columns.hidden, False)
    if not isinstance(hidden, bool):
        raise InvalidCases(f"has no truth value in key {columns.hidden!r} on line {number}: write true or false")
    expected = _expected(found.pop(columns.expect, None), found.pop(columns.tolerance, None))
    if expected is None:
        what = (
            f"has nothing to expect in key {columns.expect!r} on line {number}: a class, a list of classes, or a number"
        )
        raise InvalidCases(f"{what} with a {columns.tolerance!r} from 0 up")
    if not found:
        raise InvalidCases(f"has nothing for the models on line {number}: add the columns that they read")
    return Case(id=name, expected=expected, hidden=hidden, inputs=found)


def _expected(answer: object, tolerance: object) -> Expected | None:
    if tolerance is not None:
        if not _is_number(answer) or not _is_number(tolerance) or float(tolerance) < 0:  # type: ignore[arg-type]
            return None
        return Expected(number=float(answer), tolerance=float(tolerance))  # type: ignore[arg-type]
    classes = answer if isinstance(answer, list) else [answer]
    if not classes or not all(isinstance(one, str | bool | int) and 0 < len(str(one)) <= _MOST_TEXT for one in classes):
        return None
    return Expected(classes=tuple(map(str, classes)))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
