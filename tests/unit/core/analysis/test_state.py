"""The checkpoint: what is written comes back, what was not written by us is refused."""

import json
from base64 import b85encode
from dataclasses import replace
from random import Random
from typing import Any
from zlib import compress

import pytest

from sluice.api.candidate import Checkpoint
from sluice.core.analysis.checkpoint import dumps, loads
from sluice.core.analysis.counter_spec import CounterSpec
from sluice.core.analysis.engine import advance
from sluice.core.analysis.error_rate import ErrorRate
from sluice.core.analysis.latency import Latency
from sluice.core.analysis.ratio import Ratio
from sluice.core.analysis.settings import HardLimit, Settings
from sluice.core.analysis.state import State
from sluice.core.analysis.written import States
from tests.support.analysis import context, feed, step
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


def crowded() -> dict[str, State]:
    """Ten metrics of a hundred pods, each counted by itself, after some rounds."""
    rng, world = Random(7), Scraped()  # noqa: S311 -- the same each time
    ratios = {f"m{number}": Ratio(CounterSpec(f"m{number}"), CounterSpec("visits")) for number in range(8)}
    signals: dict[str, Any] = {"errors": ErrorRate(), "latency": Latency(), **ratios}
    pods = [f"reviews-model-{rng.getrandbits(32):08x}-{rng.getrandbits(20):05x}" for _ in range(100)]
    for tick in range(30):
        for place, pod in enumerate(pods):
            arm = "stable" if place % 10 else "candidate"
            world.serve(arm, pod, ok=rng.randrange(50, 100), failed=rng.randrange(3))
            world.took(arm, pod, {time: rng.randrange(40) for time in (0.01, 0.07, 0.2, 0.4, 0.8, 2.0, 4.0)})
            world.count(arm, pod, visits=100, **{name: rng.randrange(9) for name in ratios})
            world.scrape(1.7e9 + 5 * tick + round(place / 23, 3), [pod])
    plan = Settings(restarts=5, horizon_seconds=1200, hard_limit=HardLimit(0.2), share=0.1)
    series, at = world.series(), step(started_at=1.7e9)
    found = {}
    for name, signal in signals.items():
        limited = replace(plan, hard_limit=HardLimit(0.2, "0.5")) if name == "latency" else plan
        found[name], _ = advance(State(), series, context(1.7e9 + 151, at=at, settings=limited, signal=signal))
    return found


def test_ten_metrics_of_a_hundred_pods_fit_into_a_status() -> None:
    states = crowded()
    assert min(len(state.cursors) for state in states.values()) == 100
    text = dumps(states)
    assert loads(text) == states
    assert len(text) <= 16_384


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
        pytest.param(json.dumps({**WHOLE, "version": 3}), id="an earlier version"),
        pytest.param(json.dumps({**WHOLE, "version": 5}), id="a later version"),
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


def test_states_become_text_only_when_a_status_is_written() -> None:
    states = {"errors": lived()}
    text: Any = States(states)
    kept = Checkpoint.model_construct(time="199.000", state=text)
    written = Checkpoint.model_validate(kept.model_dump(by_alias=True))
    assert written.state == dumps(states)
    assert written == kept
    assert text == States(dict(states)) != States({})
