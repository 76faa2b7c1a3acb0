"""A suite of Great Expectations, held against a data set or its predictions in a process of its own."""

import json
from importlib.util import find_spec
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from sluice.api.suite_result import SuiteCase, SuiteResult
from sluice.core.suite_cases import suite_result
from sluice.evaluation.dataset import LoadedDataset
from sluice.evaluation.suites import child
from sluice.evaluation.suites.prepared import PreparedSuite

_PROGRAM = "sluice.evaluation.suites.expecting"
_CASES = TypeAdapter(tuple[SuiteCase, ...])


def run_expectations(suite: PreparedSuite, data: LoadedDataset, said: Path | None) -> SuiteResult:
    """Hold the expectations against a data set, and what the models said of it where `said` is the file of that."""
    source = suite.source
    if not suite.expectations:
        return suite_result(source, error="the suite has no expectation")
    if find_spec("great_expectations") is None:
        error = (
            "the evaluation image has no Great Expectations: use the released one, or install sluice-operator[suites]"
        )
        return suite_result(source, error=error)
    order, answer = (suite.folder / name for name in ("order.json", "answer.json"))
    files = {"data": str(data.path.resolve()), "layout": data.layout, "answer": str(answer)}
    predictions = {} if said is None else {"predictions": str(said.resolve())}
    order.write_text(json.dumps({**files, **predictions, "expectations": suite.expectations}), encoding="utf-8")
    ended = child.run(["-m", _PROGRAM, str(order)], suite.folder, source.timeout_seconds)
    if ended.code is None:
        error = f"the expectations took longer than timeoutSeconds ({source.timeout_seconds}): raise it, or ask less"
        return suite_result(source, error=error)
    cases = _cases(answer)
    if ended.code or cases is None or len(cases) != len(suite.expectations):
        last = ended.output.strip().rpartition("\n")[2]
        return suite_result(source, error=f"the expectations could not be looked at ({ended.how}): {last}")
    return suite_result(source, cases)


def _cases(answer: Path) -> tuple[SuiteCase, ...] | None:
    try:
        return _CASES.validate_json(answer.read_bytes())
    except (OSError, ValidationError):
        return None
