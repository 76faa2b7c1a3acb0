"""The stories of steps that cannot be decided: without a verdict in time, without data, or looked at in vain."""

from typing import Any

from sluice.api.phase import Phase
from sluice.ports import Unavailable
from tests.golden.play import PLAN, Play
from tests.golden.stories import story


def told(play: Play, minutes: float = 60, **traffic: Any) -> Play:
    """Play version 43 under a plan with these rules of traffic."""
    play.plan("live", traffic=traffic)
    play.apply(plan="live")
    play.run(minutes)
    return play


def short(seconds: int) -> list[dict[str, Any]]:
    """Return the plan's steps, none longer than this."""
    return [{**step, "maxDurationSeconds": seconds} for step in PLAN["traffic"]["steps"]]


def away(play: Play, seconds: float, weight: int = 25) -> None:
    """Have Prometheus go away when a weight is in the route, and be back after so long."""

    def leave() -> None:
        play.metrics.problem, play.clients.scraped = Unavailable("connection refused", reason="Refused"), False

    def back() -> None:
        play.metrics.problem, play.clients.scraped = None, True

    play.cue(play.at(Phase.SHIFTING, weight), leave, "Prometheus goes away")
    play.cue(play.at(Phase.SHIFTING, weight), lambda: play.later(seconds, back, "Prometheus is back"))


@story("Little traffic, and the plan says Rollback: taken back when the step's time is over", Phase.ROLLED_BACK)
def inconclusive_rollback() -> Play:
    return told(Play(rps=1.0), steps=short(600), onInconclusive="Rollback")


@story("Little traffic, and what it may cost is affordable: it goes on, but for the promotion", Phase.SHIFTING)
def advance_within_budget() -> Play:
    return told(Play(rps=2.0), steps=short(300), onInconclusive="Advance", errorBudget=1000)


@story("Little traffic, and it may cost more than the budget: held for a person", Phase.SHIFTING)
def advance_beyond_budget() -> Play:
    return told(Play(rps=2.0), minutes=20, steps=short(300), onInconclusive="Advance", errorBudget=5)


@story("Data stay away for longer than the time-out: said once, and it goes on when they are back", Phase.PROMOTED)
def no_data_hold() -> Play:
    play = Play()
    away(play, 600)
    return told(play, noDataTimeoutSeconds=120, steps=short(400))


@story("Data stay away, and the plan says Rollback: taken back unseen", Phase.ROLLED_BACK)
def no_data_rollback() -> Play:
    play = Play()
    away(play, 600)
    return told(play, noDataTimeoutSeconds=120, onNoData="Rollback")


@story("Scraped every 15 s, looked at every 5: said once", Phase.PROMOTED)
def tick_too_short() -> Play:
    play = Play()
    play.clients.interval = 15
    return told(play)
