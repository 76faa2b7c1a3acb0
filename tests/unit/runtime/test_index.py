"""Whom an event pokes."""

from typing import Any

import pytest

from sluice.api.phase import Phase
from sluice.runtime.index import Index, Key
from tests.support.candidates import status, stored
from tests.support.objects import HOSTILE

A, B = Key("default", "a"), Key("default", "b")


@pytest.fixture
def index() -> Index:
    return Index()


def test_a_new_candidate_pokes_itself_and_the_active_ones_of_its_target(index: Index) -> None:
    index.note(stored("a"))
    assert index.note(stored("b")) == {A, B}


def test_what_we_wrote_into_the_status_pokes_nobody(index: Index) -> None:
    index.note(stored("a", status=status("Shifting")))
    written = stored("a", status=status("Shifting", checkpoint={"time": "1", "state": "{}"}), resourceVersion="9")
    assert index.note(written) == frozenset()


@pytest.mark.parametrize(
    ("changed", "want"),
    [
        pytest.param(stored("a", generation=2), {A, B}, id="a new generation"),
        pytest.param(stored("a", deletionTimestamp="now"), {A, B}, id="a deletion"),
        pytest.param(stored("a", status=status("Shifting")), {A, B}, id="a new phase"),
        pytest.param(stored("a", status=status("Promoted")), {A, B}, id="an end, also for itself to be noted"),
        pytest.param(stored("a", uid="another"), {A, B}, id="another object of the same name"),
        pytest.param(stored("a", labels={"x": "y"}), frozenset(), id="not a label"),
    ],
)
def test_what_matters_pokes_the_candidate_and_its_rivals(index: Index, changed: dict[str, Any], want: set[Key]) -> None:
    index.note(stored("b"))
    index.note(stored("a"))
    assert index.note(changed) == want


def test_one_that_is_gone_pokes_those_that_queued_behind_it(index: Index) -> None:
    index.note(stored("a"))
    index.note(stored("b"))
    assert index.forget(stored("a")) == {B}
    assert index.forget(stored("a")) == frozenset()


def test_targets_and_plans_poke_the_active_candidates_that_name_them(index: Index) -> None:
    index.note(stored("a"))
    index.note(stored("b", status=status("Promoted")))
    assert index.on_target("default", "review-sentiment") == {A}
    assert index.on_plan("default", "careful") == {A}
    assert index.on_target("elsewhere", "review-sentiment") == frozenset()
    assert index.on_plan("default", "other") == frozenset()


def test_phases_are_counted(index: Index) -> None:
    index.note(stored("a"))
    index.note(stored("b", status=status("Promoted")))
    assert index.phases() == {Phase.PENDING: 1, Phase.PROMOTED: 1}


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(stored("a", status={"phase": HOSTILE}), id="a phase that is none"),
        pytest.param(stored("a") | {"status": ["x"]}, id="a status that is a list"),
        pytest.param(stored("a") | {"spec": {"targetRef": 7, "planRef": None}}, id="references that are no objects"),
        pytest.param({"metadata": stored("a")["metadata"]}, id="no spec at all"),
    ],
)
def test_hostile_candidates_are_known_and_harm_nobody(index: Index, raw: dict[str, Any]) -> None:
    assert A in index.note(raw)


def test_candidates_of_one_target_share_a_lane_and_strangers_do_not(index: Index) -> None:
    index.note(stored("a"))
    index.note(stored("b"))
    assert index.target_of(A) == index.target_of(B)
    assert index.target_of(Key("default", "unknown")) == Key("default", "unknown")
