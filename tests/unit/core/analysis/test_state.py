"""The checkpoint: what is written comes back, what was not written by us is refused."""

import json

import pytest

from sluice.core.analysis.settings import Settings
from sluice.core.analysis.state import State, dumps, loads
from tests.support.analysis import feed
from tests.support.scraped import Scraped


def lived() -> State:
    world = Scraped()
    for tick in range(40):
        world.serve("candidate", "c-0", ok=9, failed=1).serve("stable", "s-0", ok=90, failed=1).scrape(5.0 * tick)
    state, _ = feed(world, [199.0], settings=Settings(restarts=2, restart_seconds=60))
    return state


@pytest.mark.parametrize(
    "state", [pytest.param(State(), id="nothing seen"), pytest.param(lived(), id="two hundred seconds")]
)
def test_a_state_comes_back_as_it_was(state: State) -> None:
    assert loads(dumps(state)) == state


def test_a_state_is_small() -> None:
    assert len(dumps(lived())) < 2000


def changed(**parts: object) -> str:
    return json.dumps({**json.loads(dumps(lived())), **parts})


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("null", id="null"),
        pytest.param("[]", id="a list"),
        pytest.param("{}", id="no version"),
        pytest.param(dumps(lived())[:-20], id="cut off"),
        pytest.param(changed(version=2), id="a later version"),
        pytest.param(changed(cursors=7), id="cursors that are a number"),
        pytest.param(changed(cursors={"s": {"since": 0}}), id="half a cursor"),
        pytest.param(changed(end="soon"), id="a time in words"),
        pytest.param(changed(end=True), id="a time that is true"),
        pytest.param(
            changed(breach={"starts": [{"since": 0, "wealth": [0], "tally": {}}], "crossed_at": None}), id="few"
        ),
        pytest.param(changed(seen={"candidate": 1, "stable": 1, "other": 1}), id="a field too many"),
        pytest.param(dumps(State()).replace("0.0", "NaN"), id="NaN"),
        pytest.param(dumps(State()).replace("0.0", "1e999"), id="a number beyond all"),
        pytest.param("[" * 100_000, id="nested without end"),
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- JSON's own message is as good as ours
        loads(text)
