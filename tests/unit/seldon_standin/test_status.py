"""The status: what is noted, what is deleted by it, and when a difference is one."""

from typing import Any

import pytest

from lab.seldon_standin import status
from lab.seldon_standin.difference import contains, deployment_differs, stamped

NOW, LATER = "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"


def deployment(**counts: int) -> dict[str, Any]:
    return {"metadata": {"name": "d"}, "status": counts}


@pytest.mark.parametrize(
    ("counts", "known", "want"),
    [
        pytest.param({}, {}, {}, id="a Deployment without pods is not noted: removed now, it becomes an orphan"),
        pytest.param({"replicas": 1}, {}, {"d": {"replicas": 1}}, id="with a pod it is noted"),
        pytest.param(
            {"replicas": 1, "availableReplicas": 1},
            {"d": {"replicas": 1}},
            {"d": {"replicas": 1, "availableReplicas": 1}},
            id="changes are noted",
        ),
        pytest.param({}, {"d": {"replicas": 1}}, {"d": {}}, id="scaled to 0 it stays noted"),
    ],
)
def test_deployments_are_noted(counts: dict[str, int], known: dict[str, Any], want: dict[str, Any]) -> None:
    told: dict[str, Any] = {"deploymentStatus": dict(known)}

    status.record_deployment(told, deployment(**counts))

    assert told["deploymentStatus"] == want


def test_only_noted_deployments_that_the_spec_lacks_are_left_over() -> None:
    told: dict[str, Any] = {"deploymentStatus": {"stable": {}, "candidate": {}}}

    assert status.leftovers(told, ["stable", "new"]) == ["candidate"]


@pytest.mark.parametrize(
    ("deployments", "services", "progressing", "want"),
    [
        pytest.param(True, True, True, "Available", id="all ready"),
        pytest.param(True, False, True, "Creating", id="a Service is new"),
        pytest.param(False, True, True, "Creating", id="pods are coming"),
        pytest.param(False, True, False, "Failed", id="pods will not come"),
    ],
)
def test_the_state_is(*, deployments: bool, services: bool, progressing: bool, want: str) -> None:
    told: dict[str, Any] = {}

    status.set_state(told, deployments=deployments, services=services, progressing=progressing)

    assert told["state"] == want


def test_the_time_of_a_condition_moves_only_with_a_change() -> None:
    told: dict[str, Any] = {}
    status.set_condition(told, "Ready", "True", {"reason": "Good"}, NOW)
    status.set_condition(told, "Ready", "True", {"reason": "Good"}, LATER)
    unchanged = told["conditions"][0]["lastTransitionTime"]
    status.set_condition(told, "Ready", "False", {"reason": "Bad"}, LATER)

    assert (unchanged, told["conditions"][0]["lastTransitionTime"]) == (NOW, LATER)


@pytest.mark.parametrize(
    ("live", "wanted", "want"),
    [
        pytest.param({"a": 1, "b": 2}, {"a": 1}, True, id="the server's additions do not count"),
        pytest.param({"a": 1}, {"a": 2}, False, id="another value does"),
        pytest.param({"l": [{"n": 1, "d": 0}]}, {"l": [{"n": 1}]}, True, id="nor do they inside lists"),
        pytest.param({"l": [1, 2]}, {"l": [1]}, False, id="a longer list does"),
        pytest.param({"cpu": "500m"}, {"cpu": "0.5"}, True, id="equal quantities are equal"),
        pytest.param({"memory": "1Gi"}, {"memory": "1024Mi"}, True, id="in any unit"),
        pytest.param({"memory": "1Gi"}, {"memory": "1G"}, False, id="unequal ones are not"),
        pytest.param({}, {"env": []}, True, id="an empty list is as good as none"),
    ],
)
def test_a_live_object_says_what_is_wanted(live: dict[str, Any], wanted: dict[str, Any], want: bool) -> None:  # noqa: FBT001
    assert contains(live, wanted) is want


def test_a_field_that_is_no_longer_wanted_is_a_difference() -> None:
    wanted = {"metadata": {"annotations": {}}, "spec": {"a": 1, "b": 2}}
    live = stamped(wanted)

    assert not deployment_differs(wanted, live)
    assert deployment_differs({"metadata": {"annotations": {}}, "spec": {"a": 1}}, live)
