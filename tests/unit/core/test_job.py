"""The evaluation Job's shape: restricted whatever the plan says, and no more in it than the plan's files need."""

import json
from dataclasses import replace
from typing import Any

import pytest

from sluice.api.candidate import DatasetUse, EvaluationStatus
from sluice.api.engine import RayCluster
from sluice.api.phase import Phase
from sluice.api.store import Store, StoreInput, named
from sluice.core.manifests.job import evaluation_config, evaluation_job, unknown_store
from sluice.core.observed import LivePlan, Observed, Settings
from tests.support.observations import DIGEST, PLAN, a_candidate, a_model, a_plan, a_status, ago, observed
from tests.support.restricted import faults

STORES = {
    "reviews": named("reviews", Store(endpoint="http://s3:9000", bucket="sets", credentials="reviews-reader")),
    "public": named("public", Store(endpoint="http://s3:9000", bucket="open")),
    "unused": named("unused", Store(endpoint="http://s3:9000", bucket="unused", credentials="unused-reader")),
}


def seen(
    *uris: str, stores: dict[str, StoreInput] | None = None, uses: tuple[DatasetUse, ...] = (), **fields: object
) -> Observed:
    """Return a candidate whose Job is about to begin, its data sets at these places."""
    datasets = [{"name": f"d{number}", "uri": uri, "digest": DIGEST, **fields} for number, uri in enumerate(uris)]
    gates = [{"name": "accuracy", "metric": "accuracy", "dataset": "d0", "min": "0.5"}]
    evaluation = EvaluationStatus(job_name="job-1", job_uid="", attempt=1, started_at=ago(1), uses=uses)
    return observed(
        plan=a_plan(evaluation=PLAN["evaluation"] | {"datasets": datasets, "gates": gates}),
        candidate=a_candidate(a_status(Phase.EVALUATING, evaluation=evaluation, model=a_model(), traffic=None)),
        settings=Settings(
            evaluation_image="evaluation:1",
            registry_uris={"default": "http://mlflow:5000"},
            stores=STORES if stores is None else stores,
        ),
    )


def on_ray(**engine: Any) -> Observed:
    """Return a candidate whose plan has its models asked on a Ray cluster."""
    known = seen("mlflow-artifacts:/1/a.parquet")
    assert isinstance(known.plan, LivePlan)
    clusters = {"shared": RayCluster(address="ray://ray-head.ray:10001", image="ray:1")}
    return replace(
        known,
        plan=a_plan(evaluation=known.plan.raw["evaluation"] | {"engine": {"ray": {"cluster": "shared"} | engine}}),
        settings=replace(known.settings, ray_clusters=clusters),
    )


def naming(**more: list[dict[str, Any]]) -> Observed:
    """Return the same, its data set in the registry, with challenge sets or suites."""
    known = seen("mlflow-artifacts:/1/a.parquet")
    evaluation = known.plan.spec.evaluation.model_dump(by_alias=True, exclude_none=True)  # type: ignore[union-attr]
    return replace(known, plan=a_plan(evaluation=evaluation | more))


def negation(uri: str) -> dict[str, Any]:
    return {"name": "negation", "uri": uri, "digest": DIGEST}


def behaviour(uri: str) -> dict[str, Any]:
    return {"name": "behaviour", "kind": "Pytest", "uri": uri, "digest": DIGEST}


def pod(observed: Observed) -> Any:
    return evaluation_job(observed, observed.plan)["spec"]["template"]["spec"]  # type: ignore[arg-type]


def mounts(observed: Observed) -> dict[str, tuple[dict[str, Any], bool]]:
    """Return by path what is mounted there, and whether it may only be read."""
    made = pod(observed)
    volumes = {volume.pop("name"): volume for volume in made["volumes"]}
    found = {one["mountPath"]: (volumes.pop(one["name"]), one.get("readOnly", False)) for one in _only(made)}
    assert volumes == {}
    return found


def _only(made: Any) -> Any:
    (container,) = made["containers"]
    return container["volumeMounts"]


EVERYWHERE = (
    "mlflow-artifacts:/1/a.parquet",
    "store://reviews/a.parquet",
    "store://reviews/b.parquet",
    "store://public/c.csv",
    "pvc://shared/a/b.csv",
    "pvc://shared/c.csv",
)


def test_the_pod_is_restricted_wherever_data_lie() -> None:
    made = pod(seen(*EVERYWHERE))
    assert faults(made) == []
    assert (made["automountServiceAccountToken"], made["enableServiceLinks"]) == (False, False)
    assert made["shareProcessNamespace"] is True, "else a pod that is evicted while it starts ends unheard"


def test_disruptions_and_a_minute_without_registry_cost_no_attempt() -> None:
    observed = seen("mlflow-artifacts:/1/a.parquet")
    made = evaluation_job(observed, observed.plan)["spec"]  # type: ignore[arg-type]
    numbers = {
        one["name"]: int(one["value"]) for one in pod(observed)["containers"][0]["env"] if one["value"].isdigit()
    }
    tries = numbers["MLFLOW_HTTP_REQUEST_MAX_RETRIES"]
    waits = [numbers["MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR"] * 2**number for number in range(1, tries)]
    assert (made["backoffLimit"], sum(waits) > 60) == (0, True)
    assert made["podFailurePolicy"]["rules"] == [
        {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}
    ]


