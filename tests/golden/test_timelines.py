"""Golden timelines: each story, played, is the file that a person reviewed. `make golden` writes them again."""

import os
from pathlib import Path

import pytest

from sluice.api.phase import Phase
from tests.golden import gate_stories, job_stories, live_stories, metric_stories
from tests.golden.play import Play
from tests.golden.stories import STORIES, Story
from tests.golden.timeline import timeline

FILES = Path(__file__).parent / "timelines"
TOLD = (gate_stories, job_stories, live_stories, metric_stories)
"""Their stories are registered by reading them."""
WRITE = os.environ.get("SLUICE_GOLDEN") == "write"


@pytest.mark.parametrize("name", STORIES)
def test_story(name: str) -> None:
    story = STORIES[name]
    play = story.tell()
    assert {who: play.phase(who) for who in story.ends} == story.ends
    violations(play, story)
    text, file = timeline(play, story.sentence), FILES / f"{name}.txt"
    if WRITE:
        FILES.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def test_every_file_is_a_story() -> None:
    assert {file.stem for file in FILES.glob("*.txt")} == set(STORIES)


def violations(play: Play, story: Story) -> None:
    """Hold the invariants that no golden file may bless away against the play."""
    for _, sdep in play.targets.history:
        weights = [predictor.get("traffic", 0) for predictor in sdep["spec"]["predictors"]]
        assert sum(weights) == 100, "S1: traffic sums to 100"
    for who, phase in story.ends.items():
        went_back = phase in {Phase.ROLLED_BACK, Phase.ABORTED, Phase.SUPERSEDED, Phase.REJECTED}
        if went_back and len(story.ends) == 1:
            assert [p["name"] for p in play.targets.history[-1][1]["spec"]["predictors"]] == ["main"], who
    if story.ends.get("shop-43") is Phase.PROMOTED:
        carried = next(time for time, route in play.route.route_history if route.get("main") == 0)
        assert play.clients.last["42"] <= carried, "S5: nobody meets the old model after the candidate carried all"
