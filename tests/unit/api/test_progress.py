"""Lines of a log that say how far an evaluation is, among all that a model may print."""

import pytest

from sluice.api.progress import Step, read_step


@pytest.mark.parametrize(
    ("step", "want"),
    [
        pytest.param(Step("candidate.load"), "progress: candidate.load", id="a part that nobody counts"),
        pytest.param(
            Step("candidate on holdout", 512, 3000), "progress: candidate on holdout: 512 of 3000", id="items of all"
        ),
    ],
)
def test_a_step_is_a_line_and_a_line_a_step(step: Step, want: str) -> None:
    assert (str(step), read_step(want)) == (want, step)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("", id="nothing"),
        pytest.param("a model's own output", id="what a model prints"),
        pytest.param("epoch 1progress: data", id="a step behind what a model printed without an end of line"),
        pytest.param("progress: data: 1 of", id="half a step"),
        pytest.param("progress: data: many of 3", id="a number that is none"),
        pytest.param(f"progress: data: {'9' * 400} of {'9' * 400}", id="a number of any length"),
        pytest.param(f"progress: {'x' * 201}", id="a name of any length"),
    ],
)
def test_other_lines_are_no_steps(line: str) -> None:
    assert read_step(line) is None


def test_nothing_is_more_than_done() -> None:
    assert read_step("progress: data: 7 of 3") == Step("data", 3, 3)
