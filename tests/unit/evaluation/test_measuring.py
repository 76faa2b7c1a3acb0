"""From labels and predictions to measurements: counted by hand, and against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix

from sluice.api.evaluation_result import Measurement, Pairs
from sluice.evaluation.classes import class_name
from sluice.evaluation.failure import EvaluationFailure
from sluice.evaluation.measuring import measure
from tests.unit.evaluation.builders import scored, value, wanted

CELL = {"actual": "negative", "predicted": "positive"}
CLASSES = ("negative", "neutral", "positive")


def test_an_unknown_metric_names_its_gate() -> None:
    with pytest.raises(EvaluationFailure) as refused:
        measure(wanted("magic"), scored(["a"], ["a"]))

    assert (refused.value.reason, refused.value.field) == ("MetricUnknown", "spec.evaluation.gates[gate].metric")


@pytest.mark.parametrize("seed", range(5))
def test_shares_are_scikit_learns(seed: int) -> None:
    draw = np.random.default_rng(seed)
    labels, guesses = draw.choice(CLASSES, 200).tolist(), draw.choice(CLASSES, 200).tolist()
    matrix = confusion_matrix(labels, guesses, labels=CLASSES, normalize="true")
    accuracy = measure(wanted(), scored(labels, guesses))
    cell = measure(wanted("confusionCellRate", CELL), scored(labels, guesses))

    assert value(accuracy.candidate) == pytest.approx(accuracy_score(labels, guesses))
    assert value(cell.candidate) == pytest.approx(matrix[0, 2])
    assert (cell.n, cell.denominator) == (200, labels.count("negative"))


LABELS = ["negative", "negative", "negative", "positive", "neutral"]


def test_pairs_are_counted_on_the_same_items() -> None:
    labels = ["negative"] * 6 + ["positive"]
    candidate = ["positive", "positive", "positive", "positive", "negative", "negative", "positive"]
    champion = ["positive", "neutral", "negative", "negative", "positive", "negative", "negative"]
    found = measure(wanted("confusionCellRate", CELL), scored(labels, candidate, champion))

    assert found.pairs == Pairs(both=1, candidate_only=3, champion_only=1, neither=1)
    assert found.p_value == 0.625
    assert value(found.difference) == pytest.approx((4 - 2) / 6)


@pytest.mark.parametrize(
    ("metric", "params", "want"),
    [
        pytest.param("accuracy", {}, 1 / 5, id="accuracy: a failed item is not right"),
        pytest.param("confusionCellRate", CELL, 2 / 3, id="a mistake's cell: a failed item is in it"),
        pytest.param(
            "confusionCellRate",
            {"actual": "negative", "predicted": "negative"},
            1 / 3,
            id="the right cell: a failed item is not in it",
        ),
    ],
)
def test_failed_items_count_against_the_model(metric: str, params: dict[str, str], want: float) -> None:
    found = measure(wanted(metric, params), scored(LABELS, ["negative", None, None, None, "positive"]))

    assert found.candidate_failures == 3
    assert value(found.candidate) == pytest.approx(want)


def test_no_item_of_the_class_is_no_value() -> None:
    found = measure(
        wanted("confusionCellRate", {"actual": "gone", "predicted": "positive"}), scored(LABELS, LABELS, LABELS)
    )

    assert found == Measurement(
        name="gate",
        metric="confusionCellRate",
        params={"actual": "gone", "predicted": "positive"},
        dataset="holdout",
        level=0.95,
        n=5,
        denominator=0,
    )


@pytest.mark.parametrize(
    ("raw", "want"),
    [
        pytest.param("positive", "positive", id="text"),
        pytest.param(np.str_("positive"), "positive", id="numpy's text"),
        pytest.param(1, "1", id="a number"),
        pytest.param(np.int64(1), "1", id="numpy's number"),
        pytest.param(1.0, "1", id="a whole number as a float"),
        pytest.param(np.float32(0.5), "0.5", id="a fraction"),
        pytest.param(np.True_, "True", id="a truth value"),
    ],
)
def test_a_class_has_one_name_in_whatever_type_it_comes(raw: object, want: str) -> None:
    assert class_name(raw) == want
