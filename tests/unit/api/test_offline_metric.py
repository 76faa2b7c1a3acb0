"""The table of offline metrics is whole, and parameters travel to the evaluation as text."""

import json

import pytest

from sluice.api.offline_metric import FACTS, PARAMS, GateParams, OfflineMetric, params_problem
from sluice.api.vs_champion import VsChampion, limits_problem
from sluice.evaluation.metrics import METRICS as METRICS_MEASURED
from tests.support.offline_cases import METRICS


def test_every_metric_has_its_facts_and_is_in_the_table_of_objects() -> None:
    assert set(FACTS) == set(OfflineMetric)
    assert [metric.value for metric in OfflineMetric] == sorted(METRICS, key=[*OfflineMetric].index)


def test_plans_know_the_metrics_that_the_evaluation_measures() -> None:
    assert {metric.value for metric in OfflineMetric} == set(METRICS_MEASURED)


def test_every_parameter_belongs_to_a_metric() -> None:
    assert {name for facts in FACTS.values() for name in facts.params | facts.options} == set(PARAMS)


@pytest.mark.parametrize("metric", OfflineMetric)
def test_the_facts_say_which_parameters_a_metric_needs(metric: OfflineMetric) -> None:
    params = GateParams.model_validate(METRICS[metric])

    assert set(params.flat()) - FACTS[metric].options == FACTS[metric].params
    assert params_problem(metric, params) == ""


def test_a_problem_with_parameters_names_the_field_and_its_metrics() -> None:
    bins = "params.bins must be set for ece, and for no other metric"
    assert params_problem(OfflineMetric.EXPECTED_CALIBRATION_ERROR, GateParams()) == bins
    assert params_problem(OfflineMetric.MEAN_RECIPROCAL_RANK, GateParams(bins=3)) == bins


def test_a_parameter_that_some_metrics_may_have_is_refused_for_the_rest() -> None:
    k = "params.k must be set for ndcg, recallAtK, may be set for map, shareOfQueriesDropping, and for no other metric"
    assert params_problem(OfflineMetric.NDCG, GateParams()) == k
    assert params_problem(OfflineMetric.MEAN_RECIPROCAL_RANK, GateParams(k=3)) == k
    assert params_problem(OfflineMetric.MEAN_AVERAGE_PRECISION, GateParams(k=3)) == ""


def test_parameters_travel_as_text() -> None:
    flat = GateParams.model_validate({"class": "spam", "fpr": "0.001", "k": 10, **METRICS["expectedCost"]}).flat()

    assert {name: text for name, text in flat.items() if name != "costs"} == {
        "class": "spam",
        "fpr": "0.001",
        "k": "10",
    }
    assert json.loads(flat["costs"]) == METRICS["expectedCost"]["costs"]


@pytest.mark.parametrize(
    ("metric", "absolute", "versus", "want"),
    [
        pytest.param(
            OfflineMetric.MEAN_ABSOLUTE_ERROR,
            [],
            {"maxDrop": "1"},
            (
                "vsChampion.maxDrop is for metrics where higher is better: use maxRise for this one, of which less is"
                " better"
            ),
            id="a drop of what should drop",
        ),
        pytest.param(
            OfflineMetric.NDCG,
            [],
            {"maxRise": "0.1"},
            (
                "vsChampion.maxRise is for metrics where lower is better: use maxDrop for this one, of which more is"
                " better"
            ),
            id="a rise of what should rise",
        ),
        pytest.param(
            OfflineMetric.ACCURACY,
            [],
            {"maxDrop": "2"},
            "limits on shares and scores are at most 1: write 0.02 for 2 points, 0.9 for 90 %",
            id="points instead of a share",
        ),
        pytest.param(
            OfflineMetric.FLIP_RATE,
            [],
            {"maxRise": "0.1"},
            (
                "flipRate, agreementWithChampion, shareOfQueriesDropping, newFailures: such a metric compares with the "
                "champion by itself, use max or min instead of vsChampion"
            ),
            id="a comparison of a comparison",
        ),
        pytest.param(OfflineMetric.MEAN_ABSOLUTE_ERROR, ["90"], {"maxRise": "2"}, "", id="a unit of the data's own"),
    ],
)
def test_a_problem_with_limits_names_the_field_and_the_cure(
    metric: OfflineMetric, absolute: list[str], versus: dict[str, str], want: str
) -> None:
    params = GateParams.model_validate(METRICS[metric])

    assert limits_problem(metric, params, absolute, VsChampion.model_validate(versus)) == want
