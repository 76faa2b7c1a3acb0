"""A real API server with our CRDs agrees with the table of objects, which the models judge too (tests/unit/api)."""

from typing import Any

import pytest

from sluice.api.crd import GROUP, KINDS, VERSION
from tests.support.apiserver import Answer, ApiServer
from tests.support.object_cases import CASES, UPDATES, Case, Update
from tests.support.objects import HOSTILE, candidate

PLURALS = {kind.kind: kind.plural for kind in KINDS}


def collection(kind: str) -> str:
    return f"/apis/{GROUP}/{VERSION}/namespaces/default/{PLURALS[kind]}"


def named(manifest: dict[str, Any], name: str) -> dict[str, Any]:
    return manifest | {"metadata": {"name": name, "namespace": "default"}}


def created(server: ApiServer, manifest: dict[str, Any], name: str) -> dict[str, Any]:
    path = collection(manifest["kind"])
    server.request("DELETE", f"{path}/{name}")
    answer = server.create(path, named(manifest, name))
    assert answer.ok, answer.message
    return dict(answer.body)


def assert_refused(answer: Answer) -> None:
    assert answer.code in {400, 422}, answer
    assert answer.message


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in CASES])
def test_the_api_server_judges_objects(server: ApiServer, case: Case) -> None:
    path = collection(case.manifest["kind"])
    answer = server.request("POST", path, case.manifest, fieldValidation="Strict", dryRun="All")
    if case.valid:
        assert answer.ok, answer.message
    else:
        assert_refused(answer)


@pytest.mark.parametrize("update", [pytest.param(update, id=update.id) for update in UPDATES])
def test_the_api_server_judges_changes(server: ApiServer, update: Update) -> None:
    stored = created(server, update.before, "changing")
    path = f"{collection(stored['kind'])}/changing"
    answer = server.request("PUT", path, stored | {"spec": update.after["spec"]}, fieldValidation="Strict")
    if update.valid:
        assert answer.ok, answer.message
    else:
        assert_refused(answer)


def test_defaults_are_filled_in(server: ApiServer) -> None:
    bare = candidate(targetRef={"name": "review-sentiment"}, model={"name": "review-sentiment", "version": "43"})
    assert created(server, bare, "defaults")["spec"] == candidate(paused=False, abort=False)["spec"]


ENTRY = {"time": "2026-11-24T06:00:00Z", "phase": "Pending", "reason": "Accepted", "message": ""}
STATUS: dict[str, Any] = {
    "observedGeneration": 1,
    "phase": "Shifting",
    "conditions": [
        {
            "type": "Ready",
            "status": "False",
            "observedGeneration": 1,
            "lastTransitionTime": "2026-11-24T06:00:00Z",
            "reason": "StepStarted",
            "message": HOSTILE,
        }
    ],
    "traffic": {
        "predictor": "c-1a2b",
        "stable": "default",
        "stage": "Stepping",
        "step": 1,
        "weight": 25,
        "since": "2026-11-24T06:00:00Z",
    },
}


GATE = {"name": "cell", "verdict": "Fail", "message": "rose", "severity": "Advisory"}
NUMBERS = {"estimate": "rise 6.6 points", "bound": "> 4.5 points", "threshold": "≤ 2.0 points", "n": 454}


def evaluated(**gate: object) -> dict[str, Any]:
    return {"evaluation": {"jobName": "job-1", "startedAt": "2026-11-24T06:00:00Z", "gates": [GATE | gate]}}


def put_status(server: ApiServer, status: dict[str, Any]) -> Answer:
    stored = created(server, candidate(), "reporting")
    path = f"{collection('ModelCandidate')}/reporting/status"
    return server.request("PUT", path, stored | {"status": status}, fieldValidation="Strict")


def test_the_status_is_a_subresource_and_comes_back_as_written(server: ApiServer) -> None:
    answer = put_status(server, STATUS)
    assert answer.ok, answer.message
    assert answer.body["status"] == STATUS
    assert answer.body["metadata"]["generation"] == 1


@pytest.mark.parametrize(
    ("change", "valid"),
    [
        pytest.param({"phase": "Dancing"}, False, id="an unknown phase"),
        pytest.param({"observedGeneration": -1}, False, id="a negative generation"),
        pytest.param({"conditions": STATUS["conditions"] * 2}, False, id="a condition twice"),
        pytest.param({"history": [ENTRY] * 50}, True, id="fifty lines of history"),
        pytest.param({"history": [ENTRY] * 51}, False, id="fifty-one lines of history"),
        pytest.param({"history": [ENTRY | {"reason": "NewerReason"}]}, True, id="a reason of a newer operator"),
        pytest.param(evaluated(), True, id="an offline gate without numbers"),
        pytest.param(evaluated(**NUMBERS), True, id="an offline gate with its numbers"),
        pytest.param(evaluated(severity="Loud"), False, id="an offline gate of unknown weight"),
        pytest.param(evaluated(n=-1), False, id="an offline gate on fewer than no items"),
        pytest.param({"history": [ENTRY | {"time": "yesterday"}]}, False, id="a time that is none"),
    ],
)
def test_the_api_server_judges_statuses(server: ApiServer, change: dict[str, Any], *, valid: bool) -> None:
    assert put_status(server, STATUS | change).ok is valid


def test_candidates_are_selected_by_target_and_phase(server: ApiServer) -> None:
    put_status(server, STATUS)
    selector = "spec.targetRef.name=review-sentiment,status.phase=Shifting"
    listed = server.request("GET", collection("ModelCandidate"), fieldSelector=selector).body["items"]
    assert [item["metadata"]["name"] for item in listed] == ["reporting"]


def test_kubectl_shows_a_candidate_in_its_columns(server: ApiServer) -> None:
    put_status(server, STATUS)
    path, kind = f"{collection('ModelCandidate')}/reporting", "application/json;as=Table;v=v1;g=meta.k8s.io"
    table = server.request("GET", path, headers={"Accept": kind}).body
    shown = {
        column["name"]: cell
        for column, cell in zip(table["columnDefinitions"], table["rows"][0]["cells"], strict=True)
        if column["priority"] == 0 and column["name"] not in {"Name", "Age"}
    }
    assert shown == {
        "Target": "review-sentiment",
        "Model": "review-sentiment",
        "Phase": "Shifting",
        "Step": 1,
        "Weight": 25,
        "Ready": "False",
        "Reason": "StepStarted",
    }
