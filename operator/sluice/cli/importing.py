"""`sluice import`: what other tools measured becomes a result document, which the gates of a plan judge.

Such a number comes without an interval, so that no gate passes or fails on it: it is marked, and its gate is
inconclusive. Cases of tests and expectations are judged as if the evaluation had run them.
"""

import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from sluice.api.evaluation_result import (
    POINT_ONLY,
    RESULT_SCHEMA,
    DatasetInfo,
    Estimate,
    EvaluationResult,
    Measurement,
    ModelInfo,
)
from sluice.api.plan import Dataset, Gate
from sluice.api.suite import Suite
from sluice.api.suite_result import SuiteResult
from sluice.cli.evaluate_inputs import LocalModel
from sluice.cli.evaluate_reports import Reports
from sluice.cli.evaluating import EXIT, Inputs, Question, folder_of, inputs_of, judged
from sluice.cli.import_sources import Source, sources_of
from sluice.cli.plan_file import load_plan
from sluice.core.suite_cases import suite_result
from sluice.ports import Rejected
from sluice.report.evaluated import Evaluated
from sluice.report.source import count_rows

_WORD = "imported: that these numbers and cases are of these models and data is the word of who imported them"


def import_results(question: Question, given: Mapping[str, Sequence[str]]) -> int:
    """Judge what was given by arm, write and print; return the exit code. Raises errors of `sluice.ports`."""
    begun = time.monotonic()
    name, plan = load_plan(question.plan)
    if "champion" not in question.models and given["champion"]:
        raise Rejected("--champion-from: say also with --champion which model that is")
    checks = [*(gate.name for gate in plan.evaluation.gates), *(suite.name for suite in plan.evaluation.suites)]
    told = {
        "candidate": sources_of("--from", given["candidate"], checks),
        "champion": sources_of("--champion-from", given["champion"], checks),
    }
    out = folder_of(question.out)
    with tempfile.TemporaryDirectory(prefix="sluice-") as scratch:
        inputs = inputs_of(question, name, plan.evaluation, (out, Path(scratch)), runs_models=False)
        result = _result(inputs, told)
    found = Evaluated(
        plan=name,
        evaluation=inputs.held,
        uses=inputs.uses,
        models=inputs.models,
        result=result,
        judgement=judged(inputs, result),
        items=[],
        tracking_uri="",
        run_id="",
        seconds=time.monotonic() - begun,
    )
    reports = Reports(found, out)
    reports.show(question.output, reports.write())
    return EXIT[found.judgement.verdict]


def _result(inputs: Inputs, told: Mapping[str, Mapping[str, Source]]) -> EvaluationResult:
    plan, candidate = inputs.held, told["candidate"]
    datasets = {one.name: _dataset(one, inputs.data[one.name]) for one in plan.datasets}
    champion = inputs.models.get("champion")
    return EvaluationResult(
        schema_version=RESULT_SCHEMA,
        candidate=_model(inputs.models["candidate"]),
        champion=None if champion is None else _model(champion),
        datasets=tuple(datasets.values()),
        measurements=tuple(
            _measurement(gate, datasets.get(gate.dataset), candidate[gate.name], told["champion"].get(gate.name))
            for gate in plan.gates
            if gate.name in candidate
        ),
        suites=tuple(_suite(suite, candidate[suite.name]) for suite in plan.suites if suite.name in candidate),
        warnings=(_WORD,),
    )


def _model(model: LocalModel) -> ModelInfo:
    return ModelInfo(name=model.name, version=model.version, digest=model.digest)


def _dataset(one: Dataset, path: Path) -> DatasetInfo:
    columns = one.columns
    roles = {"label": columns.label, "query": columns.query, "cluster": columns.cluster}
    return DatasetInfo(name=one.name, digest=one.digest, rows=count_rows(path), raters=columns.raters, **roles)


def _measurement(gate: Gate, data: DatasetInfo | None, candidate: Source, champion: Source | None) -> Measurement:
    if data is None or gate.slices is not None:
        what = "counts the cases of a challenge set" if data is None else "looks at slices"
        cure = "leave this one out, and have `sluice evaluate` measure it"
        raise Rejected(f"{candidate.option}: the gate {what}, and one number says nothing of them: {cure}")
    now = candidate.number()
    was = None if champion is None else champion.number()
    return Measurement(
        name=gate.name,
        metric=gate.metric,
        params=gate.params.flat(),
        dataset=gate.dataset,
        level=float(gate.confidence.level),
        n=data.rows,
        denominator=data.rows,
        candidate=_point(now),
        champion=None if was is None else _point(was),
        difference=None if was is None else _point(now - was),
    )


def _point(value: float) -> Estimate:
    return Estimate(estimate=value, lower=value, upper=value, method=POINT_ONLY)


def _suite(suite: Suite, source: Source) -> SuiteResult:
    cases = source.cases(suite.kind)
    return suite_result(suite, cases, "" if cases else "it collected nothing")
