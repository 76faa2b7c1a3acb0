"""The stories of the evaluation Job: what befalls it, and what that costs."""

from sluice.api.phase import Phase
from tests.golden.play import Play
from tests.golden.stories import played, story


@story("The evaluation's pod is evicted: tried again", Phase.PROMOTED)
def evaluation_retried() -> Play:
    play = Play(evaluation_seconds=None)

    def evict() -> None:
        play.jobs.fail(play.jobs.running()[0], "Evicted")
        play.evaluation_seconds = 30.0

    play.cue(lambda: bool(play.jobs.running()), evict, "the Job's pod is evicted")
    return played(play)


@story("The node of the evaluation's pod is lost, and nobody ends its Job: stopped, and tried again", Phase.PROMOTED)
def node_lost() -> Play:
    play = Play(evaluation_seconds=None)
    play.plan("short", evaluation={"timeoutSeconds": 120})

    def lost() -> None:
        play.evaluation_seconds = 30.0

    play.cue(lambda: bool(play.jobs.running()), lost, "the node of the Job's pod is lost")
    play.apply(plan="short")
    play.run()
    return play


@story("The evaluation's image cannot be pulled for a minute: waited for, and no attempt is lost", Phase.PROMOTED)
def image_late() -> Play:
    play = Play(evaluation_seconds=None)

    def pulled() -> None:
        play.jobs.stall(play.jobs.running()[0], "")
        play.finish_job(play.jobs.running()[0])

    def stuck() -> None:
        play.jobs.stall(play.jobs.running()[0], "ImagePullBackOff")
        play.later(60, pulled, "the image is pulled, the Job ends well")

    play.cue(lambda: bool(play.jobs.running()), stuck, "the Job's image cannot be pulled")
    return played(play)


@story("The evaluation's image cannot be pulled at all: each attempt ends after five minutes", Phase.FAILED)
def image_missing() -> Play:
    play = Play(evaluation_seconds=None)

    def stuck() -> None:
        for ref in play.jobs.running():
            play.jobs.stall(ref, "ErrImagePull")
        play.clock.after(1, stuck)

    play.cue(lambda: bool(play.jobs.running()), stuck, "the Job's image cannot be pulled")
    return played(play)


@story("The evaluation's answer is garbage three times: failed", Phase.FAILED)
def evaluation_garbage() -> Play:
    play = Play(evaluation_seconds=None)

    def answer() -> None:
        for ref in play.jobs.running():
            play.jobs.finish(ref, '{"schemaVersion": "sluice.dev/evaluation-termination/v1", "runId": "../../etc"}')
        play.clock.after(5, answer)

    play.later(5, answer)
    return played(play)
