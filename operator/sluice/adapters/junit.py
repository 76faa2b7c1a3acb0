"""JUnit XML, as pytest writes it, as cases: what each is called, what became of it, and why in one line."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET  # a document that declares entities is refused before it is read

from sluice.api.suite_result import CaseOutcome

MOST_BYTES = 64 << 20
_WORDS = {"failure": CaseOutcome.FAILED, "error": CaseOutcome.ERROR, "skipped": CaseOutcome.SKIPPED}
_RANK = tuple(CaseOutcome)
_FORBIDDEN = (b"<!DOCTYPE", b"<!ENTITY")
_WHY = "E   "
"""How pytest marks the lines of a trace that say what is wrong."""
_COLLECTION = "collection failure"


class InvalidJUnit(ValueError):  # noqa: N818 -- an outcome in our words
    """Bytes that are no JUnit XML; the message says why."""


@dataclass(frozen=True)
class JUnitCase:
    """One test."""

    name: str
    """Its module (and class), and its own name."""
    outcome: CaseOutcome
    message: str = ""
    of_collection: bool = False
    """Whether it is no test: a file whose tests could not be collected."""


def parse_junit(content: bytes) -> Sequence[JUnitCase]:
    """Return the cases in their order, each once, with the worst that became of it. Raises InvalidJUnit.

    An entry without a name is none: pytest writes it for a test that it did not finish.
    """
    if len(content) > MOST_BYTES:
        raise InvalidJUnit(f"more than {MOST_BYTES >> 20} MiB of JUnit XML")
    if any(word in content for word in _FORBIDDEN):
        raise InvalidJUnit("JUnit XML with a document type, which is not read")
    try:
        root = ET.fromstring(content)  # noqa: S314 -- as above: no entities, bounded
    except ET.ParseError as error:
        raise InvalidJUnit("no JUnit XML: it does not parse") from error
    if root.tag not in {"testsuites", "testsuite"}:
        raise InvalidJUnit(f"no JUnit XML: its root is {root.tag[:40]}")
    found: dict[str, JUnitCase] = {}
    for case in map(_case, (one for one in root.iter("testcase") if one.get("name"))):
        known = found.get(case.name)
        if known is None or _RANK.index(case.outcome) < _RANK.index(known.outcome):
            found[case.name] = case
    return tuple(found.values())


def _case(element: ET.Element) -> JUnitCase:
    group, own = element.get("classname", ""), element.get("name", "")
    name = _line(f"{group}::{own}" if group else own)
    told = [(_WORDS[part.tag], part) for part in element if part.tag in _WORDS]
    if not told:
        return JUnitCase(name, CaseOutcome.PASSED)
    outcome, part = min(told, key=lambda pair: _RANK.index(pair[0]))
    message = part.get("message", "")
    collecting = outcome is CaseOutcome.ERROR and message == _COLLECTION
    return JUnitCase(name, outcome, _why(part) if collecting else _line(message or part.text or ""), collecting)


def _why(part: ET.Element) -> str:
    """Return the last line of a trace that says what is wrong."""
    lines = [line.removeprefix(_WHY) for line in (part.text or "").splitlines() if line.startswith(_WHY)]
    return _line(lines[-1]) if lines else _COLLECTION


def _line(text: str) -> str:
    return " ".join(text.split())
