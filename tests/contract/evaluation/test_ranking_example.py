"""The ranking example: a margin that 671 queries can tell, one that they cannot, and chance that is proved worse."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from examples.ranking.train import write_all
from tests.support.played import Example

pytestmark = pytest.mark.filterwarnings("ignore")  # models and MLflow may warn as they like


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ranking")


@pytest.fixture(scope="module")
def digests(folder: Path) -> Mapping[str, str]:
    return write_all(folder)


@pytest.fixture(scope="module")
def example(digests: Mapping[str, str], folder: Path) -> Example:
    assert digests
    return Example("ranking", folder, f"sqlite:///{folder}/store.db")


@pytest.mark.parametrize(
    ("place", "code", "verdict"),
    [
        pytest.param(0, 0, "Pass", id="no more than 0.005 worse: proved"),
        pytest.param(1, 2, "Inconclusive", id="no more than 0.003 worse: 671 queries cannot tell"),
        pytest.param(2, 1, "Fail", id="the same ranker: those who rate most pay for the mean"),
        pytest.param(3, 1, "Fail", id="a bit of chance is proved worse"),
    ],
)
def test_what_the_readme_shows(example: Example, tmp_path: Path, *, place: int, code: int, verdict: str) -> None:
    arguments, says = list(example.shown().items())[place]
    played = example.evaluate(arguments, tmp_path)
    assert (played.says, played.code, played.gates) == (says, code, {"ranking": verdict})


@pytest.mark.parametrize("plan", ["plan.yaml", "plan-strict.yaml", "plan-slices.yaml"])
def test_the_plans_pin_the_hold_out(example: Example, digests: Mapping[str, str], plan: str) -> None:
    assert example.pinned(plan) == digests
