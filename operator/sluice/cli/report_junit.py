"""An evaluation as JUnit XML, for CI's list of tests: one suite of a case a gate, then a plan's suites case by case.

A gate that failed is a failure. One that cannot tell, has too little data or could not be judged is an error, not
skipped: CI tools show skipped tests as fine, and what is not proved is not fine. Skipped are only gates of a tier that
was not reached, and what a suite skipped itself. What is advisory is fine whatever it says: it is its output.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from sluice.api.suite import Suite
from sluice.api.suite_result import CaseOutcome, SuiteResult
from sluice.api.verdict import Severity, Verdict
from sluice.core.timeline import printable
from sluice.report.evaluated import Evaluated
from sluice.report.rows import Row

_FINE = "system-out"
_SKIPPED = "skipped"
_OF_CASES = {CaseOutcome.FAILED: "failure", CaseOutcome.ERROR: "error", CaseOutcome.SKIPPED: _SKIPPED}


@dataclass(frozen=True, kw_only=True)
class _Case:
    """A test as CI shows it: `kind` is the element in it that says what became of it."""

    group: str
    name: str
    kind: str
    said: str
    """Type of what became of it: `Verdict.Reason`, or the outcome of a suite's case."""
    message: str
    details: Sequence[str] = ()


def junit(found: Evaluated) -> str:
    """Return the document."""
    gates = [row for row in found.rows if not isinstance(row.check, Suite)]
    parts = {found.plan: [_gate(found, row) for row in gates]}
    for row in found.rows:
        if isinstance(row.check, Suite):
            group = f"{found.plan}.{row.name}"
            parts[group] = list(_suite(group, row, found.result.suite(row.name)))
    every = [case for cases in parts.values() for case in cases]
    root = ET.Element("testsuites", {"name": "sluice evaluate", **_counts(every), "time": f"{found.seconds:.3f}"})
    for name, cases in parts.items():
        suite = ET.SubElement(root, "testsuite", {"name": printable(name), **_counts(cases)})
        if name == found.plan:
            known = ET.SubElement(suite, "properties")
            for key, value in _properties(found):
                ET.SubElement(known, "property", {"name": key, "value": printable(value)})
        for case in cases:
            _write(suite, case)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _counts(cases: Sequence[_Case]) -> dict[str, str]:
    kinds = [case.kind for case in cases]
    names = {"failures": "failure", "errors": "error", "skipped": _SKIPPED}
    return {"tests": str(len(kinds))} | {name: str(kinds.count(kind)) for name, kind in names.items()}


def _properties(found: Evaluated) -> list[tuple[str, str]]:
    models = [(arm, model.asked) for arm, model in found.models.items()]
    digests = [(f"{arm}.digest", model.digest) for arm, model in found.models.items()]
    decided = [("verdict", str(found.judgement.verdict)), ("decisionDigest", found.judgement.decision_digest)]
    return [*models, *digests, *decided, ("mlflow.run", found.run_id)]


def _kind(row: Row) -> str:
    """Return the element that says what became of a gate or of a whole suite."""
    if not row.reached:
        return _SKIPPED
    if row.status.verdict is Verdict.PASS or row.check.severity is Severity.ADVISORY:
        return _FINE
    return "failure" if row.status.verdict is Verdict.FAIL else "error"


def _gate(found: Evaluated, row: Row) -> _Case:
    return _whole(f"{found.plan}.{row.check.dataset}", row, tuple(_details(row)))


def _whole(group: str, row: Row, details: Sequence[str] = ()) -> _Case:
    kind = _kind(row)
    said = row.outcome if kind == _FINE else f"{row.status.verdict}.{row.reason}"
    return _Case(group=group, name=row.name, kind=kind, said=said, message=row.status.message, details=details)


def _suite(group: str, row: Row, ran: SuiteResult | None) -> Iterator[_Case]:
    """Yield a suite's cases; then the suite itself, where none of them shows what it came to."""
    cases = [] if ran is None else list(_cases(group, row, ran))
    yield from cases
    if _kind(row) not in {case.kind for case in cases}:
        yield _whole(group, row)


def _cases(group: str, row: Row, ran: SuiteResult) -> Iterator[_Case]:
    """Yield the cases that the result names, and one for those of each outcome that it only counts."""
    for case in ran.cases:
        kind = _case_kind(row, case.outcome)
        yield _Case(group=group, name=case.name, kind=kind, said=case.outcome, message=case.message)
    for outcome, total in ran.totals.items():
        rest = total - sum(case.outcome is outcome for case in ran.cases)
        if rest:
            name = f"{rest:,} more: {outcome}"
            yield _Case(group=group, name=name, kind=_case_kind(row, outcome), said=outcome, message="only counted")


def _case_kind(row: Row, outcome: CaseOutcome) -> str:
    if not row.reached:
        return _SKIPPED
    return _FINE if row.check.severity is Severity.ADVISORY else _OF_CASES.get(outcome, _FINE)


def _write(suite: ET.Element, case: _Case) -> None:
    element = ET.SubElement(suite, "testcase", {"classname": printable(case.group), "name": printable(case.name)})
    message = printable(case.message)
    if case.kind == _FINE:
        ET.SubElement(element, _FINE).text = ": ".join(filter(None, (case.said, message)))
        return
    details = {"type": case.said, "message": message}
    ET.SubElement(element, case.kind, details).text = "\n".join([message, *map(printable, case.details)])


def _details(row: Row) -> Iterator[str]:
    yield "; ".join([row.values, *(f"{rule.bounds}, {rule.wanted}" for rule in row.rules), f"{row.count} items"])
    for part in row.slices:
        seen = [part.values, *(rule.bounds for rule in part.rules), f"{part.count} items"]
        yield f"{part.name}: {'; '.join(seen)}: {part.verdict}"
