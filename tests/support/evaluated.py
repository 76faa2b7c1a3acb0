"""Finished evaluations of given looks, judged as `sluice evaluate` judges them."""

from pathlib import Path
from typing import Any

from sluice.api.evaluation_result import parse_document
from sluice.api.plan import Evaluation
from sluice.api.verdict import Verdict
from sluice.cli.evaluate_inputs import LocalModel
from sluice.core.gates.judge import judge
from sluice.report.asked_cases import cases_of
from sluice.report.contamination import contamination_of
from sluice.report.evaluated import Evaluated, items_of_gates
from sluice.report.queries import queries_of
from tests.support import evaluations as make

Json = dict[str, Any]
MODELS = {
    "candidate": ("models:/shop/2", make.CANDIDATE),
    "champion": ("models:/shop/1", make.CHAMPION),
}


def _local(arm: str) -> LocalModel:
    asked, digest = MODELS[arm]
    return LocalModel(asked=asked, name="shop", version=asked[-1], folder=Path("model"), digest=digest)


def found(evaluation: Evaluation, *measurements: Json, folder: Path | None = None, **fields: Any) -> Evaluated:
    """Return a finished evaluation with these measurements."""
    document = make.document(*measurements, **fields)
    alone = document.get("champion") is None
    champion = None if alone else make.pinned(make.CHAMPION)
    judgement = judge(evaluation, document, candidate=make.pinned(make.CANDIDATE), champion=champion)
    failed = [one.name for one in judgement.gates if one.verdict is Verdict.FAIL]
    data = {} if folder is None else {"holdout": folder / "holdout.parquet"}
    result = parse_document(document)
    return Evaluated(
        plan="careful",
        evaluation=evaluation,
        models={arm: _local(arm) for arm in MODELS if not (alone and arm == "champion")},
        result=result,
        judgement=judgement,
        items=[] if folder is None else items_of_gates(evaluation, failed, folder, data),
        queries=[] if folder is None else queries_of(result, folder, data),
        cases={} if folder is None else cases_of(result, folder),
        contamination=[] if folder is None else contamination_of(result, folder, data),
        tracking_uri="sqlite:///store.db",
        run_id="run-1",
        seconds=2.5,
    )
