"""`sluice evaluate`: the evaluation and the gates of a rollout, on this machine, with no cluster."""

import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sluice.api.candidate import PinnedModel
from sluice.api.engine import RayInput
from sluice.api.evaluation_result import EvaluationResult
from sluice.api.evaluation_spec import ChallengeInput, DatasetInput, EvaluationSpec, Identity, ModelInput, SuiteInput
from sluice.api.plan import Evaluation
from sluice.api.verdict import Verdict
from sluice.cli import evaluate_job
from sluice.cli.evaluate_engine import ray_of
from sluice.cli.evaluate_inputs import (
    LocalModel,
    Sources,
    challenges_of,
    check_digests,
    check_extra,
    files_of,
    lists_of,
    model_of,
    suites_of,
)
from sluice.cli.evaluate_registry import SQLITE, Registry
from sluice.cli.evaluate_reports import Reports
from sluice.cli.evaluate_stores import LIMITS, stores_of
from sluice.cli.evaluate_uses import uses
from sluice.cli.plan_file import load_plan
from sluice.cli.progressing import say, steps
from sluice.core.gates.judge import Judgement, judge
from sluice.core.gates.reuse import Uses, widened
from sluice.core.manifests.job import challenge_input, dataset_input, measurement_wanted, suite_input
from sluice.ports import Rejected
from sluice.report.asked_cases import cases_of
from sluice.report.contamination import contamination_of
from sluice.report.evaluated import Evaluated, items_of_gates
from sluice.report.items import Items
from sluice.report.queries import queries_of

EXIT: Mapping[Verdict, int] = {
    Verdict.PASS: 0,
    Verdict.FAIL: 1,
    Verdict.INCONCLUSIVE: 2,
    Verdict.NO_DATA: 2,
    Verdict.ERROR: 3,
}
STORE = "mlflow.db"
_LOCAL = "local"
_Input = TypeVar("_Input", DatasetInput, ChallengeInput, SuiteInput)


@dataclass(frozen=True, kw_only=True)
class Question:
    """What to judge, by which plan, and where the answer goes."""

    plan: Path
    models: Mapping[str, str]
    """What was asked for, by arm: the candidate, and the champion if there is one."""
    data: tuple[str, ...]
    out: Path
    suites: tuple[str, ...] = ()
    stores: Path | None = None
    """The file that says what the plan's stores are."""
    challenges: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    tracking_uri: str = ""
    count_use: bool = False
    """Whether the registry is to count that the data sets are used."""
    engine: str = ""
    """The address of the Ray cluster that asks the models; empty: this machine does."""
    output: str = "table"


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What was asked for, found and made sure of."""

    name: str
    evaluation: Evaluation
    registry: Registry
    models: Mapping[str, LocalModel]
    data: Mapping[str, Path]
    suites: Mapping[str, Path]
    challenges: Mapping[str, Path]
    uses: Uses
    lists: Mapping[str, Path]
    """Digest lists of training data, by data set."""
    scratch: Path
    out: Path
    home: Path
    ray: RayInput | None = None

    @property
    def held(self) -> Evaluation:
        """The evaluation with its gates at the confidence that the uses of their sets ask for."""
        return widened(self.evaluation, self.uses)


def evaluate(question: Question) -> int:
    """Evaluate, judge, write and print; return the exit code. Raises errors of `sluice.ports` for bad input."""
    name, plan = load_plan(question.plan)
    out = folder_of(question.out)
    with tempfile.TemporaryDirectory(prefix="sluice-") as scratch:
        inputs = inputs_of(question, name, plan.evaluation, (out, Path(scratch)), runs_models=True)
        found = _evaluated(inputs)
    reports = Reports(found, out)
    reports.show(question.output, reports.write())
    return EXIT[found.judgement.verdict]


def folder_of(out: Path) -> Path:
    """Return the folder for the reports, made where it is not there. Raises Rejected."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Rejected(f"--out {out} cannot be made ({error.strerror}): name a folder that can") from error
    return out


def inputs_of(
    question: Question, name: str, evaluation: Evaluation, folders: tuple[Path, Path], *, runs_models: bool
) -> Inputs:
    """Return what was asked for; `folders` are those of the reports and of what nobody needs afterwards.

    Where no model runs, none has to be there, and no cases to ask it.
    """
    out, scratch = folders
    if evaluation.suites:
        check_extra(extra="suites")
    ray = ray_of(question.engine, evaluation)
    registry = Registry(question.tracking_uri or f"{SQLITE}{out.resolve() / STORE}")
    sources = Sources(stores=stores_of(question.stores), registry=registry, scratch=scratch)
    data = files_of(question.data, evaluation, sources)
    suites = suites_of(question.suites, evaluation, sources)
    models = {}
    for arm, asked in question.models.items():
        say(f"{arm}: {asked}")
        models[arm] = model_of(arm, asked, registry, scratch)
    if runs_models:
        check_digests(models, evaluation)
    return Inputs(
        name=name,
        evaluation=evaluation,
        registry=registry,
        models=models,
        data=data,
        suites=suites,
        challenges=challenges_of(question.challenges, evaluation, sources) if runs_models else {},
        uses=uses(models["candidate"], evaluation, registry, count=question.count_use),
        lists=lists_of(question.lists, evaluation, sources) if runs_models else {},
        scratch=scratch,
        out=out,
        home=Path.cwd() if question.tracking_uri else out,
        ray=ray,
    )


