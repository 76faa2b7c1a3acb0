"""The objects of a large installation, as they are at rest: ended candidates, and candidates in the middle of a step.

Nobody runs but the API server: what Seldon's manager and Kubernetes' controllers would have made is made here, by the
stand-in's own code.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from lab.seldon_standin.desired import desired
from lab.seldon_standin.settings import Settings
from sluice.adapters.seldon_parse import predictors
from sluice.core.manifests.revision import plan_revision
from sluice.core.naming import predictor_name
from sluice.core.observed import LivePlan
from sluice.core.turn import timestamp
from sluice.runtime.parsing import parse_candidate, parse_plan
from tests.support import objects, shop
from tests.support.apiserver import ApiServer

Body = dict[str, Any]

WEIGHT = 5
TICK_SECONDS = 5
_OWN = "/apis/sluice.dev/v1alpha1/namespaces/{}"
_ISTIO = "/apis/networking.istio.io/v1alpha3/namespaces/{}"
_SELDON = "/apis/machinelearning.seldon.io/v1/namespaces/{}"
_APPS = "/apis/apps/v1/namespaces/{}"
_THREADS = 8
_PLAN = "careful"
_AGE = timedelta(minutes=5)
"""How long the step of a running candidate has been in force."""
_VISITS = {"denominator": {"metric": "shop_visits_total"}}
METRICS: tuple[Body, ...] = (
    {"name": "errors", "signal": "ErrorRate"},
    {"name": "latency", "signal": "Latency"},
    {"name": "tail", "signal": "Latency", "hardLimit": {"rate": "0.05", "slowerThanSeconds": "1"}},
    {"name": "carts", "better": "Higher", "ratio": {"numerator": {"metric": "shop_carts_total"}, **_VISITS}},
    {"name": "complaints", "ratio": {"numerator": {"metric": "shop_complaints_total"}, **_VISITS}},
)
"""What a plan may judge by: the first so many of these."""


@dataclass(frozen=True)
class Size:
    """How much there is."""

    idle: int
    running: int
    namespaces: int
    metrics: int = 1
    """Live metrics of each running candidate."""

    def namespace(self, number: int) -> str:
        """Return the namespace of the n-th candidate: they are dealt out in turn."""
        return f"team-{number % self.namespaces:02}"


@dataclass(frozen=True)
class Fleet:
    """Makes the objects on a bare API server."""

    server: ApiServer
    size: Size

    def create(self, progress: Callable[[str], None]) -> list["Prepared"]:
        """Create everything; return the running candidates."""
        for number in range(self.size.namespaces):
            space = self.size.namespace(number)
            self._made("/api/v1/namespaces", shop.namespace_object(space))
            self._made(f"{_OWN.format(space)}/rolloutplans", _plan(space, self.size.metrics))
        with ThreadPoolExecutor(_THREADS) as pool:
            for _ in pool.map(self._idle, range(self.size.idle)):
                pass
            progress(f"{self.size.idle} promoted candidates are there")
            found = list(pool.map(self._running, range(self.size.running)))
            progress(f"{self.size.running} running candidates are there")
        return found

    def reserve(self, number: int) -> "Prepared":
        """Make a candidate that looks promoted until it is started; it has a number of its own."""
        prepared = self._prepared(number)
        self._status(_OWN, "modelcandidates", prepared.candidate, _ended(prepared.candidate))
        return prepared

    def start(self, prepared: "Prepared") -> None:
        """Put a reserved candidate at its step: the operator sees nothing of it before."""
        self._status(_OWN, "modelcandidates", self.now(prepared), prepared.status)

    def now(self, prepared: "Prepared") -> Body:
        """Return a candidate as it is on record."""
        about = prepared.candidate["metadata"]
        return dict(
            self.server.request("GET", f"{_OWN.format(about['namespace'])}/modelcandidates/{about['name']}").body
        )

    def plan(self) -> LivePlan:
        """Return the plan of all candidates."""
        return parse_plan(_plan(self.size.namespace(0), self.size.metrics))

    def _idle(self, number: int) -> None:
        """Make a candidate that was promoted and is only a record."""
        candidate = self._candidate(number, f"was-{number:04}", f"old-{number:04}")
        self._status(_OWN, "modelcandidates", candidate, _ended(candidate))

    def _running(self, number: int) -> "Prepared":
        """Make a candidate at its first step."""
        prepared = self._prepared(number)
        self._status(_OWN, "modelcandidates", prepared.candidate, prepared.status)
        return prepared

    def _prepared(self, number: int) -> "Prepared":
        """Make a candidate with its target, its route and its pinned plan, and all but write its status."""
        target = f"model-{number:03}"
        candidate = self._candidate(number, f"next-{number:03}", target)
        space, predictor = candidate["metadata"]["namespace"], predictor_name(candidate["metadata"]["uid"])
        sdep = self._made(f"{_SELDON.format(space)}/seldondeployments", _target(space, target, predictor))
        self._children(sdep)
        stored = self.server.request("GET", f"{_OWN.format(space)}/rolloutplans/{_PLAN}").body
        revision = plan_revision(parse_candidate(candidate), parse_plan(stored))
        self._made(f"{_APPS.format(space)}/controllerrevisions", revision)
        stable = predictors(sdep)[0].fingerprint
        status = _shifting(candidate, revision["metadata"]["name"], predictor, stable)
        return Prepared(f"{space}/{target}", predictor, candidate, status)

    def _candidate(self, number: int, name: str, target: str) -> Body:
        space = self.size.namespace(number)
        model = {"name": target, "version": "43"}
        return self._made(f"{_OWN.format(space)}/modelcandidates", shop.candidate(space, name, target, model, _PLAN))

    def _children(self, sdep: Body) -> None:
        """Make what Seldon's manager and the Deployment controller would have made."""
        space, wanted = sdep["metadata"]["namespace"], desired(sdep, Settings())
        for one in wanted.deployments:
            made = self._made(f"{_APPS.format(space)}/deployments", one)
            self._status(_APPS, "deployments", made, _rolled(made))
        self._made(f"{_ISTIO.format(space)}/virtualservices", wanted.virtual_service)
        for one in wanted.destination_rules:
            self._made(f"{_ISTIO.format(space)}/destinationrules", one)
        listed = {name: {"availableReplicas": 1, "replicas": 1} for name in wanted.deployment_names}
        self._status(_SELDON, "seldondeployments", sdep, {"state": "Available", "deploymentStatus": listed})

    def _made(self, collection: str, manifest: Mapping[str, Any]) -> Body:
        answer = self.server.create(collection, manifest)
        assert answer.ok, f"{collection}: {answer.message}"
        return dict(answer.body)

    def _status(self, root: str, plural: str, made: Mapping[str, Any], status: Body) -> None:
        where = f"{root.format(made['metadata']['namespace'])}/{plural}/{made['metadata']['name']}/status"
        answer = self.server.request("PUT", where, {**made, "status": status})
        assert answer.ok, f"{where}: {answer.message}"


