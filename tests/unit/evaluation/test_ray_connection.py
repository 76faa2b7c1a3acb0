"""A server that Ray does not start for its client is asked for again, and not for ever."""

from dataclasses import dataclass

import pytest

from sluice.api.engine import RayInput
from sluice.evaluation.distributed import cluster
from sluice.evaluation.failure import EvaluationFailure

ADDRESS = "ray://ray.ray:10001"
ASKED_AT_MOST = 3


@dataclass
class Forgetful:
    """Ray's client where the first servers end before they serve: no real Ray does that when it should."""

    failures: int
    asked: int = 0

    def init(self, address: str, **_: object) -> None:
        assert address == ADDRESS
        self.asked += 1
        if self.asked <= self.failures:
            raise ConnectionAbortedError("Initialization failure from server: its log is empty")

    def shutdown(self) -> None:
        """Do nothing: there is no connection."""

    def remote(self, _: object) -> None:
        raise RuntimeError("connected")


@pytest.mark.parametrize(
    ("failures", "reason"),
    [
        pytest.param(0, "EngineFailed", id="the first server serves"),
        pytest.param(2, "EngineFailed", id="the last one serves"),
        pytest.param(9, "EngineUnavailable", id="none does"),
    ],
)
def test_a_server_is_asked_for_again(failures: int, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ray = Forgetful(failures)
    monkeypatch.setattr(cluster, "ray", ray)
    with pytest.raises(EvaluationFailure) as raised, cluster.connected(RayInput(address=ADDRESS)):
        pytest.fail("it cannot be of use")

    assert raised.value.reason == reason
    assert ray.asked == min(failures + 1, ASKED_AT_MOST)
