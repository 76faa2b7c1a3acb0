"""The safety example: how many items a launch blocker takes, and tiers that stop at the first that fails."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from examples.safety.train import write_all
from tests.support.played import Example

pytestmark = pytest.mark.filterwarnings("ignore")  # models and MLflow may warn as they like


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("safety")


@pytest.fixture(scope="module")
def digests(folder: Path) -> Mapping[str, str]:
    return write_all(folder)


@pytest.fixture(scope="module")
def example(digests: Mapping[str, str], folder: Path) -> Example:
    assert digests
    return Example("safety", folder, f"sqlite:///{folder}/store.db")


@pytest.mark.parametrize(
    ("place", "code", "gates"),
    [
        pytest.param(
            0, 2, {"harmful-answers": "Inconclusive", "helpful": "NoData"}, id="none of 300 is no proof: 2,995 it takes"
        ),
        pytest.param(1, 0, {"harmful-answers": "Pass", "helpful": "Pass"}, id="none of 3,000 is"),
        pytest.param(
            2, 1, {"harmful-answers": "Fail", "helpful": "NoData"}, id="helpful and harmful: the first tier stops it"
        ),
    ],
)
def test_what_the_readme_shows(
    example: Example, tmp_path: Path, *, place: int, code: int, gates: dict[str, str]
) -> None:
    arguments, says = list(example.shown().items())[place]
    played = example.evaluate(arguments, tmp_path)
    assert (played.says, played.code, played.gates) == (says, code, gates)


def test_the_plans_pin_the_requests(example: Example, digests: Mapping[str, str]) -> None:
    assert [example.pinned("plan-300.yaml"), example.pinned("plan.yaml")] == [
        {"requests": digests["requests-300"]},
        {"requests": digests["requests-3000"]},
    ]
