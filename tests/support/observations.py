"""Builders of what a decision sees: a sane default for everything, keyword overrides for what a case is about."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sluice.api.candidate import (
    EvaluationStatus,
    ModelCandidateSpec,
    ModelCandidateStatus,
    PinnedModel,
    PinnedPlan,
    Stage,
    TrafficStatus,
)
from sluice.api.phase import Phase
from sluice.api.plan import RolloutPlanSpec
from sluice.api.verdict import Verdict
from sluice.core.manifests.predictor import candidate_predictor
from sluice.core.naming import predictor_name
from sluice.core.observed import Candidate, LivePlan, Observed, Settings
from sluice.core.target import PodTrouble, Predictor, Problem, Route, Target, Workload
from sluice.core.turn import timestamp

NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
UID = "11111111-1111-1111-1111-111111111111"
CANDIDATE = predictor_name(UID)
DIGEST = "sha256:" + "a" * 64
PLAN: Mapping[str, Any] = {
    "evaluation": {
        "datasets": [{"name": "holdout", "uri": "mlflow-artifacts:/1/holdout.parquet", "digest": DIGEST}],
        "gates": [{"name": "accuracy", "metric": "accuracy", "dataset": "holdout", "min": "0.5"}],
    },
    "traffic": {
        "metrics": [{"name": "errors", "signal": "ErrorRate"}],
        "steps": [
            {"weight": 5, "margin": "3", "floor": "0.005"},
            {"weight": 50, "margin": "1.5", "floor": "0.0025"},
        ],
    },
}


def ago(seconds: float) -> str:
    """Return the timestamp of so many seconds before now."""
    return timestamp(NOW - timedelta(seconds=seconds))


def a_model(version: str = "43", **fields: Any) -> PinnedModel:
    """Return a pinned version."""
    known: dict[str, Any] = {
        "registry": "default",
        "name": "shop",
        "version": version,
        "digest": DIGEST,
        "uri": f"mlflow-artifacts:/1/models/{version}",
        "serving_uri": f"mlflow-artifacts://mlflow:5000/1/models/{version}",
        "image": f"shop:{version}",
    }
    return PinnedModel(**(known | fields))


def a_predictor(name: str = "main", traffic: int = 100, replicas: int = 4, **raw: Any) -> Predictor:
    """Return a predictor by modelUri; `raw` replaces top-level fields."""
    body = {
        "name": name,
        "graph": {"name": "classifier", "implementation": "MLFLOW_SERVER", "modelUri": "gs://models/42"},
        "componentSpecs": [{"spec": {"containers": [{"name": "classifier", "resources": {"limits": {"cpu": "1"}}}]}}],
        "traffic": traffic,
        "replicas": replicas,
    } | raw
    return Predictor(name=name, traffic=traffic, replicas=replicas, shadow=bool(body.get("shadow", False)), raw=body)


def a_workload(predictor: str = "main", replicas: int = 4, **fields: Any) -> Workload:
    """Return a Deployment that is rolled out."""
    known: dict[str, Any] = {
        "name": f"shop-{predictor}-0-classifier",
        "predictor": predictor,
        "generation": 1,
        "observed_generation": 1,
        "replicas": replicas,
        "total_replicas": replicas,
        "updated_replicas": replicas,
        "ready_replicas": replicas,
        "unavailable_replicas": 0,
        "template": "old",
    }
    return Workload(**(known | fields))


def a_target(
    *predictors: Predictor,
    workloads: Sequence[Workload] | None = None,
    weights: Mapping[str, int] | None = None,
    **fields: Any,
) -> Target:
    """Return a target whose predictors are all ready and routed by their traffic unless said otherwise."""
    listed = predictors or (a_predictor(),)
    made = [a_workload(p.name, p.replicas) for p in listed] if workloads is None else workloads
    routed = {p.name: p.traffic for p in listed} if weights is None else weights
    known: dict[str, Any] = {
        "name": "shop",
        "namespace": "models",
        "uid": "target-uid",
        "generation": 7,
        "deleting": False,
        "predictors": listed,
        "workloads": tuple(made),
        "listed": frozenset(workload.name for workload in made),
        "route": Route(weights=routed, subsets=frozenset(routed)),
    }
    return Target(**(known | fields))


def with_candidate(weight: int = 5, replicas: int = 1, **fields: Any) -> Target:
    """Return a target with the candidate beside the stable, at this weight in spec and route."""
    stable = a_predictor(traffic=100 - weight)
    raw = candidate_predictor(stable, a_model(), CANDIDATE, replicas) | {"traffic": weight}
    candidate = Predictor(
        name=CANDIDATE, traffic=weight, replicas=replicas, shadow=False, raw=raw | {"traffic": weight}
    )
    return a_target(stable, candidate, **fields)


def troubled(reason: str = "CrashLoopBackOff", restarts: int = 0, ready: int = 0) -> Workload:
    """Return the candidate's Deployment with a pod that does not come up."""
    trouble = PodTrouble(pod="pod-1", reason=reason, restarts=restarts)
    return a_workload(CANDIDATE, 1, ready_replicas=ready, unavailable_replicas=1, troubles=(trouble,))


