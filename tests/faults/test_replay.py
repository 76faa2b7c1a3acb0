"""An operator that is killed while its memory is ahead of the record: the next one comes to the same verdict.

Evidence is on record at most once a minute, so nearly every moment of a step is one where the record is behind.
"""

from pathlib import Path

import pytest

from sluice.runtime.looks import Looks
from tests.golden import test_timelines
from tests.golden.play import Play
from tests.golden.stories import errors
from tests.golden.timeline import timeline

STORY = Path(test_timelines.__file__).parent / "timelines" / "worse_live.txt"
FIRST, LAST, APART = 60, 185, 5
"""Seconds: from the first sample of the step to its breach, a tick apart, each in the middle of one."""


def worse() -> Play:
    """Return a play of the golden story "three times the errors"."""
    play = Play()
    play.clients.rate = errors("43", 0.03)
    return play


def behind(play: Play) -> float:
    """Return by how many seconds the evidence on record is older than the newest sample."""
    checkpoint = play.status().get("checkpoint")
    return play.clock.seconds() - float(checkpoint["time"]) if checkpoint else 0.0


def test_a_kill_at_any_moment_of_a_step_ends_in_the_same_verdict_at_the_same_sample() -> None:
    gaps = []
    for moment in range(FIRST, LAST, APART):
        play = worse()

        def kill(play: Play = play) -> None:
            gaps.append(behind(play))
            play.looks = Looks()

        play.later(moment + 2.5, kill)
        play.apply()
        play.run()
        told = timeline(play, "Three times the errors from the start: taken back")
        assert told == STORY.read_text(encoding="utf-8"), f"killed {moment} s after the beginning"
    assert max(gaps) > 3 * APART, "the record was behind by several ticks"


@pytest.mark.parametrize("times", [2, 5])
def test_several_kills_one_after_another_change_nothing(times: int) -> None:
    play = worse()
    for number in range(times):
        play.later(FIRST + 11.5 * number, lambda: setattr(play, "looks", Looks()))
    play.apply()
    play.run()
    assert timeline(play, "Three times the errors from the start: taken back") == STORY.read_text(encoding="utf-8")
