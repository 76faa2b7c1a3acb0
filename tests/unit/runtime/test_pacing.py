"""When ticks begin: on slots that others share, and soon after the samples that they wait for."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.core.analysis.samples import Series
from sluice.core.observed import Observed
from sluice.runtime.pacing import FIRST_MARGIN, MOST_MARGIN, SLOT_SECONDS, Rhythm, rhythm_of, until_slot
from tests.support import observations

NAMES = st.text(max_size=20)
NOW, INTERVAL, TICK = observations.NOW.timestamp(), 5.0, 5
MINE, STABLE = observations.CANDIDATE, "main"


@given(now=st.floats(0, 2e9), tick=st.integers(1, 60), name=NAMES, complete=st.none() | st.floats(0, 2e9))
def test_ticks_of_a_name_are_a_tick_apart_on_whole_slots(
    now: float, tick: int, name: str, complete: float | None
) -> None:
    rhythm = None if complete is None else Rhythm(complete)
    wait = until_slot(now, tick, name, rhythm)
    assert tick / 10 <= wait <= tick * 1.1 + 1e-6
    again = until_slot(now + wait + 0.01 * tick, tick, name, rhythm)
    assert again == pytest.approx(0.99 * tick, abs=1e-5)
    slot = (now + wait) / SLOT_SECONDS
    assert slot == pytest.approx(round(slot), abs=1e-5)


@pytest.mark.parametrize("tick", [1, 5])
def test_names_without_a_rhythm_are_spread_over_all_slots_of_a_tick(tick: int) -> None:
    waits = [round(until_slot(0.5, tick, f"team/candidate-{number}"), 3) for number in range(1000)]
    slots = tick / SLOT_SECONDS
    assert len(set(waits)) == slots
    assert min(waits.count(wait) for wait in set(waits)) > 1000 / slots / 2


@given(complete=st.floats(1e9, 2e9), ahead=st.integers(0, 100), margin=st.floats(0, 1))
def test_a_tick_comes_within_a_slot_of_when_the_samples_are_awaited(complete: float, ahead: int, margin: float) -> None:
    begun = complete + 0.3 * TICK
    tick = begun + until_slot(begun, TICK, "any", Rhythm(complete + ahead * TICK, margin))
    awaited = (tick - complete - margin + 1e-5) % TICK
    assert awaited <= SLOT_SECONDS + 2e-5


def scraped(arms: Mapping[str, Sequence[float]], interval: float = INTERVAL) -> tuple[Series, ...]:
    """Return the series of pods, by arm with the seconds since their last scrapes."""
    return tuple(
        Series(
            {"predictor_name": arm, "pod": f"{arm}-{number}", "code": "200"},
            tuple((NOW - ago - interval * back, 1.0) for back in (2, 1, 0)),
        )
        for arm, pods in arms.items()
        for number, ago in enumerate(pods)
    )


def seen(series: tuple[Series, ...], **fields: object) -> Observed:
    """Return a pass that saw them."""
    return replace(observations.observed(samples={"errors": series}), now=datetime.fromtimestamp(NOW, UTC), **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arms", "ago"),
    [
        pytest.param({MINE: [3.0], STABLE: [1.0]}, 1.0, id="when the stable arm was scraped after the candidate"),
        pytest.param({MINE: [1.0], STABLE: [3.0]}, -2.0, id="which may be only in the next interval"),
        pytest.param({MINE: [4.0], STABLE: [3.0, 1.0, 2.0]}, 1.0, id="all pods of it"),
        pytest.param({MINE: [4.0, 2.0], STABLE: [1.0]}, 1.0, id="from the candidate's last pod on"),
        pytest.param({MINE: [4.0], STABLE: [3.0, 300.5]}, 3.0, id="but for those that are gone"),
    ],
)
def test_a_round_is_complete(arms: Mapping[str, Sequence[float]], ago: float) -> None:
    found = rhythm_of(seen(scraped(arms)), None)
    assert found is not None
    assert (found.complete - NOW + ago) % INTERVAL == pytest.approx(0, abs=1e-3)
    assert found.margin == FIRST_MARGIN


@pytest.mark.parametrize(
    "interval",
    [pytest.param(7.0, id="no multiple of the tick"), pytest.param(3.0, id="nor a part of it")],
)
def test_ticks_that_cannot_keep_step_have_no_rhythm(interval: float) -> None:
    assert rhythm_of(seen(scraped({MINE: [1.0], STABLE: [1.0]}, interval)), Rhythm(NOW)) is None


@pytest.mark.parametrize("interval", [1.0, 2.5, 5.0, 5.02, 10.0, 15.0])
def test_ticks_keep_step_with_multiples_and_parts(interval: float) -> None:
    assert rhythm_of(seen(scraped({MINE: [1.0], STABLE: [1.0]}, interval)), None) is not None


@pytest.mark.parametrize(
    ("arms", "late", "want"),
    [
        pytest.param({MINE: [4.9], STABLE: [0.2]}, 0.0, 0.2, id="what was there is looked for as soon again"),
        pytest.param({MINE: [4.9], STABLE: [5.2]}, 0.0, 0.4, id="what was not yet there is given more time"),
        pytest.param({MINE: [4.9], STABLE: [5.2]}, None, 0.2, id="but not by passes that came at any time"),
    ],
)
def test_samples_that_take_long_to_be_readable(
    arms: Mapping[str, Sequence[float]], late: float | None, want: float
) -> None:
    found = rhythm_of(seen(scraped(arms), late_seconds=late), Rhythm(NOW - 1, margin=0.2))
    assert found is not None
    assert found.margin == want


def test_the_margin_has_an_end() -> None:
    known: Rhythm | None = Rhythm(NOW)
    for _ in range(20):
        known = rhythm_of(seen(scraped({MINE: [4.9], STABLE: [5.2]}), late_seconds=0.0), known)
    assert known is not None
    assert known.margin == MOST_MARGIN


def test_a_pass_without_samples_changes_nothing() -> None:
    known = Rhythm(NOW)
    assert rhythm_of(seen(()), known) == known
