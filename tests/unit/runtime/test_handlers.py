"""What kopf is told to watch, and that it is told to write nothing."""

import inspect

import kopf
import pytest

from sluice.runtime import handlers
from sluice.runtime.index import Index, Key


@pytest.fixture
def registry() -> kopf.OperatorRegistry:
    return handlers.registry_of(Index(), lambda _: None)


def test_only_raw_events_are_watched_so_that_kopf_writes_nothing(registry: kopf.OperatorRegistry) -> None:
    watched = {str(one.selector) for one in registry._watching.get_all_handlers()}
    assert len(watched) == 6
    for writing in (registry._changing, registry._spawning, registry._indexing, registry._webhooks):
        assert list(writing.get_all_handlers()) == []


def test_handlers_run_in_the_loop_that_the_queue_belongs_to(registry: kopf.OperatorRegistry) -> None:
    assert all(inspect.iscoroutinefunction(one.fn) for one in registry._watching.get_all_handlers())


def test_kopf_is_alone_silent_and_asks_for_our_labels_only() -> None:
    made = handlers.settings()
    assert (made.peering.standalone, made.posting.enabled) == (True, False)
    assert sorted(made.watching.label_selectors.values()) == ["seldon-deployment-id", "sluice.dev/candidate-uid"]


def test_kopf_copies_no_objects_to_tell_differences() -> None:
    kept = handlers.settings().persistence.diffbase_storage
    body = kopf.Body({"metadata": {"labels": {"app": "shop"}}, "spec": {"abort": True}})
    assert kept.build(body=body) == {}
    assert kept.fetch(body=body) is None


@pytest.mark.parametrize(
    ("namespaces", "want"),
    [
        pytest.param((), False, id="everywhere: new kinds are noticed"),
        pytest.param(("models",), True, id="in namespaces: no rights to look beyond them"),
    ],
)
def test_kopf_looks_around_only_where_it_may(namespaces: tuple[str, ...], *, want: bool) -> None:
    assert handlers.settings(namespaces).scanning.disabled is want


@pytest.mark.parametrize(
    ("owners", "want"),
    [
        pytest.param([{"kind": "ModelCandidate", "name": "a", "controller": True}], [Key("ns", "a")], id="ours"),
        pytest.param([{"kind": "CronJob", "name": "a", "controller": True}], [], id="somebody else's"),
        pytest.param([{"kind": "ModelCandidate", "name": "a"}], [], id="not controlled by us"),
        pytest.param(None, [], id="nobody's"),
    ],
)
async def test_a_job_pokes_the_candidate_that_owns_it(owners: list[dict[str, object]] | None, want: list[Key]) -> None:
    poked: list[Key] = []
    made = handlers.registry_of(Index(), poked.append)
    job = next(one for one in made._watching.get_all_handlers() if "job" in str(one.id))
    await job.fn(namespace="ns", event={"object": {"metadata": {"ownerReferences": owners}}})
    assert poked == want
