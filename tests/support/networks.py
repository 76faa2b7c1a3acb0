"""Candidates whose evaluation Job calls certain URLs."""

from typing import Any

from sluice.api.candidate import EvaluationStatus
from sluice.api.engine import RayCluster
from sluice.api.phase import Phase
from sluice.api.store import Store, named
from sluice.core.observed import LivePlan, Observed, Settings
from tests.support.observations import DIGEST, PLAN, a_candidate, a_model, a_plan, a_status, ago, observed

EVERY_SHAPE = ("http://mlflow.ml.svc:5000", "https://s3.example", "http://10.1.2.3:9000", "http://[fd00::9]:9000")


def called(
    registry: str, *stores: str, pod_ports: tuple[int, ...] = (), engine: dict[str, Any] | None = None
) -> tuple[Observed, LivePlan]:
    """Return a candidate whose Job `job-1` is about to begin, and its plan, with data sets in stores at these URLs."""
    names = {f"s{number}": url for number, url in enumerate(stores)}
    uris = [f"store://{name}/{part}.csv" for name in names for part in ("a", "b")] or ["pvc://shared/a.csv"]
    datasets = [{"name": f"d{number}", "uri": uri, "digest": DIGEST} for number, uri in enumerate(uris)]
    gates = [{"name": "accuracy", "metric": "accuracy", "dataset": "d0", "min": "0.5"}]
    plan = a_plan(evaluation=PLAN["evaluation"] | {"datasets": datasets, "gates": gates, "engine": engine})
    known = names | {"unused": "http://unused.example:1234"}
    settings = Settings(
        evaluation_image="evaluation:1",
        registry_uris={"default": registry, "other": "http://other.example:4321"},
        stores={name: named(name, Store(endpoint=url, bucket="sets")) for name, url in known.items()},
        ray_clusters={"shared": RayCluster(address="ray://ray.compute.svc:10002", image="ray:1")},
        pod_ports=pod_ports,
    )
    evaluation = EvaluationStatus(job_name="job-1", job_uid="", attempt=1, started_at=ago(1))
    candidate = a_candidate(a_status(Phase.EVALUATING, evaluation=evaluation, model=a_model(), traffic=None))
    return observed(plan=plan, candidate=candidate, settings=settings), plan
