"""What scenarios put into a cluster: targets of both shapes, plans that decide in seconds, candidates."""

from typing import Any

Manifest = dict[str, Any]

TOYS = "localhost/sluice-lab/toy"
"""Image of the tiny models; the tag is the behaviour."""
RESOURCES = {"requests": {"cpu": "50m", "memory": "32Mi"}, "limits": {"memory": "128Mi"}}
QUICK = (
    {"weight": 25, "margin": "3", "floor": "0.1", "maxDurationSeconds": 600},
    {"weight": 50, "margin": "3", "floor": "0.1", "maxDurationSeconds": 600},
)
"""Two steps with loose bounds: some fifty candidate requests each without a failure."""


def toy_target(namespace: str, name: str, model: str, **annotations: str) -> Manifest:
    """Return a SeldonDeployment served by its own image, at version 1 of `model`; annotations are the stand-in's."""
    container = {
        "name": "classifier",
        "image": f"{TOYS}:champion",
        "imagePullPolicy": "IfNotPresent",
        "resources": RESOURCES,
        # In place of Seldon's default, which sleeps for 10 s.
        "lifecycle": {"preStop": {"exec": {"command": ["sleep", "2"]}}},
    }
    predictor = {
        "name": "main",
        "replicas": 1,
        "traffic": 100,
        "annotations": {"sluice.dev/model": f"default/{model}/1"},
        "graph": {"name": "classifier", "type": "MODEL"},
        "componentSpecs": [{"spec": {"containers": [container], "terminationGracePeriodSeconds": 5}}],
    }
    made = _object("machinelearning.seldon.io/v1", "SeldonDeployment", namespace, name, {"predictors": [predictor]})
    made["metadata"]["annotations"] = {
        f"standin.sluice.dev/{key.replace('_', '-')}": value for key, value in annotations.items()
    }
    return made


def plan(namespace: str, name: str, holdout: Manifest, **traffic: object) -> Manifest:
    """Return a plan whose offline gates compare with the champion and whose live steps are `QUICK`."""
    gates = [
        {"name": "accuracy", "metric": "accuracy", "dataset": "holdout", "vsChampion": {"maxDrop": "0.01"}},
        {
            "name": "negative-as-positive",
            "metric": "confusionCellRate",
            "params": {"actual": "negative", "predicted": "positive"},
            "dataset": "holdout",
            "vsChampion": {"maxRise": "0.02"},
        },
    ]
    shift = {
        "tickSeconds": 1,
        "readyTimeoutSeconds": 60,
        "metrics": [{"name": "errors", "signal": "ErrorRate"}],
        "steps": list(QUICK),
        **traffic,
    }
    evaluation = {"timeoutSeconds": 300, "datasets": [{"name": "holdout", **holdout}], "gates": gates}
    return _object("sluice.dev/v1alpha1", "RolloutPlan", namespace, name, {"evaluation": evaluation, "traffic": shift})


def candidate(namespace: str, name: str, target: str, model: Manifest, plan_name: str) -> Manifest:
    """Return a candidate that wants to serve `model` (name and version or alias) from `target`."""
    spec = {
        "targetRef": {"apiVersion": "machinelearning.seldon.io/v1", "kind": "SeldonDeployment", "name": target},
        "model": {"registry": "default", **model},
        "planRef": {"name": plan_name},
    }
    return _object("sluice.dev/v1alpha1", "ModelCandidate", namespace, name, spec)


def namespace_object(name: str) -> Manifest:
    """Return a namespace."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def _object(version: str, kind: str, namespace: str, name: str, spec: Manifest) -> Manifest:
    metadata: Manifest = {"name": name, "namespace": namespace}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}
