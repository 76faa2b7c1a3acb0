"""The evaluation Job: a fixed, restricted shape; user data reaches it only as data, in a ConfigMap.

Source: Kubernetes pod-security standard `restricted`; SECURITY.md.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sluice.api.candidate import EvaluationStatus, PinnedModel
from sluice.api.challenge import ChallengeSet
from sluice.api.conditions import Reason
from sluice.api.engine import RayCluster, RayInput
from sluice.api.evaluation_spec import (
    STORES,
    VOLUMES,
    ChallengeInput,
    DatasetInput,
    EvaluationSpec,
    Identity,
    MeasurementWanted,
    ModelInput,
    SuiteInput,
    TrainingInput,
)
from sluice.api.place import Place, PlaceKind, place_of
from sluice.api.plan import Dataset, Gate
from sluice.api.store import StoreInput
from sluice.api.suite import Suite
from sluice.core.gates.reuse import widened
from sluice.core.naming import CANDIDATE_LABEL, owner_reference
from sluice.core.observed import LivePlan, Observed, Settings
from sluice.core.target import Problem

_Mounted = tuple[dict[str, Any], dict[str, Any]]
"""A volume and where it is mounted."""

KEPT_SECONDS = 86_400
"""A finished Job (and its log) stays a day."""
USER = 65_532
DEFAULT_RESOURCES: Mapping[str, Any] = {
    "requests": {"cpu": "100m", "memory": "512Mi"},
    "limits": {"cpu": "2", "memory": "2Gi"},
}
ENVIRONMENT: Mapping[str, str] = {
    "HOME": "/tmp",  # noqa: S108 -- the only writable folder of a read-only root
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "7",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
}
"""The waits between eight tries are 126 s together: a registry that is away for a minute costs no attempt."""
DISRUPTED = {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}
"""A pod that is evicted, preempted or lost with its node is replaced: that says nothing about the evaluation.

It is only once it has ended: while the Node object of a node that is gone stays, the Job waits for its deadline.
"""


def evaluation_job(observed: Observed, plan: LivePlan) -> dict[str, Any]:
    """Return the Job that status names, owned by the candidate."""
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": job_metadata(observed),
        "spec": {
            "backoffLimit": 0,
            "podFailurePolicy": {"rules": [DISRUPTED]},
            "activeDeadlineSeconds": plan.spec.evaluation.timeout_seconds,
            "ttlSecondsAfterFinished": KEPT_SECONDS,
            "template": {"metadata": {"labels": _labels(observed)}, "spec": _pod(observed, plan)},
        },
    }


def evaluation_config(observed: Observed, plan: LivePlan) -> dict[str, Any]:
    """Return the ConfigMap that carries the Job's order."""
    evaluation, model = _evaluation(observed), observed.candidate.status.model
    if model is None:
        raise ValueError("evaluating without a pinned model")
    champion = observed.candidate.status.champion
    gates = widened(plan.spec.evaluation, evaluation.uses).gates
    spec = EvaluationSpec(
        tracking_uri=observed.settings.registry_uris[model.registry],
        run_name=observed.candidate.name[:200],
        identity=Identity(candidate_uid=observed.candidate.uid, attempt=evaluation.attempt),
        candidate=_model(model),
        champion=None if champion is None else _model(champion),
        datasets=tuple(dataset_input(dataset) for dataset in plan.spec.evaluation.datasets),
        challenge_sets=tuple(challenge_input(one) for one in plan.spec.evaluation.challenge_sets),
        measurements=tuple(measurement_wanted(gate) for gate in gates),
        suites=tuple(suite_input(suite) for suite in plan.spec.evaluation.suites),
        stores=tuple(stores_of(observed.settings, plan)),
        ray=ray_input(observed.settings, plan),
        limits=observed.settings.evaluation_limits,
    )
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": job_metadata(observed),
        "immutable": True,
        "data": {"spec.json": spec.model_dump_json(by_alias=True, exclude_none=True)},
    }