def _evaluated(inputs: Inputs) -> Evaluated:
    begun = time.monotonic()
    work = evaluate_job.Work(
        order=_order(inputs),
        seconds=inputs.evaluation.timeout_seconds,
        scratch=inputs.scratch,
        out=inputs.out,
        home=inputs.home,
    )
    sets = ", ".join(dataset.name for dataset in inputs.evaluation.datasets)
    with steps(f"evaluating on {sets}: at most {work.seconds:g} s, log in {inputs.out / evaluate_job.LOG}") as shown:
        words = evaluate_job.run(work, shown.show)
    result, folder = evaluate_job.results(inputs.registry, words, work)
    judgement = judged(inputs, result)
    return Evaluated(
        plan=inputs.name,
        evaluation=inputs.held,
        uses=inputs.uses,
        models=inputs.models,
        result=result,
        judgement=judgement,
        items=_items(inputs, judgement, folder),
        queries=queries_of(result, folder, inputs.data),
        cases=cases_of(result, folder),
        contamination=contamination_of(result, folder, inputs.data),
        tracking_uri=inputs.registry.shown,
        run_id=words.run_id or "",
        seconds=time.monotonic() - begun,
    )


def _order(inputs: Inputs) -> EvaluationSpec:
    models = {arm: _input(model) for arm, model in inputs.models.items()}
    return EvaluationSpec(
        tracking_uri=inputs.registry.uri,
        run_name=_LOCAL,
        identity=Identity(candidate_uid=_LOCAL, attempt=1),
        candidate=models["candidate"],
        champion=models.get("champion"),
        datasets=tuple(_placed(inputs.data, _listed(inputs, dataset_input(one))) for one in inputs.evaluation.datasets),
        challenge_sets=tuple(
            _placed(inputs.challenges, one) for one in map(challenge_input, inputs.evaluation.challenge_sets)
        ),
        measurements=tuple(measurement_wanted(gate) for gate in inputs.held.gates),
        suites=tuple(_placed(inputs.suites, one) for one in map(suite_input, inputs.evaluation.suites)),
        ray=inputs.ray,
        limits=LIMITS,
    )


def _input(model: LocalModel) -> ModelInput:
    return ModelInput(name=model.name, version=model.version, uri=model.uri, digest=model.digest)


def _placed(places: Mapping[str, Path], wanted: _Input) -> _Input:
    """Return what to read with its place on this machine, where it has one."""
    path = places.get(wanted.name)
    return wanted if path is None else wanted.model_copy(update={"uri": str(path)})


def _listed(inputs: Inputs, wanted: DatasetInput) -> DatasetInput:
    """Return a data set with the place of its digest list on this machine, where a gate asks for that."""
    if wanted.training is None or wanted.name not in inputs.lists:
        return wanted.model_copy(update={"training": None})
    training = wanted.training.model_copy(update={"uri": str(inputs.lists[wanted.name])})
    return wanted.model_copy(update={"training": training})


def judged(inputs: Inputs, result: EvaluationResult) -> Judgement:
    """Return the judgement as the operator makes it, of the document as the operator reads it."""
    document = result.model_dump(mode="json", by_alias=True)
    pinned = {arm: _pinned(model) for arm, model in inputs.models.items()}
    return judge(
        inputs.evaluation,
        document,
        candidate=pinned["candidate"],
        champion=pinned.get("champion"),
        uses=inputs.uses,
    )


def _pinned(model: LocalModel) -> PinnedModel:
    return PinnedModel(registry=_LOCAL, name=model.name, version=model.version, digest=model.digest, uri=model.uri)


def _items(inputs: Inputs, judgement: Judgement, folder: Path) -> Sequence[Items]:
    """Return what the tables of items tell, and keep all tables."""
    for pattern in ("items-*.parquet", "queries-*.parquet"):
        for table in folder.glob(pattern):
            shutil.copyfile(table, inputs.out / table.name)
    names = {one.name for one in judgement.gates if one.verdict is Verdict.FAIL}
    return items_of_gates(inputs.evaluation, names, folder, inputs.data)