def test_secrets_and_claims_of_its_data_sets_are_mounted_once_to_be_read_only() -> None:
    usual = {
        "/etc/sluice": ({"configMap": {"name": "job-1"}}, True),
        "/tmp": ({"emptyDir": {"sizeLimit": "10Gi"}}, False),  # noqa: S108 -- in the pod
    }
    assert mounts(seen("mlflow-artifacts:/1/a.parquet")) == usual
    assert mounts(seen(*EVERYWHERE)) == usual | {
        "/etc/sluice-stores/reviews": (
            {"secret": {"secretName": "reviews-reader", "optional": True, "defaultMode": 0o440}},
            True,
        ),
        "/var/sluice-data/shared": ({"persistentVolumeClaim": {"claimName": "shared", "readOnly": True}}, True),
    }


def test_a_list_of_training_data_is_reached_as_its_data_set_is() -> None:
    listed = {"uri": "store://reviews/digests.parquet", "digest": DIGEST}
    found = seen("pvc://shared/a.parquet", training=listed)
    order = json.loads(evaluation_config(found, found.plan)["data"]["spec.json"])  # type: ignore[arg-type]

    assert order["datasets"][0]["training"] == listed
    assert [store["name"] for store in order["stores"]] == ["reviews"]
    assert {"/etc/sluice-stores/reviews", "/var/sluice-data/shared"} <= set(mounts(found))
    unknown = unknown_store(seen("pvc://shared/a", stores={}).settings, found.plan)  # type: ignore[arg-type]
    assert unknown is not None
    assert unknown.message.startswith("spec.evaluation.datasets[d0].training.uri: store reviews is not configured")


def test_the_order_tells_of_the_stores_it_needs_and_of_no_key() -> None:
    observed = seen(*EVERYWHERE)
    order = json.loads(evaluation_config(observed, observed.plan)["data"]["spec.json"])  # type: ignore[arg-type]
    assert [store["name"] for store in order["stores"]] == ["public", "reviews"]
    assert set(order["stores"][1]) == {"name", "endpoint", "bucket", "prefix", "region", "secretName"}
    assert order["limits"] == {"modelBytes": 2 << 30, "datasetBytes": 4 << 30}


def test_the_order_asks_for_the_level_of_the_use() -> None:
    def levels(*uses: DatasetUse) -> list[float]:
        observed = seen("mlflow-artifacts:/1/a.parquet", uses=uses)
        order = json.loads(evaluation_config(observed, observed.plan)["data"]["spec.json"])  # type: ignore[arg-type]
        return [one["level"] for one in order["measurements"]]

    assert levels() == levels(DatasetUse(dataset="d0", use=1)) == [0.95]
    assert levels(DatasetUse(dataset="d0", use=2)) == [0.9875]


def test_a_job_on_ray_has_the_clusters_image_and_its_address_in_the_order() -> None:
    observed = on_ray(workers=7)
    order = json.loads(evaluation_config(observed, observed.plan)["data"]["spec.json"])  # type: ignore[arg-type]
    assert pod(observed)["containers"][0]["image"] == "ray:1"
    assert order["ray"] == {"address": "ray://ray-head.ray:10001", "workers": 7}
    assert faults(pod(observed)) == []


def test_without_an_engine_the_job_asks_the_models_itself() -> None:
    observed = seen("mlflow-artifacts:/1/a.parquet")
    order = json.loads(evaluation_config(observed, observed.plan)["data"]["spec.json"])  # type: ignore[arg-type]
    assert pod(observed)["containers"][0]["image"] == "evaluation:1"
    assert "ray" not in order


@pytest.mark.parametrize("more", [{"challengeSets": [negation]}, {"suites": [behaviour]}])
def test_what_challenge_sets_and_suites_need_is_mounted_and_told_as_well(more: dict[str, list[Any]]) -> None:
    def at(uri: str) -> Observed:
        return naming(**{kind: [make(uri) for make in makers] for kind, makers in more.items()})

    in_store, on_volume = at("store://reviews/b/x.py"), at("pvc://shared/b/x.py")
    order = json.loads(evaluation_config(in_store, in_store.plan)["data"]["spec.json"])  # type: ignore[arg-type]

    assert "/etc/sluice-stores/reviews" in mounts(in_store)
    assert [store["name"] for store in order["stores"]] == ["reviews"]
    assert "/var/sluice-data/shared" in mounts(on_volume)
    assert set(mounts(at("mlflow-artifacts:/1/x.py"))) == {"/etc/sluice", "/tmp"}  # noqa: S108 -- in the pod


@pytest.mark.parametrize(
    ("seen", "field"),
    [
        pytest.param(seen("store://gone/a.csv"), "datasets[d0]", id="a data set"),
        pytest.param(naming(challengeSets=[negation("store://gone/m.json")]), "challengeSets[negation]", id="cases"),
        pytest.param(naming(suites=[behaviour("store://gone/t.py")]), "suites[behaviour]", id="a suite"),
        pytest.param(naming(suites=[behaviour("store://public/t.py")]), "", id="a store that is known"),
    ],
)
def test_the_field_that_names_an_unknown_store_is_told(seen: Observed, field: str) -> None:
    problem = unknown_store(seen.settings, seen.plan)  # type: ignore[arg-type]
    want = f"spec.evaluation.{field}.uri: store gone is not configured: known are public, reviews, unused"

    assert (problem and problem.message) == (want if field else None)