def _evaluation(observed: Observed) -> EvaluationStatus:
    evaluation = observed.candidate.status.evaluation
    if evaluation is None:
        raise ValueError("a Job is named in status before it is created")
    return evaluation


def _labels(observed: Observed) -> dict[str, str]:
    return {"app.kubernetes.io/managed-by": "sluice", CANDIDATE_LABEL: observed.candidate.uid}


def job_metadata(observed: Observed) -> dict[str, Any]:
    """Return the metadata of the Job that status names, and of what is made beside it."""
    candidate = observed.candidate
    return {
        "name": _evaluation(observed).job_name,
        "namespace": candidate.namespace,
        "labels": _labels(observed),
        "ownerReferences": [owner_reference(candidate.name, candidate.uid)],
    }


def _pod(observed: Observed, plan: LivePlan) -> dict[str, Any]:
    volumes = [*_volumes(observed), *_data_volumes(observed.settings, plan)]
    return {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        # The first process of a PID namespace ignores SIGTERM until it asks for it: evicted, it would end unheard.
        "shareProcessNamespace": True,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "runAsGroup": USER,
            "fsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [_container(observed, plan, [mount for _, mount in volumes])],
        "volumes": [volume for volume, _ in volumes],
    }


def _volumes(observed: Observed) -> Iterator[_Mounted]:
    """Yield volumes with their mounts: the order, and the only folder that may be written."""
    order = {"name": "spec", "configMap": {"name": _evaluation(observed).job_name}}
    yield order, {"name": "spec", "mountPath": "/etc/sluice", "readOnly": True}
    yield {"name": "tmp", "emptyDir": {"sizeLimit": "10Gi"}}, {"name": "tmp", "mountPath": "/tmp"}  # noqa: S108


def _data_volumes(settings: Settings, plan: LivePlan) -> Iterator[_Mounted]:
    """Yield what the plan's files need: Secrets of their stores, and claims, all to be read only.

    A Secret may be missing: the Job then says which one, where the kubelet would wait for it.
    """
    for number, store in enumerate(stores_of(settings, plan)):
        if store.credentials:
            name = f"store-{number}"
            secret = {"secretName": store.credentials, "optional": True, "defaultMode": 0o440}
            folder = (STORES / store.name).as_posix()
            yield {"name": name, "secret": secret}, {"name": name, "mountPath": folder, "readOnly": True}
    for number, claim in enumerate(_named(plan, PlaceKind.VOLUME)):
        name, folder = f"data-{number}", (VOLUMES / claim).as_posix()
        volume = {"name": name, "persistentVolumeClaim": {"claimName": claim, "readOnly": True}}
        yield volume, {"name": name, "mountPath": folder, "readOnly": True}


def stores_of(settings: Settings, plan: LivePlan) -> Iterator[StoreInput]:
    """Yield the configured stores that the plan's files name, in the order of their names."""
    for name in _named(plan, PlaceKind.STORE):
        if name in settings.stores:
            yield settings.stores[name]


def unknown_store(settings: Settings, plan: LivePlan) -> Problem | None:
    """Return that a file of the plan lies in a store that is not configured; None when none does."""
    for field, place in _places(plan):
        if place.kind is PlaceKind.STORE and place.name not in settings.stores:
            known = ", ".join(sorted(settings.stores)) or "none"
            what = f"{field}: store {place.name} is not configured"
            return Problem(reason=Reason.STORE_MISSING, message=f"{what}: known are {known}")
    return None


def ray_cluster(settings: Settings, plan: LivePlan) -> RayCluster | None:
    """Return the configured Ray cluster that the plan names; None where the Job asks the models itself."""
    engine = plan.spec.evaluation.engine
    return None if engine is None else settings.ray_clusters.get(engine.ray.cluster)


