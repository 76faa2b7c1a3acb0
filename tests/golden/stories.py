"""The stories: each sets its world up, plays, and says how every candidate must end. One function a story."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sluice.adapters.memory_seldon import Gate
from sluice.api.phase import Phase
from sluice.ports import Unavailable
from tests.golden.play import TARGET, Play

STORIES: dict[str, "Story"] = {}


@dataclass(frozen=True)
class Story:
    """A sentence, the play, and the phase in which each candidate must be at its end."""

    sentence: str
    tell: Callable[[], Play]
    ends: dict[str, Phase]


def story(sentence: str, *ends: Phase) -> Callable[[Callable[[], Play]], Callable[[], Play]]:
    """Register a story; `ends` are the phases of shop-43 and shop-44."""

    def register(tell: Callable[[], Play]) -> Callable[[], Play]:
        names = ("shop-43", "shop-44")
        STORIES[tell.__name__] = Story(sentence, tell, dict(zip(names, ends, strict=False)))
        return tell

    return register


def errors(version: str, share: float, since: float = 0.0, normal: float = 0.01) -> Callable[[str, float], float]:
    """Return error rates: `share` for a version from Unix time `since` on, else the normal one."""
    return lambda of, time: share if of == version and time >= since else normal


def played(play: Play, minutes: float = 60) -> Play:
    """Apply version 43 and play to the end."""
    play.apply()
    play.run(minutes)
    return play


def stages(play: Play) -> str:
    """Return the stage of shop-43's traffic."""
    return str((play.status().get("traffic") or {}).get("stage", ""))


def in_stage(play: Play, stage: str) -> Callable[[], bool]:
    """Return the cue "this stage is recorded"."""
    return lambda: stages(play) == stage


def predictor(play: Play) -> str:
    """Return the name of shop-43's predictor."""
    return str(play.status()["traffic"]["predictor"])


@story("A good candidate takes every step and is promoted in three writes", Phase.PROMOTED)
def good() -> Play:
    return played(Play())


@story("A service without any failure promotes too: the floor learns from successes", Phase.PROMOTED)
def spotless() -> Play:
    play = Play()
    play.clients.rate = lambda _version, _time: 0.0
    return played(play)


@story("Promotion with Seldon's gate missed: no client meets the old model again", Phase.PROMOTED)
def gate_missed() -> Play:
    play = Play()
    play.route.gate = Gate.MISSED
    return played(play)


@story("Worse offline: rejected, and no predictor is ever added", Phase.REJECTED)
def worse_offline() -> Play:
    return played(Play(difference=-0.03))


@story("The data set cannot resolve the margin: failed, never counted as worse", Phase.FAILED)
def inconclusive_offline() -> Play:
    return played(Play(difference=-0.009))


@story("Nothing is registered as champion: a rule against it proves nothing", Phase.FAILED)
def no_champion() -> Play:
    play = Play()
    play.registry.aliases.clear()
    return played(play)


@story("Three times the errors from the start: taken back", Phase.ROLLED_BACK)
def worse_live() -> Play:
    play = Play()
    play.clients.rate = errors("43", 0.03)
    return played(play)


@story("The fault begins late, at 25 %: taken back", Phase.ROLLED_BACK)
def late_fault() -> Play:
    play = Play()

    def turn_bad() -> None:
        play.clients.rate = errors("43", 0.05)

    play.cue(play.at(Phase.SHIFTING, 25), lambda: play.later(30, turn_bad, "version 43 begins to fail"))
    return played(play)


@story("Both arms have a bad minute: no breach", Phase.PROMOTED)
def shared_blip() -> Play:
    play = Play()

    def blip() -> None:
        begun = play.clock.seconds()
        play.clients.rate = lambda _version, time: 0.2 if time < begun + 60 else 0.01

    play.cue(play.at(Phase.SHIFTING, 25), blip, "everything fails more for a minute")
    return played(play)


