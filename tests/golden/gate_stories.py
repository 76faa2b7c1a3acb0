"""The stories of offline gates of different weight: what stops a candidate before any traffic, and what does not."""

from typing import Any

from sluice.api.phase import Phase
from tests.golden.play import Play
from tests.golden.stories import story

BEFORE_THE_FIRST_WEIGHT = 0.6
"""Minutes: the evaluation is over, live evidence has not begun."""


def gate(name: str = "accuracy", **fields: Any) -> dict[str, Any]:
    """Return a gate on accuracy that allows a drop of one point; fields set to None are left out."""
    known = {"name": name, "metric": "accuracy", "dataset": "holdout", "vsChampion": {"maxDrop": "0.01"}}
    return {key: value for key, value in (known | fields).items() if value is not None}


def gated(play: Play, *gates: dict[str, Any], minutes: float = 60) -> Play:
    """Play version 43 under a plan with these gates."""
    play.plan("gated", evaluation={"gates": list(gates)})
    play.apply(plan="gated")
    play.run(minutes)
    return play


@story("An advisory gate fails: it is said, and stops nothing", Phase.SHIFTING)
def advice_fails() -> Play:
    loose, advice = gate(vsChampion={"maxDrop": "0.05"}), gate("no-drop", severity="Advisory")
    return gated(Play(difference=-0.03), loose, advice, minutes=BEFORE_THE_FIRST_WEIGHT)


@story("The first tier fails: rejected, and later tiers are not judged", Phase.REJECTED)
def tier_fails() -> Play:
    return gated(Play(difference=-0.03), gate("size", tier=1), gate("safety", min="0.95", vsChampion=None))


@story("The first tier is in doubt: failed, though a later tier would reject", Phase.FAILED)
def tier_in_doubt() -> Play:
    return gated(Play(difference=-0.03), gate("safety", min="0.868", vsChampion=None), gate(tier=1))


@story("Five points better than any model before: the alarm for leaked items, rejected", Phase.REJECTED)
def too_good() -> Play:
    return gated(Play(difference=0.05), gate(vsChampion={"maxDrop": "0.01", "maxGain": "0.02"}))


@story("Two models alike on one data set: the second is held to more, and cannot prove it", Phase.ABORTED, Phase.FAILED)
def second_use() -> Play:
    play = Play(difference=-0.0055)
    play.cue(play.at(Phase.SHIFTING), lambda: play.apply("44", plan="gated"), "version 44 is applied")
    play.cue(play.at(Phase.SHIFTING, 5), lambda: play.edit(abort=True), "a person aborts version 43")
    return gated(play, gate())
