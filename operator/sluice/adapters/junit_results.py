"""JUnit XML, as pytest and other test runners write it: one case a test."""

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from sluice.adapters.tool_results import xml_of
from sluice.api.suite_result import MESSAGE_LIMIT, NAME_LIMIT, CaseOutcome, SuiteCase
from sluice.core.timeline import printable
from sluice.ports import Rejected

_OUTCOMES = (
    ("failure", CaseOutcome.FAILED),
    ("error", CaseOutcome.ERROR),
    ("rerunFailure", CaseOutcome.FAILED),
    ("flakyFailure", CaseOutcome.FAILED),
    ("skipped", CaseOutcome.SKIPPED),
)
"""The worst first: a test that failed and then broke while it was put away has failed."""


def junit_cases(path: Path) -> tuple[SuiteCase, ...]:
    """Return the tests of a file. Raises NotFound or Rejected, also where the file contradicts itself."""
    root = xml_of(path)
    if root.tag not in {"testsuites", "testsuite"}:
        raise Rejected(f"{printable(str(path))} is no JUnit file, it begins with {printable(root.tag)}: give that")
    found = tuple(_cases(root))
    for suite in root.iter("testsuite"):
        said, there = suite.get("tests"), sum(1 for _ in suite.iter("testcase"))
        if said is not None and (not said.isdigit() or int(said) > there):
            raise Rejected(
                f"{printable(str(path))} says that it has {printable(said)} tests and holds {there}: was it cut off?"
            )
    return found


def _cases(root: ET.Element) -> Iterator[SuiteCase]:
    for one in root.iter("testcase"):
        name = "::".join(part for part in (one.get("classname", ""), one.get("name", "")) if part)
        outcome, element = next(
            ((outcome, child) for tag, outcome in _OUTCOMES if (child := one.find(tag)) is not None),
            (CaseOutcome.PASSED, None),
        )
        said = "" if element is None else element.get("message") or (element.text or "").strip().partition("\n")[0]
        yield SuiteCase(name=_short(name, NAME_LIMIT), outcome=outcome, message=_short(said, MESSAGE_LIMIT))


def _short(text: str, most: int) -> str:
    plain = printable(text)
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"