@dataclass(frozen=True)
class Prepared:
    """A candidate that only lacks its status at the first step."""

    target: str
    """As "namespace/name"."""
    predictor: str
    candidate: Body
    status: Body


def _ended(candidate: Body) -> Body:
    return _status("Promoted", candidate) | {"registryNoted": True, "conditions": _conditions("Promoted")}


def _plan(namespace: str, metrics: int) -> Body:
    """Return a plan so strict that a healthy candidate stays at its step for longer than anybody measures."""
    strict = {"margin": "1.1", "floor": "0.0001", "maxDurationSeconds": 7200}
    steps = [{"weight": weight, **strict} for weight in (WEIGHT, 25, 50)]
    holdout = {"uri": "mlflow-artifacts:/1/data/reviews.parquet", "digest": objects.DIGEST}
    return shop.plan(namespace, _PLAN, holdout, steps=steps, tickSeconds=TICK_SECONDS, metrics=list(METRICS[:metrics]))


def _target(namespace: str, name: str, predictor: str) -> Body:
    made = shop.toy_target(namespace, name, name)
    stable: Body = made["spec"]["predictors"][0]
    candidate = {**stable, "name": predictor, "annotations": {"sluice.dev/model": f"default/{name}/43"}}
    stable["traffic"], candidate["traffic"] = 100 - WEIGHT, WEIGHT
    made["spec"]["predictors"] = [stable, candidate]
    made["spec"]["annotations"] = {}
    return made


def _rolled(deployment: Body) -> Body:
    count = deployment["spec"]["replicas"]
    counts = dict.fromkeys(("replicas", "updatedReplicas", "readyReplicas", "availableReplicas"), count)
    return {**counts, "observedGeneration": deployment["metadata"]["generation"]}


def _status(phase: str, candidate: Body) -> Body:
    """Return what every candidate remembers of its evaluation and its decisions."""
    now = timestamp(datetime.now(UTC))
    name = candidate["spec"]["model"]["name"]
    sentence = "candidate 812/900, champion 801/900: lower bound of the difference -0.004, at most 0.01 lost is allowed"
    gates = [{"name": gate, "verdict": "Pass", "message": sentence} for gate in ("accuracy", "negative-as-positive")]
    history = [
        {"time": now, "phase": "Shifting", "reason": "StepWaiting", "weight": 5, "message": f"decision {n}: {sentence}"}
        for n in range(10)
    ]
    evaluation = {"jobName": "sluice-evaluate-1", "attempt": 1, "startedAt": now, "verdict": "Pass", "gates": gates}
    return {
        "observedGeneration": 1,
        "phase": phase,
        "model": _pinned(name, "43"),
        "champion": _pinned(name, "42"),
        "evaluation": evaluation,
        "history": history,
    }


def _shifting(candidate: Body, revision: str, predictor: str, stable: str) -> Body:
    begun = timestamp(datetime.now(UTC) - _AGE)
    traffic = {
        "predictor": predictor,
        "stable": "main",
        "stage": "Stepping",
        "step": 0,
        "weight": WEIGHT,
        "observedWeight": WEIGHT,
        "written": True,
        "since": begun,
        "appliedAt": begun,
        "stableFingerprint": stable,
    }
    return _status("Shifting", candidate) | {"plan": {"revision": revision, "generation": 1}, "traffic": traffic}


def _pinned(name: str, version: str) -> Body:
    image = f"{shop.TOYS}:champion"
    where = {"digest": objects.DIGEST, "uri": f"models:/{name}/{version}", "image": image}
    return {"registry": "default", "name": name, "version": version, **where}


def _conditions(reason: str) -> list[Body]:
    now = timestamp(datetime.now(UTC))
    states = {"Ready": "True", "Reconciling": "False", "Stalled": "False", "Evaluated": "True"}
    return [
        {"type": kind, "status": status, "lastTransitionTime": now, "reason": reason, "message": "done"}
        for kind, status in states.items()
    ]
