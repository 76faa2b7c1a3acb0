"""Prometheus is away for a minute, at whatever moment: no healthy rollout is lost, and every one goes on by itself."""

import pytest

from sluice.api.phase import Phase
from sluice.ports import Unavailable
from tests.golden.play import Play

FIRST, APART, ROLLOUTS = 30, 25, 20
"""A rollout takes 8 minutes: the outages begin all over it, from the evaluation to the promotion."""


def outage(play: Play, after: float, seconds: float) -> None:
    """Have Prometheus go away in so many seconds, for so many."""

    def leave() -> None:
        play.metrics.problem, play.clients.scraped = Unavailable("connection refused", reason="Refused"), False

    def back() -> None:
        play.metrics.problem, play.clients.scraped = None, True

    play.later(after, leave)
    play.later(after + seconds, back)


@pytest.mark.parametrize("after", range(FIRST, FIRST + ROLLOUTS * APART, APART))
def test_a_minute_without_prometheus_costs_no_rollout(after: int) -> None:
    play = Play()
    outage(play, after, 60)
    play.apply()
    play.run()
    assert play.phase() is Phase.PROMOTED
