"""What befalls evaluation Jobs on a real node: they end as if nothing had been, or say why there is no result."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from lab import drills, sluice
from lab.addons import registry as mlflow
from lab.cluster import Cluster
from tests.cluster.conftest import Tell
from tests.cluster.scenario import Story
from tests.support import s3_server, shop, small_models
from tests.support.kube import Json
from tests.support.movements import TERMINAL
from tests.support.small_models import CONTENT, DIGEST

MODEL = "small"
WITHIN = 120.0


@dataclass(frozen=True)
class Evaluations:
    """Candidates that are evaluated at the same time, each on a target of its own."""

    story: Story
    versions: dict[str, str]

    def begins(self, name: str, behaviour: str, *uris: str) -> None:
        """Apply a candidate whose gates no honest model passes: as good as the champion is not better."""
        kube, space = self.story.kube, self.story.namespace
        kube.create(shop.toy_target(space, name, MODEL))
        plan = shop.plan(space, name, {"uri": "", "digest": DIGEST})
        plan["spec"]["evaluation"]["datasets"] = [
            {"name": f"d{number}", "uri": uri, "digest": DIGEST} for number, uri in enumerate(uris)
        ]
        plan["spec"]["evaluation"]["gates"] = [
            {
                "name": f"better-{number}",
                "metric": "accuracy",
                "dataset": f"d{number}",
                "vsChampion": {"minGain": "0.5"},
            }
            for number, _ in enumerate(uris)
        ]
        kube.create(plan)
        model = {"name": MODEL, "version": self.versions[behaviour]}
        kube.create(shop.candidate(space, name, name, model, name))

    def status(self, name: str) -> Json:
        """Return a candidate's status."""
        found: Json = self.story.now(name).get("status") or {}
        return found

    def pod(self, name: str) -> str:
        """Return the pod of a candidate's Job, once it runs."""
        running = list[str]()

        def runs() -> bool:
            assert self.status(name).get("phase") not in TERMINAL, self.story.told()
            pods = self.pods(name).values()
            running[:] = [pod["metadata"]["name"] for pod in pods if pod["status"].get("phase") == "Running"]
            return bool(running)

        self.story.wait(f"the Job's pod of {name} runs", runs, WITHIN)
        return running[0]

    def pods(self, name: str) -> dict[str, Json]:
        """Return the pods of a candidate's Jobs by UID; those that ended stay, as their Jobs do."""
        uid = self.story.now(name)["metadata"]["uid"]
        pods = self.story.kube.list("Pod", self.story.namespace, labelSelector=f"sluice.dev/candidate-uid={uid}")
        jobs = [pod for pod in pods if "batch.kubernetes.io/job-name" in pod["metadata"]["labels"]]
        return {pod["metadata"]["uid"]: pod for pod in jobs}

    def aborts(self, name: str) -> None:
        """Give a candidate up."""
        self.story.kube.patch("ModelCandidate", self.story.namespace, name, {"spec": {"abort": True}})

    def ends(self, name: str, phase: str, *, attempt: int, naming: str) -> None:
        """A candidate ends in this phase, at this attempt, in a message that names something."""
        self.story.wait(f"{name} ends", lambda: self.status(name).get("phase") in TERMINAL, WITHIN)
        status, last = self.status(name), self.status(name)["history"][-1]
        assert (status["phase"], status["evaluation"]["attempt"]) == (phase, attempt), self.story.told()
        assert naming in last["message"], self.story.told()

    def is_told(self, name: str, naming: str) -> None:
        """A candidate's history or condition says this at some time, and it gets no traffic."""

        def told() -> bool:
            status = self.status(name)
            entries = [*(status.get("history") or ()), *(status.get("conditions") or ())]
            return any(naming in str(entry["message"]) for entry in entries)

        self.story.wait(f"{name} says {naming!r}", told, WITHIN)
        assert "traffic" not in self.status(name)


@pytest.fixture
def evaluations(tell: Tell, tmp_path: Path) -> Evaluations:
    story = tell("evaluation", "champion")
    return Evaluations(story, small_models.register(story.registry.url, MODEL, tmp_path))


@pytest.fixture
def places(evaluations: Evaluations, tmp_path: Path) -> Iterator[tuple[str, ...]]:
    """Put the data set in the lab's store, on a volume, and in the registry."""
    kube, space = evaluations.story.kube, evaluations.story.namespace
    folder = tmp_path / "volume"
    folder.mkdir(mode=0o755)
    (folder / "rows.csv").write_bytes(CONTENT)
    metadata = {"name": f"{space}-shared"}
    size = {"accessModes": ["ReadOnlyMany"], "storageClassName": ""}
    volume = {**size, "capacity": {"storage": "1Mi"}, "hostPath": {"path": str(folder), "type": "Directory"}}
    kube.create({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": metadata, "spec": volume})
    claim = {**size, "volumeName": metadata["name"], "resources": {"requests": {"storage": "1Mi"}}}
    about = {"name": "shared", "namespace": space}
    kube.create({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": about, "spec": claim})
    with s3_server.running(tmp_path, sluice.STORE_URL, "us-east-1") as server:
        server.put("sets", "rows.csv", CONTENT)
        about = {"name": "lab-store", "namespace": space}
        kube.create({"apiVersion": "v1", "kind": "Secret", "metadata": about, "stringData": server.keys()})
        yield "store://lab/rows.csv", "pvc://shared/rows.csv", put(evaluations.story)
    kube.delete("PersistentVolume", "", metadata["name"])


def put(story: Story) -> str:
    """Put the data set in the registry."""
    where = f"{story.registry.url}/api/2.0/mlflow-artifacts/artifacts/small/rows.csv"
    assert requests.put(where, data=CONTENT, timeout=30).ok
    return "mlflow-artifacts:/small/rows.csv"


def test_evaluations_outlive_what_befalls_them(evaluations: Evaluations, places: tuple[str, ...]) -> None:
    story, lab = evaluations.story, Cluster.attach(os.environ["SLUICE_LAB"])
    evaluations.begins("interrupted", "honest", *places)
    evaluations.pod("interrupted")
    story.faults.kill_operator()
    with story.faults.frozen(mlflow.NAMESPACE, story.faults.pod_of(mlflow.NAMESPACE, "mlflow")):
        drills.stop(lab, "kubelet")
        drills.start(lab, "kubelet")
    evaluations.begins("evicted", "honest", *places)
    evaluations.begins("greedy", "greedy", places[-1])
    evaluations.begins("babbling", "babbling", places[-1])
    evaluations.begins("lying", "lying", places[-1])
    evaluations.begins("unclaimed", "honest", "pvc://nobody-has-it/rows.csv")
    evicted = evaluations.pod("evicted")
    before = evaluations.pods("evicted").keys()
    story.faults.evict(story.namespace, evicted)
    evaluations.is_told("unclaimed", 'persistentvolumeclaim "nobody-has-it" not found')
    evaluations.is_told("babbling", "the termination message is invalid")
    evaluations.is_told("lying", "speaks of another candidate or attempt")
    for name in ("unclaimed", "babbling", "lying"):
        evaluations.aborts(name)
    evaluations.ends("interrupted", "Rejected", attempt=1, naming="3 of 3 gates failed")
    evaluations.ends("evicted", "Rejected", attempt=1, naming="3 of 3 gates failed")
    assert evaluations.pods("evicted").keys() - before, "no other pod took the place of the evicted one"
    evaluations.ends("greedy", "Failed", attempt=3, naming="could not be evaluated in 3 attempts: Job ")
    evaluations.is_told("greedy", "failed: OOMKilled: use a smaller model")