@story("The candidate never becomes ready: taken out at the deadline", Phase.ROLLED_BACK)
def never_ready() -> Play:
    play = Play()
    play.route.readiness = lambda raw: None if raw["name"] != "main" else 24.0
    return played(play)


@story("It crashes at 25 %: removed at once, for weights move only while all are ready", Phase.ROLLED_BACK)
def crash_loop() -> Play:
    play = Play()

    def crash() -> None:
        play.targets.break_pods(TARGET, predictor(play), "CrashLoopBackOff", restarts=3)

    play.cue(play.at(Phase.SHIFTING, 25), crash, "the candidate's pods crash")
    return played(play)


@story("A pod of the stable is evicted in the middle of a step: no breach", Phase.PROMOTED)
def stable_evicted() -> Play:
    play = Play()
    play.cue(play.at(Phase.SHIFTING, 25), lambda: play.targets.lose_pod(TARGET, "main", 40), "a stable pod is evicted")
    return played(play)


@story("Prometheus is away for two minutes: the weight stays, then it goes on by itself", Phase.PROMOTED)
def prometheus_away() -> Play:
    play = Play()

    def away() -> None:
        play.metrics.problem, play.clients.scraped = Unavailable("connection refused", reason="Refused"), False

    def back() -> None:
        play.metrics.problem, play.clients.scraped = None, True

    play.cue(play.at(Phase.SHIFTING, 25), away, "Prometheus goes away")
    play.cue(play.at(Phase.SHIFTING, 25), lambda: play.later(120, back, "Prometheus is back"))
    return played(play)


@story("A breach while the registry is away: taken back all the same, noted later", Phase.ROLLED_BACK)
def breach_without_registry() -> Play:
    play = Play()
    play.clients.rate = errors("43", 0.05)

    def away() -> None:
        play.registry.down = True

    def back() -> None:
        play.registry.down = False

    play.cue(play.at(Phase.SHIFTING, 5), away, "the registry goes away")
    play.cue(play.ended, lambda: play.later(60, back, "the registry is back"))
    return played(play)


@story("The registry is down at first: it waits and says so", Phase.PROMOTED)
def registry_down_at_first() -> Play:
    play = Play()
    play.registry.down = True

    def back() -> None:
        play.registry.down = False

    play.later(25, back, "the registry is back")
    return played(play)


@story("Paused at 25 %, resumed two minutes later", Phase.PROMOTED)
def paused() -> Play:
    play = Play()
    play.cue(play.at(Phase.SHIFTING, 25), lambda: play.edit(paused=True), "a person pauses")
    play.cue(play.at(Phase.SHIFTING, 25), lambda: play.later(120, lambda: play.edit(paused=False), "a person resumes"))
    return played(play)


@story("A breach while paused is taken back", Phase.ROLLED_BACK)
def breach_while_paused() -> Play:
    play = Play()

    def turn_bad() -> None:
        play.clients.rate = errors("43", 0.05)

    play.cue(play.at(Phase.SHIFTING, 25), lambda: play.edit(paused=True), "a person pauses")
    play.cue(play.at(Phase.SHIFTING, 25), lambda: play.later(90, turn_bad, "version 43 begins to fail"))
    return played(play)


@story("Aborted at 25 %", Phase.ABORTED)
def aborted() -> Play:
    play = Play()
    play.cue(play.at(Phase.SHIFTING, 25), lambda: play.edit(abort=True), "a person aborts")
    return played(play)


@story("Aborted right after the predictor was written: Seldon leaves an orphan, which is deleted", Phase.ABORTED)
def aborted_at_once() -> Play:
    play = Play()
    play.route.timings.listed = 3600.0
    play.cue(in_stage(play, "Adding"), lambda: play.later(0.3, lambda: play.edit(abort=True), "a person aborts"))
    return played(play)


