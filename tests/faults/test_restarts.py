"""Every golden story once more by an operator that remembers nothing between two passes: the same, word for word."""

import pytest
from typing_extensions import override

from sluice.runtime.index import Key
from sluice.runtime.looks import Look, Looks
from tests.golden.play import Play
from tests.golden.stories import STORIES
from tests.golden.test_timelines import FILES
from tests.golden.timeline import timeline


class Forgetful(Looks):
    """The looks of an operator that is restarted before every pass."""

    @override
    def keep(self, key: Key, look: Look) -> None:
        """Remember nothing."""


@pytest.mark.parametrize("name", STORIES)
def test_a_restart_before_every_pass_changes_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Play, "memory", Forgetful)
    text = timeline(STORIES[name].tell(), STORIES[name].sentence)
    assert text == (FILES / f"{name}.txt").read_text(encoding="utf-8")