def ray_input(settings: Settings, plan: LivePlan) -> RayInput | None:
    """Return what an evaluation is told of the plan's Ray cluster."""
    engine, cluster = plan.spec.evaluation.engine, ray_cluster(settings, plan)
    if engine is None or cluster is None:
        return None
    return RayInput(address=cluster.address, workers=engine.ray.workers)


def unknown_engine(settings: Settings, plan: LivePlan) -> Problem | None:
    """Return that the plan names a Ray cluster that is not configured; None when it is, or when it names none."""
    engine = plan.spec.evaluation.engine
    if engine is None or engine.ray.cluster in settings.ray_clusters:
        return None
    known = ", ".join(sorted(settings.ray_clusters)) or "none"
    what = f"spec.evaluation.engine.ray.cluster: Ray cluster {engine.ray.cluster} is not configured"
    return Problem(reason=Reason.ENGINE_MISSING, message=f"{what}: known are {known}")


def unconfigured(settings: Settings, plan: LivePlan) -> Problem | None:
    """Return the first thing that the plan's evaluation names and the administrator does not; None without one."""
    return unknown_store(settings, plan) or unknown_engine(settings, plan)


def _named(plan: LivePlan, kind: PlaceKind) -> list[str]:
    return sorted({place.name for _, place in _places(plan) if place.kind is kind})


def _places(plan: LivePlan) -> Iterator[tuple[str, Place]]:
    """Yield where each file of the plan lies, with the field that says so."""
    evaluation = plan.spec.evaluation
    kinds: Mapping[str, Sequence[Dataset | ChallengeSet | Suite]] = {
        "datasets": evaluation.datasets,
        "challengeSets": evaluation.challenge_sets,
        "suites": evaluation.suites,
    }
    for kind, listed in kinds.items():
        for one in listed:
            yield f"spec.evaluation.{kind}[{one.name}].uri", place_of(one.uri)
    for dataset in evaluation.datasets:
        if dataset.training is not None:
            yield f"spec.evaluation.datasets[{dataset.name}].training.uri", place_of(dataset.training.uri)


def _container(observed: Observed, plan: LivePlan, mounts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    cluster = ray_cluster(observed.settings, plan)
    return {
        "name": "evaluate",
        "image": observed.settings.evaluation_image if cluster is None else cluster.image,
        "imagePullPolicy": "IfNotPresent",
        "args": ["--spec", "/etc/sluice/spec.json"],
        "env": [{"name": name, "value": value} for name, value in ENVIRONMENT.items()],
        "resources": dict(observed.settings.evaluation_resources or DEFAULT_RESOURCES),
        "terminationMessagePolicy": "File",
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": list(mounts),
    }


def _model(model: PinnedModel) -> ModelInput:
    return ModelInput(name=model.name, version=model.version, uri=model.uri, digest=model.digest)


def dataset_input(dataset: Dataset) -> DatasetInput:
    """Return what an evaluation reads for a data set of the plan."""
    columns = dataset.columns.model_dump()
    training = None if dataset.training is None else TrainingInput(**dataset.training.model_dump())
    return DatasetInput(name=dataset.name, uri=dataset.uri, digest=dataset.digest, training=training, **columns)


def suite_input(suite: Suite) -> SuiteInput:
    """Return what an evaluation runs for a suite of the plan."""
    return SuiteInput.model_validate(suite.model_dump(exclude={"severity", "tier"}))


def challenge_input(challenge: ChallengeSet) -> ChallengeInput:
    """Return what an evaluation asks for a challenge set of the plan."""
    return ChallengeInput(
        name=challenge.name, uri=challenge.uri, digest=challenge.digest, **challenge.per_case.model_dump()
    )


def measurement_wanted(gate: Gate) -> MeasurementWanted:
    """Return what an evaluation measures for a gate of the plan."""
    return MeasurementWanted(
        name=gate.name,
        metric=gate.metric.value,
        params=gate.params.flat(),
        dataset=gate.dataset,
        level=float(gate.confidence.level),
        slices=() if gate.slices is None else gate.slices.by,
    )
