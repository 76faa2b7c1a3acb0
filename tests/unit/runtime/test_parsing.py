"""Raw objects into values, whatever they hold."""

from copy import deepcopy
from typing import Any

import pytest

from sluice.api.phase import Phase
from sluice.core.observed import Rival
from sluice.runtime.parsing import InvalidObject, created, parse_candidate, parse_plan, parse_revision, parse_rival
from tests.support.candidates import status, stored
from tests.support.objects import HOSTILE, candidate, plan


def test_a_candidate_as_the_api_server_has_it() -> None:
    found = parse_candidate(stored("a", generation=3, finalizers=["sluice.dev/traffic"], status=status("Shifting")))
    assert (found.name, found.namespace, found.uid, found.generation) == ("a", "default", "uid-of-a", 3)
    assert (found.has_finalizer, found.deleting, found.status.phase) == (True, False, Phase.SHIFTING)


def test_a_candidate_without_status_is_pending() -> None:
    assert parse_candidate(stored("a")).status.phase is Phase.PENDING


def test_a_status_of_a_newer_version_is_read_without_what_is_unknown() -> None:
    assert parse_candidate(stored("a", status=status("Queued", novelty=1))).status.phase is Phase.QUEUED


@pytest.mark.parametrize(
    ("raw", "want"),
    [
        pytest.param({"spec": None}, "spec", id="no spec"),
        pytest.param({"spec": "text"}, "spec", id="a spec that is text"),
        pytest.param({"spec": candidate(model={"name": HOSTILE})["spec"]}, r"spec\.model\.name", id="a hostile name"),
        pytest.param({"spec": candidate(model={"name": "m"})["spec"]}, "exactly one of version", id="no version"),
        pytest.param({"status": ["x"]}, "status", id="a status that is a list"),
        pytest.param({"status": {"phase": HOSTILE}}, r"status\.phase", id="a phase that is none"),
    ],
)
def test_an_invalid_candidate_is_named_by_its_field_without_its_values(raw: dict[str, Any], want: str) -> None:
    with pytest.raises(InvalidObject, match=want) as caught:
        parse_candidate(stored("a") | raw)
    assert HOSTILE not in str(caught.value)


def test_only_the_first_few_mistakes_are_listed() -> None:
    spec = dict.fromkeys(("a", "b", "c", "d", "e"), 1)
    with pytest.raises(InvalidObject, match=r"\(and \d+ more\)"):
        parse_candidate(stored("a") | {"spec": spec})


def test_a_plan_and_the_revision_that_pins_it_are_the_same() -> None:
    raw = plan()
    raw["metadata"]["generation"] = 4
    live = parse_plan(raw)
    assert parse_revision({"revision": 4, "data": {"spec": raw["spec"]}}, "careful") == live


def test_candidates_of_the_same_plan_share_one() -> None:
    spec = plan()["spec"]
    first, second, third = (
        parse_revision({"revision": number, "data": {"spec": deepcopy(spec)}}, "careful") for number in (4, 4, 5)
    )
    assert first is second
    assert first != third


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param({}, id="no data"),
        pytest.param({"data": "text"}, id="data that is text"),
        pytest.param({"data": {"spec": []}}, id="a spec that is a list"),
    ],
)
def test_a_revision_that_somebody_else_wrote_is_invalid(raw: dict[str, Any]) -> None:
    with pytest.raises(InvalidObject):
        parse_revision(raw, "careful")


def test_a_rival_of_an_unknown_phase_counts_as_pending() -> None:
    raw = stored("b", status={"phase": "Dreaming"}, deletionTimestamp="now")
    want = Rival(name="b", uid="uid-of-b", created=created(raw), phase=Phase.PENDING, deleting=True)
    assert parse_rival(raw) == want


def test_a_creation_time_that_is_none_sorts_first() -> None:
    assert created(stored("a", creationTimestamp=HOSTILE)) < created(stored("b"))
