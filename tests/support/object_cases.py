"""The table of valid and invalid objects: judged by the models and by a real API server, which must agree."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from tests.support import offline_cases, suite_cases
from tests.support.objects import (
    ABSENT,
    DIGEST,
    HOSTILE,
    Manifest,
    built,
    candidate,
    cell_gate,
    dataset,
    evaluation,
    expectations,
    gate,
    metric,
    plan,
    ratio,
    step,
    suite,
    traffic,
)


@dataclass(frozen=True)
class Case:
    """An object and whether it is valid."""

    id: str
    manifest: Manifest
    valid: bool


def _target(**fields: object) -> Manifest:
    return built({"name": "review-sentiment"}, fields)


def _model(**fields: object) -> Manifest:
    return built({"name": "review-sentiment", "version": "43"}, fields)


def _valid(name: str, manifest: Manifest) -> Case:
    return Case(name, manifest, valid=True)


def _invalid(name: str, manifest: Manifest) -> Case:
    return Case(name, manifest, valid=False)


def _with_evaluation(**fields: object) -> Manifest:
    return plan(evaluation=evaluation(**fields))


def _with_gate(**fields: object) -> Manifest:
    return _with_evaluation(gates=[gate(**fields)])


def _with_dataset(**fields: object) -> Manifest:
    return _with_evaluation(datasets=[dataset(**fields)])


def _with_traffic(**fields: object) -> Manifest:
    return plan(traffic=traffic(**fields))


def _counter(metric: str = "carts_total", **labels: str) -> Manifest:
    return {"metric": metric, "labels": [{"name": name, "value": value} for name, value in labels.items()]}


def _with_metric(**fields: object) -> Manifest:
    return _with_traffic(metrics=[metric(**fields)])


def _with_latency(**fields: object) -> Manifest:
    return _with_metric(name="latency", signal="Latency", **fields)


def _with_ratio(**fields: object) -> Manifest:
    return _with_metric(**{"name": "carts", "signal": ABSENT, "ratio": ratio(), **fields})


SLOW = {"rate": "0.01", "slowerThanSeconds": "0.5"}
EU = _counter("sessions_total", region="eu")
EU_CARTS = _counter(region="eu", cart="yes")
US_CARTS = _counter(region="us")
OPTIONAL = metric(name="extra", required=False, weight=3)


def _with_step(**fields: object) -> Manifest:
    return _with_traffic(steps=[step(**fields)])


CANDIDATES = (
    _valid("a candidate by version", candidate()),
    _valid("a candidate by alias", candidate(model=_model(version=ABSENT, alias="challenger"))),
    _valid("the target's kind may be left out", candidate(targetRef=_target())),
    _valid("the registry may be left out", candidate(model=_model())),
    _valid("a candidate may be born paused", candidate(paused=True)),
    _valid("a candidate may be born aborted", candidate(abort=True)),
    _valid("a model's name may have spaces and slashes", candidate(model=_model(name="team a/review: v1.2"))),
    _valid("a plan's name may be a subdomain", candidate(planRef={"name": "careful.v2"})),
    _invalid("no target", candidate(targetRef=ABSENT)),
    _invalid("no model", candidate(model=ABSENT)),
    _invalid("no plan", candidate(planRef=ABSENT)),
    _invalid("a plan without a name", candidate(planRef={})),
    _invalid("a target of another kind", candidate(targetRef=_target(kind="Deployment"))),
    _invalid(
        "a target of an old version", candidate(targetRef=_target(apiVersion="machinelearning.seldon.io/v1alpha2"))
    ),
    _invalid("a target in another namespace", candidate(targetRef=_target(namespace="other"))),
    _invalid("an upper-case target", candidate(targetRef=_target(name="Review"))),
    _invalid("a target of 64 characters", candidate(targetRef=_target(name="a" * 64))),
    _invalid("a hostile target", candidate(targetRef=_target(name=HOSTILE))),
    _invalid("neither version nor alias", candidate(model=_model(version=ABSENT))),
    _invalid("both version and alias", candidate(model=_model(alias="challenger"))),
    _invalid("a version that is a number", candidate(model=_model(version=43))),
    _invalid("version 0", candidate(model=_model(version="0"))),
    _invalid("a version of eleven digits", candidate(model=_model(version="1" * 11))),
    _invalid("an alias that looks like a version", candidate(model=_model(version=ABSENT, alias="43"))),
    _invalid("an empty model name", candidate(model=_model(name=""))),
    _invalid("a hostile model name", candidate(model=_model(name=HOSTILE))),
    _invalid("a model name with a line break at its end", candidate(model=_model(name="review\n"))),
    _invalid("a model name of 257 characters", candidate(model=_model(name="m" * 257))),
    _invalid("a registry by URL", candidate(model=_model(registry="http://mlflow:5000"))),
    _invalid("paused as a word", candidate(paused="yes")),
    _invalid("abort as a number", candidate(abort=1)),
    _invalid("an unknown field", candidate(weight=10)),
    _invalid("a field in snake case", candidate(target_ref=_target())),
    _invalid("a plan's name with a slash", candidate(planRef={"name": "../other"})),
)

PLANS = (
    _valid("a plan", plan()),
    _valid("a plan that supersedes", plan(concurrency="Supersede")),
    _valid("an absolute gate from below", _with_gate(min="0.9", vsChampion=ABSENT)),
    _valid("an absolute gate from above", _with_gate(max="0.10", vsChampion=ABSENT)),
    _valid("a gate with all its rules", _with_gate(min="0.5", max="1", confidence={"level": "0.99"}, minSamples=1)),
    _valid("columns of another name", _with_dataset(columns={"label": "true class"})),
    _valid("one step", _with_step(weight=99, margin="1.000001", floor="0.000000001", maxDurationSeconds=10)),
    _valid("twenty steps", _with_traffic(steps=[step(weight) for weight in range(1, 21)])),
    _valid("latency", _with_latency()),
    _valid("latency with a hard limit", _with_latency(hardLimit=SLOW)),
    _valid("errors with a hard limit", _with_metric(hardLimit={"rate": "0.05"})),
    _valid("a ratio that is better higher", _with_ratio(better="Higher")),
    _valid("a ratio with a hard limit", _with_ratio(better="Higher", hardLimit={"rate": "0.02"})),
    _valid("a ratio of parts", _with_ratio(ratio=ratio(numerator=EU_CARTS, denominator=EU))),
    _valid("a label of hostile text", _with_ratio(ratio=ratio(numerator=_counter(region=HOSTILE)))),
    _valid("events that come a day later", _with_ratio(ratio=ratio(maturesSeconds=86_400))),
    _valid("a metric beside a required one", _with_traffic(metrics=[metric(), OPTIONAL])),
    _valid("margins that stay", _with_traffic(steps=[step(5, margin="2"), step(25, margin="2.0")])),
    _valid("advancing within a budget", _with_traffic(onInconclusive="Advance", errorBudget=100)),
    _valid("rolling back without data", _with_traffic(onNoData="Rollback", noDataTimeoutSeconds=60)),
    _valid("waiting for warm pods", _with_traffic(warmUpSeconds=60, minDwellSeconds=300, onInconclusive="Rollback")),
    _valid(
        "steps just long enough",
        _with_traffic(steps=[step(maxDurationSeconds=61)], minDwellSeconds=61, warmUpSeconds=60),
    ),
    _valid("a rare false rollback", _with_traffic(falseRollback="0.000001")),
    _valid("a fast tick", _with_traffic(tickSeconds=1, readyTimeoutSeconds=10, metricsProvider="other")),
    _invalid("no evaluation", plan(evaluation=ABSENT)),
    _invalid("no traffic", plan(traffic=ABSENT)),
    _invalid("an unknown concurrency", plan(concurrency="Parallel")),
    _invalid("a concurrency in lower case", plan(concurrency="queue")),
    _invalid("no data sets", _with_evaluation(datasets=[], gates=[gate()])),
    _invalid("no gates", _with_evaluation(gates=[])),
    _invalid("too many gates", _with_evaluation(gates=[gate(name=f"g{number}") for number in range(65)])),
    _invalid("two gates of one name", _with_evaluation(gates=[gate(), gate()])),
    _invalid("two data sets of one name", _with_evaluation(datasets=[dataset(), dataset()])),
    _invalid("a gate on an unknown data set", _with_gate(dataset="other")),
    _invalid("a gate without a rule", _with_gate(vsChampion=ABSENT)),
    _invalid("a gate on an unknown metric", _with_gate(metric="vibes")),
    _invalid("a gate with a rise and a drop", _with_gate(vsChampion={"maxDrop": "0.1", "maxRise": "0.1"})),
    _invalid("a gate with an empty rule", _with_gate(vsChampion={})),
    _invalid("a cell without its classes", _with_evaluation(gates=[cell_gate(params=ABSENT)])),
    _invalid("a cell with one class", _with_evaluation(gates=[cell_gate(params={"actual": "negative"})])),
    _invalid(
        "a cell with a hostile class", _with_evaluation(gates=[cell_gate(params={"actual": HOSTILE, "predicted": "p"})])
    ),
    _invalid("a threshold that is a float", _with_gate(min=0.9)),
    _invalid("a negative threshold", _with_gate(min="-0.1")),
    _invalid("a threshold in scientific notation", _with_gate(min="1e-3")),
    _invalid("a confidence of one", _with_gate(confidence={"level": "1"})),
    _invalid("a confidence below a half", _with_gate(confidence={"level": "0.4"})),
    _invalid("no samples needed", _with_gate(minSamples=0)),
    _invalid("samples as a string", _with_gate(minSamples="300")),
    _invalid("a data set by http", _with_dataset(uri="http://169.254.169.254/latest")),
    _invalid("a data set by file", _with_dataset(uri="file:///etc/passwd")),
    _invalid("a data set with a query", _with_dataset(uri="mlflow-artifacts:/a?b=c")),
    _valid("a data set in a named store", _with_dataset(uri="store://reviews/2026/holdout-v1.parquet")),
    _valid("a data set on a volume", _with_dataset(uri="pvc://shared-data/year=2026/holdout.csv")),
    _invalid("a data set in a bucket of its own choice", _with_dataset(uri="s3://bucket/holdout.parquet")),
    _invalid("a store with a port", _with_dataset(uri="store://reviews:9000/holdout.parquet")),
    _invalid("a store with a host's name", _with_dataset(uri="store://s3.example/holdout.parquet")),
    _invalid("a store without a key", _with_dataset(uri="store://reviews")),
    _invalid("a key that ends with a slash", _with_dataset(uri="store://reviews/a/")),
    _invalid("a key that leads up", _with_dataset(uri="store://reviews/../others/holdout.parquet")),
    _invalid("a path that leads out of the volume", _with_dataset(uri="pvc://shared-data/a/../../etc/passwd")),
    _invalid("a path from the root", _with_dataset(uri="pvc://shared-data//etc/passwd")),
    _invalid("a volume without a claim", _with_dataset(uri="pvc:///etc/passwd")),
    _invalid("a data set without a digest", _with_dataset(digest=ABSENT)),
    _invalid("a data set with a short digest", _with_dataset(digest="sha256:abc")),
    _invalid("a data set with an upper-case digest", _with_dataset(digest=DIGEST.upper())),
    _invalid("an evaluation of a second", _with_evaluation(timeoutSeconds=1)),
    _invalid("a pod template", _with_evaluation(podTemplate={"spec": {"hostNetwork": True}})),
    _invalid("no steps", _with_traffic(steps=[])),
    _invalid("21 steps", _with_traffic(steps=[step(weight) for weight in range(1, 22)])),
    _invalid("steps that fall", _with_traffic(steps=[step(50), step(25)])),
    _invalid("steps of one weight", _with_traffic(steps=[step(25), step(25)])),
    _invalid("steps that fall at the end", _with_traffic(steps=[step(5), step(50), step(25)])),
    _invalid("a step of weight 0", _with_step(weight=0)),
    _invalid("a step of weight 100", _with_step(weight=100)),
    _invalid("a step of a negative weight", _with_step(weight=-5)),
    _invalid("a weight as a string", _with_step(weight="5")),
    _invalid("a weight with a fraction", _with_step(weight=5.5)),
    _invalid("a margin of one", _with_step(margin="1")),
    _invalid("a margin of one in more digits", _with_step(margin="1.000000")),
    _invalid("a margin that is a number", _with_step(margin=3)),
    _invalid("a floor of zero", _with_step(floor="0.000")),
    _invalid("a floor of one", _with_step(floor="1")),
    _invalid("a step of a second", _with_step(maxDurationSeconds=1)),
    _invalid("no live metrics", _with_traffic(metrics=[])),
    _invalid("an unknown signal", _with_metric(signal="Saturation")),
    _invalid("a metric without signal and ratio", _with_metric(signal=ABSENT)),
    _invalid("a metric with signal and ratio", _with_metric(ratio=ratio())),
    _invalid("a signal that is better higher", _with_metric(better="Higher")),
    _invalid("a metric of weight zero", _with_metric(weight=0)),
    _invalid("a metric of weight 101", _with_metric(weight=101)),
    _invalid("a hard limit of zero", _with_metric(hardLimit={"rate": "0.0"})),
    _invalid("a hard limit of one", _with_metric(hardLimit={"rate": "1"})),
    _invalid("a hard limit on latency that does not say what is slow", _with_latency(hardLimit={"rate": "0.1"})),
    _invalid("a hard limit on errors that says what is slow", _with_metric(hardLimit=SLOW)),
    _invalid("a hard limit on a ratio that says what is slow", _with_ratio(hardLimit=SLOW)),
    _invalid("a ratio of a metric with a space", _with_ratio(ratio=ratio(numerator={"metric": "a b"}))),
    _invalid("a ratio of PromQL", _with_ratio(ratio=ratio(numerator={"metric": 'up{a="b"}'}))),
    _invalid("a ratio without denominator", _with_ratio(ratio=ratio(denominator=ABSENT))),
    _invalid("a ratio over a hostile label", _with_ratio(ratio=ratio(armLabel=HOSTILE))),
    _invalid("a ratio whose numerator lacks the denominator's labels", _with_ratio(ratio=ratio(denominator=EU))),
    _invalid("a ratio whose numerator counts elsewhere", _with_ratio(ratio=ratio(numerator=US_CARTS, denominator=EU))),
    _invalid("a counter with a label without value", _with_ratio(ratio=ratio(numerator=_counter(region="")))),
    _invalid("only metrics that are not required", _with_metric(required=False)),
    _invalid("eleven live metrics", _with_traffic(metrics=[metric(name=f"m-{n}") for n in range(11)])),
    _invalid("margins that rise", _with_traffic(steps=[step(5, margin="2"), step(25, margin="2.1")])),
    _invalid("margins that rise at the end", _with_traffic(steps=[step(5), step(25, margin="2"), step(50)])),
    _invalid("advancing without an error budget", _with_traffic(onInconclusive="Advance")),
    _invalid("an unknown answer to no verdict", _with_traffic(onInconclusive="Promote")),
    _invalid("an unknown answer to no data", _with_traffic(onNoData="Advance")),
    _invalid("an error budget of zero", _with_traffic(onInconclusive="Advance", errorBudget=0)),
    _invalid("no data for five seconds", _with_traffic(noDataTimeoutSeconds=5)),
    _invalid("a warm-up of two hours", _with_traffic(warmUpSeconds=7200)),
    _invalid("a negative dwell", _with_traffic(minDwellSeconds=-1)),
    _invalid("a dwell longer than a step may last", _with_traffic(minDwellSeconds=3601)),
    _invalid(
        "a dwell longer than the last step may last",
        _with_traffic(steps=[step(5), step(25, maxDurationSeconds=60)], minDwellSeconds=61),
    ),
    _invalid(
        "a warm-up as long as a step may last", _with_traffic(steps=[step(maxDurationSeconds=60)], warmUpSeconds=60)
    ),
    _invalid("raw PromQL", _with_traffic(metrics=[{"name": "errors", "signal": "ErrorRate", "query": "up"}])),
    _invalid("two live metrics of one name", _with_traffic(metrics=[{"name": "e", "signal": "ErrorRate"}] * 2)),
    _invalid("a false rollback of zero", _with_traffic(falseRollback="0.0")),
    _invalid("a false rollback of a fifth", _with_traffic(falseRollback="0.2")),
    _invalid("a tick of zero", _with_traffic(tickSeconds=0)),
    _invalid("a provider by URL", _with_traffic(metricsProvider="http://prometheus:9090")),
)


def _hostile(manifest: Manifest) -> Iterator[Case]:
    """Yield the object with a hostile text in each of its texts."""
    for path in _texts(manifest["spec"], ()):
        spoiled = deepcopy(manifest)
        node: Any = spoiled["spec"]
        for part in path[:-1]:
            node = node[part]
        node[path[-1]] = HOSTILE
        yield _invalid(f"hostile text in {manifest['kind']} {'.'.join(map(str, path))}", spoiled)


def _texts(node: object, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    if isinstance(node, str):
        yield path
    parts = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, part in parts:
        yield from _texts(part, (*path, name))


_COLUMNS = {
    "label": "label",
    "query": "query",
    "cluster": "user",
    "id": "item",
    "raters": ["rater"],
    "predictions": [offline_cases.said()],
}

_EVERY_TEXT = (
    candidate(),
    candidate(model=_model(version=ABSENT, alias="challenger")),
    plan(
        concurrency="Queue",
        evaluation=evaluation(
            datasets=[dataset(columns=_COLUMNS)],
            gates=[
                gate(min="0.5", max="1", confidence={"level": "0.9"}),
                cell_gate(),
                *offline_cases.GATES_WITH_ALL_TEXTS,
            ],
            suites=[suite(severity="Blocking"), expectations()],
        ),
        traffic=traffic(falseRollback="0.01", metricsProvider="default"),
    ),
)
"""Valid objects that together have every text field."""

HOSTILE_CASES = {case.id: case for manifest in _EVERY_TEXT for case in _hostile(manifest)}
OFFLINE = (
    *(_valid(*row) for table in (offline_cases, suite_cases) for row in table.VALID),
    *(_invalid(*row) for table in (offline_cases, suite_cases) for row in table.INVALID),
)
CASES = (*CANDIDATES, *PLANS, *OFFLINE, *HOSTILE_CASES.values())


@dataclass(frozen=True)
class Update:
    """A change of a stored candidate's spec and whether it is allowed."""

    id: str
    before: Manifest
    after: Manifest
    valid: bool


UPDATES = (
    Update("a candidate may be paused", candidate(), candidate(paused=True), valid=True),
    Update("a candidate may be resumed", candidate(paused=True), candidate(paused=False), valid=True),
    Update("a candidate may be aborted", candidate(), candidate(abort=True), valid=True),
    Update("an abort is not taken back", candidate(abort=True), candidate(abort=False), valid=False),
    Update("an abort is not left out", candidate(abort=True), candidate(), valid=False),
    Update("the target stays", candidate(), candidate(targetRef=_target(name="other")), valid=False),
    Update("the version stays", candidate(), candidate(model=_model(version="44")), valid=False),
    Update(
        "a version does not become an alias",
        candidate(),
        candidate(model=_model(version=ABSENT, alias="x")),
        valid=False,
    ),
    Update("the plan stays", candidate(), candidate(planRef={"name": "hasty"}), valid=False),
    Update("a plan's steps may change", plan(), plan(traffic=traffic(steps=[step(10)])), valid=True),
    Update("defaults may be written out", candidate(targetRef=_target()), candidate(), valid=True),
)
