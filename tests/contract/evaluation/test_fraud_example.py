"""The fraud example: an area under the curve that holds, beside a corner of it and single decisions that do not."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from examples.fraud.train import write_all
from tests.support.played import Example

pytestmark = pytest.mark.filterwarnings("ignore")  # models and MLflow may warn as they like


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fraud")


@pytest.fixture(scope="module")
def digests(folder: Path) -> Mapping[str, str]:
    return write_all(folder)


@pytest.fixture(scope="module")
def example(digests: Mapping[str, str], folder: Path) -> Example:
    assert digests
    return Example("fraud", folder, f"sqlite:///{folder}/store.db")


@pytest.mark.parametrize(
    ("place", "code", "gates"),
    [
        pytest.param(0, 1, ("Pass", "Fail", "Pass"), id="the area holds, but fewer are caught at few false alarms"),
        pytest.param(1, 1, ("Pass", "Pass", "Fail"), id="both hold, but others are turned away"),
        pytest.param(2, 0, ("Pass", "Pass", "Pass"), id="better in all"),
    ],
)
def test_what_the_readme_shows(
    example: Example, tmp_path: Path, *, place: int, code: int, gates: tuple[str, ...]
) -> None:
    arguments, says = list(example.shown().items())[place]
    played = example.evaluate(arguments, tmp_path)
    assert (played.says, played.code, tuple(played.gates.values())) == (says, code, gates)


def test_the_plan_pins_the_hold_out(example: Example, digests: Mapping[str, str]) -> None:
    assert example.pinned("plan.yaml") == digests