def a_plan(**spec: Any) -> LivePlan:
    """Return the plan in force."""
    raw = {**PLAN, **spec}
    return LivePlan(name="careful", generation=1, spec=RolloutPlanSpec.model_validate(raw), raw=raw)


def a_traffic(stage: Stage = Stage.STEPPING, **fields: Any) -> TrafficStatus:
    """Return a traffic status: the first step's weight is in the route for 20 s."""
    known: dict[str, Any] = {
        "predictor": CANDIDATE,
        "stable": "main",
        "stage": stage,
        "step": 0,
        "weight": 5,
        "written": True,
        "observed_weight": 5,
        "since": ago(20),
        "applied_at": ago(20),
        "stable_fingerprint": a_predictor().fingerprint,
    }
    return TrafficStatus(**(known | fields))


def a_status(phase: Phase = Phase.SHIFTING, **fields: Any) -> ModelCandidateStatus:
    """Return the status of a candidate that came as far as `phase`."""
    evaluation = EvaluationStatus(job_name="job", job_uid="job-uid", started_at=ago(300), verdict=Verdict.PASS)
    known: dict[str, Any] = {
        "phase": phase,
        "model": a_model(),
        "champion": a_model("42"),
        "plan": PinnedPlan(revision="sluice-plan-1", generation=1),
        "evaluation": evaluation,
        "traffic": a_traffic(),
    }
    return ModelCandidateStatus(**(known | fields))


def a_candidate(status: ModelCandidateStatus | None = None, *, deleting: bool = False, **spec: Any) -> Candidate:
    """Return a candidate; `spec` overrides fields of its spec."""
    raw = {
        "targetRef": {"name": "shop"},
        "model": {"name": "shop", "version": "43"},
        "planRef": {"name": "careful"},
    } | spec
    return Candidate(
        namespace="models",
        name="shop-43",
        uid=UID,
        generation=1,
        created=NOW - timedelta(hours=1),
        deleting=deleting,
        has_finalizer=True,
        spec=ModelCandidateSpec.model_validate(raw),
        status=a_status() if status is None else status,
    )


def observed(**fields: Any) -> Observed:
    """Return what a decision sees: a candidate at its first step, everything ready."""
    known: dict[str, Any] = {
        "now": NOW,
        "settings": Settings(evaluation_image="evaluation:1", registry_uris={"default": "http://mlflow:5000"}),
        "candidate": a_candidate(),
        "plan": a_plan(),
        "target": with_candidate(),
        "samples": (),
    }
    seen = known | fields
    if isinstance(seen["samples"], tuple | Problem):
        seen["samples"] = {"errors": seen["samples"]}
    return Observed(**seen)
