"""The checkpoint: what is written comes back, what was not written by us is refused."""

import json
from base64 import b85encode
from zlib import compress

import pytest

from sluice.core.analysis.checkpoint import dumps, loads
from sluice.core.analysis.settings import Settings
from sluice.core.analysis.state import State
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
    assert loads(dumps({"errors": state, "other": State()})) == {"errors": state, "other": State()}


def test_a_state_is_small() -> None:
    assert len(dumps({"errors": lived()})) < 2000


def test_many_states_are_compressed_and_come_back() -> None:
    states = {f"metric-{number}": lived() for number in range(10)}
    text = dumps(states)
    assert text.startswith("z:")
    assert loads(text) == states


WHOLE = json.loads(dumps({"errors": lived()}))


def changed(**parts: object) -> str:
    return json.dumps({**WHOLE, "states": {"errors": {**WHOLE["states"]["errors"], **parts}}})


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("null", id="null"),
        pytest.param("[]", id="a list"),
        pytest.param("{}", id="no version"),
        pytest.param(json.dumps(WHOLE)[:-20], id="cut off"),
        pytest.param(json.dumps({**WHOLE, "version": 1}), id="an earlier version"),
        pytest.param(json.dumps({**WHOLE, "version": 3}), id="a later version"),
        pytest.param(changed(cursors=7), id="cursors that are a number"),
        pytest.param(changed(cursors={"s": ["source", 0]}), id="half a cursor"),
        pytest.param(changed(at=["soon", 0, 0, 0, 0]), id="a time in words"),
        pytest.param(changed(at=[True, 0, 0, 0, 0]), id="a time that is true"),
        pytest.param(changed(at=[0, 0, 0, 0, 0, 0]), id="a number too many"),
        pytest.param(changed(channels={"": [[[0, [0], [0, 0, 0, 0]]]]}), id="half a channel"),
        pytest.param(json.dumps(WHOLE).replace("0.0", "NaN"), id="NaN"),
        pytest.param(json.dumps(WHOLE).replace("0.0", "1e999"), id="a number beyond all"),
        pytest.param("[" * 100_000, id="nested without end"),
        pytest.param("z:", id="nothing compressed"),
        pytest.param("z:not of this alphabet \\", id="no base 85"),
        pytest.param("z:" + b85encode(b"not zlib").decode(), id="nothing that was compressed"),
        pytest.param("z:" + b85encode(compress(b" " * (1 << 22))).decode(), id="a bomb"),
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- JSON's own message is as good as ours
        loads(text)
