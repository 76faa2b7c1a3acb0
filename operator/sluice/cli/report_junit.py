"""An evaluation as JUnit XML, for CI's list of tests: one case a gate or suite.

A gate that failed is a failure. One that cannot tell, has too little data or could not be judged is an error, not
skipped: CI tools show skipped tests as fine, and what is not proved is not fine. Skipped are only gates of a tier that
was not reached. Advisory gates are fine whatever they say: it is their output.
"""

from collections.abc import Iterator
from xml.etree import ElementTree as ET

from sluice.api.suite import Suite
from sluice.api.verdict import Severity, Verdict
from sluice.core.timeline import printable
from sluice.report.evaluated import Evaluated
from sluice.report.rows import Row

_FINE = "system-out"


def junit(found: Evaluated) -> str:
    """Return the document."""
    kinds = [_kind(row) for row in found.rows]
    counts = {
        "tests": str(len(kinds)),
        "failures": str(kinds.count("failure")),
        "errors": str(kinds.count("error")),
        "skipped": str(kinds.count("skipped")),
        "time": f"{found.seconds:.3f}",
    }
    root = ET.Element("testsuites", {"name": "sluice evaluate", **counts})
    suite = ET.SubElement(root, "testsuite", {"name": printable(found.plan), **counts})
    known = ET.SubElement(suite, "properties")
    for name, value in _properties(found):
        ET.SubElement(known, "property", {"name": name, "value": printable(value)})
    for row in found.rows:
        _case(suite, found, row)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _properties(found: Evaluated) -> list[tuple[str, str]]:
    models = [(arm, model.asked) for arm, model in found.models.items()]
    digests = [(f"{arm}.digest", model.digest) for arm, model in found.models.items()]
    decided = [("verdict", str(found.judgement.verdict)), ("decisionDigest", found.judgement.decision_digest)]
    return [*models, *digests, *decided, ("mlflow.run", found.run_id)]


def _kind(row: Row) -> str:
    """Return the element that says what became of a gate."""
    if not row.reached:
        return "skipped"
    if row.status.verdict is Verdict.PASS or row.check.severity is Severity.ADVISORY:
        return _FINE
    return "failure" if row.status.verdict is Verdict.FAIL else "error"


def _case(suite: ET.Element, found: Evaluated, row: Row) -> None:
    group = printable(f"{found.plan}.{row.check.dataset or row.name}")
    case = ET.SubElement(suite, "testcase", {"classname": group, "name": row.name, "time": "0"})
    message = printable(row.status.message)
    kind = _kind(row)
    if kind == _FINE:
        ET.SubElement(case, _FINE).text = f"{row.outcome}: {message}"
        return
    details = {"type": f"{row.status.verdict}.{row.reason}", "message": message}
    ET.SubElement(case, kind, details).text = "\n".join([message, *map(printable, _details(row))])


def _details(row: Row) -> Iterator[str]:
    if isinstance(row.check, Suite):
        yield row.values
        yield from (f"{case.outcome}: {case.name}: {case.message}" for case in row.cases if case.message)
        return
    yield "; ".join([row.values, *(f"{rule.bounds}, {rule.wanted}" for rule in row.rules), f"{row.count} items"])
    for part in row.slices:
        seen = [part.values, *(rule.bounds for rule in part.rules), f"{part.count} items"]
        yield f"{part.name}: {'; '.join(seen)}: {part.verdict}"