@story("Aborted after the template was written: the promotion is finished", Phase.PROMOTED)
def aborted_too_late() -> Play:
    play = Play()
    play.cue(in_stage(play, "Updating"), lambda: play.edit(abort=True), "a person aborts")
    return played(play)


@story("Deleted in flight: weight 0 first, then the object goes", Phase.ABORTED)
def deleted() -> Play:
    play = Play()
    play.cue(play.at(Phase.SHIFTING, 25), play.delete, "a person deletes the candidate")
    return played(play)


@story("A second candidate waits for its turn", Phase.ABORTED, Phase.PROMOTED)
def queued() -> Play:
    play = Play()
    play.cue(play.at(Phase.SHIFTING, 5), lambda: play.apply("44"), "version 44 is applied")
    play.cue(play.at(Phase.SHIFTING, 25), lambda: play.edit(abort=True), "a person aborts version 43")
    return played(play)


@story("A newer candidate supersedes the one in flight", Phase.SUPERSEDED, Phase.PROMOTED)
def superseded() -> Play:
    play = Play()
    play.plan("newest", concurrency="Supersede")
    play.cue(play.at(Phase.SHIFTING, 25), lambda: play.apply("44", plan="newest"), "version 44 is applied")
    play.apply(plan="newest")
    play.run()
    return play


@story("Somebody resets the predictors in the middle of a step: safe, and no fight", Phase.ROLLED_BACK)
def reset() -> Play:
    play = Play()
    before = play.route.predictors()
    play.cue(play.at(Phase.SHIFTING, 25), lambda: play.targets.edit(TARGET, before), "Git resets spec.predictors")
    return played(play)


@story("Somebody gives the candidate everything by hand: taken back", Phase.ROLLED_BACK)
def promoted_by_hand() -> Play:
    play = Play()

    def everything() -> None:
        stable, candidate = play.route.predictors()
        play.targets.edit(TARGET, [stable | {"traffic": 0}, candidate | {"traffic": 100}])

    play.cue(play.at(Phase.SHIFTING, 5), everything, "a person sets the weights to 0/100")
    return played(play)


@story("Seldon's manager is down at the breach: the route is written directly", Phase.ROLLED_BACK)
def manager_down() -> Play:
    play = Play()

    def down() -> None:
        play.targets.stop_manager(TARGET)
        play.clients.rate = errors("43", 0.08)

    play.cue(play.at(Phase.SHIFTING, 25), down, "Seldon's manager goes down, version 43 begins to fail")
    play.cue(
        play.at(Phase.ROLLING_BACK),
        lambda: play.later(120, lambda: play.targets.start_manager(TARGET), "Seldon's manager is back"),
    )
    return played(play)


@story("The target is deleted in the middle of a step", Phase.FAILED)
def target_deleted() -> Play:
    play = Play()
    play.cue(play.at(Phase.SHIFTING, 25), lambda: play.targets.delete(TARGET), "the SeldonDeployment is deleted")
    return played(play)


@story("The stable predictor does not come up in the promotion: a person is called, nothing is lost", Phase.PROMOTED)
def stable_does_not_roll() -> Play:
    play = Play()
    play.cue(
        in_stage(play, "Filling"),
        lambda: setattr(play.route, "readiness", lambda raw: None if raw["name"] == "main" else 24.0),
        "new pods of the stable will not start",
    )
    play.cue(
        in_stage(play, "Updating"), lambda: play.later(700, lambda: play.targets.mend(TARGET, "main"), "they start")
    )
    return played(play)


@story("Little traffic: no verdict within the step's time holds for a person", Phase.SHIFTING)
def little_traffic() -> Play:
    return played(Play(rps=1.0), minutes=75)


@story("The plan is missing at first, then somebody creates it", Phase.PROMOTED)
def plan_missing() -> Play:
    play = Play()
    play.later(35, lambda: play.plan("late"), "a person creates the plan")
    play.apply(plan="late")
    play.run()
    return play


def names() -> Iterator[str]:
    """Yield the names of all stories."""
    yield from STORIES
