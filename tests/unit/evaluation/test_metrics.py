"""Each metric's value against an independent implementation: scikit-learn, or a loop that follows the definition."""

import json
from importlib import import_module
from itertools import pairwise, permutations
from math import log2

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    balanced_accuracy_score,
    confusion_matrix,
    f1_score,
    log_loss,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_pinball_loss,
    ndcg_score,
    precision_score,
    recall_score,
    roc_auc_score,
    roc_curve,
    root_mean_squared_error,
)

from sluice.api.offline_metric import OfflineMetric
from sluice.evaluation.intervals import clopper_pearson
from sluice.evaluation.intervals.interval import Floats
from sluice.evaluation.measuring import measure
from sluice.evaluation.metrics import METRICS
from sluice.evaluation.scores import Scores
from tests.unit.evaluation.builders import numbers, probabilities, scored, value, wanted

NAMES = ("a", "b", "c")
PAIRS = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), min_size=3, max_size=40)
A = {"class": "a"}
COSTS = [
    {"actual": "a", "predicted": "b", "cost": "5"},
    {"actual": "c", "predicted": "a", "cost": "0.5"},
    {"actual": "b", "predicted": "b", "cost": "0.1"},
]


def test_all_metrics_of_the_api_are_found_by_their_file() -> None:
    assert sorted(METRICS) == sorted(OfflineMetric)


@pytest.mark.parametrize("metric", OfflineMetric)
def test_every_metric_says_what_it_is_and_who_says_so(metric: OfflineMetric) -> None:
    about = import_module(METRICS[metric].__module__).__doc__ or ""

    assert "Source: " in about or "Sources: " in about


def of(metric: str, labels: list[str], said: list[str], **params: str) -> float:
    return value(measure(wanted(metric, params), scored(labels, said)).candidate)


@settings(max_examples=40, deadline=None)
@given(PAIRS)
def test_metrics_of_predicted_classes_are_scikit_learns(pairs: list[tuple[str, str]]) -> None:
    pairs += [("a", "a"), ("b", "a"), ("c", "b")]
    labels, said = [label for label, _ in pairs], [guess for _, guess in pairs]
    only_a = {"labels": ["a"], "average": "micro"}
    matrix = confusion_matrix(labels, said, labels=NAMES)
    cost = sum(float(one["cost"]) * (one["actual"], one["predicted"]).__eq__(pair) for one in COSTS for pair in pairs)

    assert of("balancedAccuracy", labels, said) == pytest.approx(balanced_accuracy_score(labels, said))
    assert of("precision", labels, said, **A) == pytest.approx(precision_score(labels, said, **only_a))
    assert of("recall", labels, said, **A) == pytest.approx(recall_score(labels, said, **only_a))
    assert of("f1", labels, said, **A) == pytest.approx(f1_score(labels, said, **only_a))
    assert of("fpr", labels, said, **A) == pytest.approx(matrix[1:, 0].sum() / matrix[1:].sum())
    assert of("expectedCost", labels, said, costs=json.dumps(COSTS)) == pytest.approx(cost / len(pairs))


def binary(seed: int, digits: int) -> tuple[list[str], Floats]:
    draw = np.random.default_rng(seed)
    labels = ["yes", "no", *draw.choice(["yes", "no"], 60, p=[0.3, 0.7])]
    logits = draw.normal(size=62) + np.array([name == "yes" for name in labels])
    return labels, np.round(1 / (1 + np.exp(-logits)), digits)


@pytest.mark.parametrize("digits", [6, 1], ids=["distinct scores", "many ties"])
@pytest.mark.parametrize("seed", range(4))
def test_metrics_of_scores_are_scikit_learns(seed: int, digits: int) -> None:
    labels, scores = binary(seed, digits)
    data = scored(labels, probabilities(yes=scores, no=1 - scores))
    truth = np.array(labels) == "yes"
    rates, recalls, _ = roc_curve(truth, scores, drop_intermediate=False)
    clipped = np.clip(scores, np.finfo(np.float64).eps, 1 - np.finfo(np.float64).eps)

    def found(metric: str, **params: str) -> float:
        return value(measure(wanted(metric, params), data).candidate)

    assert found("rocAuc", **{"class": "yes"}) == pytest.approx(roc_auc_score(truth, scores))
    assert found("prAuc", **{"class": "yes"}) == pytest.approx(average_precision_score(truth, scores))
    assert found("logLoss") == pytest.approx(log_loss(truth, clipped))
    for allowed in ("0.0", "0.05", "0.2"):
        want = recalls[rates <= float(allowed)].max()
        assert found("recallAtFpr", **{"class": "yes"}, fpr=allowed) == pytest.approx(want)


def calibration_error(labels: list[str], scores: list[float], bins: int) -> float:
    """Follow the definition bin by bin."""
    gap = 0.0
    for place in range(bins):
        inside = []
        for label, score in zip(labels, scores, strict=True):
            confidence, guess = max((1 - score, "no"), (score, "yes"))
            if min(int(confidence * bins), bins - 1) == place:
                inside.append((confidence, guess == label))
        if inside:
            gap += abs(sum(right for _, right in inside) - sum(confidence for confidence, _ in inside))
    return gap / len(labels)


@pytest.mark.parametrize("bins", [2, 10, 15])
def test_calibration_error_is_the_loop(bins: int) -> None:
    labels, scores = binary(9, 6)
    data = scored(labels, probabilities(no=1 - scores, yes=scores))

    assert value(measure(wanted("ece", {"bins": str(bins)}), data).candidate) == pytest.approx(
        calibration_error(labels, scores.tolist(), bins)
    )


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.floats(-50, 50), st.floats(-50, 50)), min_size=2, max_size=30))
def test_metrics_of_numbers_are_scikit_learns(pairs: list[tuple[float, float]]) -> None:
    truth, said = [one for one, _ in pairs], [other for _, other in pairs]
    data = scored(truth, numbers(*said))

    assert value(measure(wanted("mae"), data).candidate) == pytest.approx(mean_absolute_error(truth, said))
    assert value(measure(wanted("rmse"), data).candidate) == pytest.approx(root_mean_squared_error(truth, said))
    for quantile in ("0.05", "0.5", "0.9"):
        want = mean_pinball_loss(truth, said, alpha=float(quantile))
        assert value(measure(wanted("pinball", {"quantile": quantile}), data).candidate) == pytest.approx(want)
    sizes = [one + 0.5 if one >= 0 else one - 0.5 for one in truth]
    want = mean_absolute_percentage_error(sizes, said)
    assert value(measure(wanted("mape"), scored(sizes, numbers(*said))).candidate) == pytest.approx(want)


RESULTS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=2, max_size=5)


@settings(max_examples=30, deadline=None)
@given(st.lists(RESULTS, min_size=1, max_size=4), st.integers(1, 6))
def test_metrics_of_rankings_are_means_over_all_orders_of_ties(queries: list[list[tuple[int, int]]], k: int) -> None:
    queries.append([(1, 1), (0, 2)])
    rows = [(number, gain, score) for number, query in enumerate(queries) for gain, score in query]
    data = scored(
        [gain for _, gain, _ in rows],
        numbers(*(float(score) for *_, score in rows)),
        queries=[number for number, *_ in rows],
    )
    known = [query for query in queries if any(gain for gain, _ in query)]

    def found(metric: str, **params: str) -> float:
        return value(measure(wanted(metric, params), data).candidate)

    want = [ndcg_score([[gain for gain, _ in one]], [[score for _, score in one]], k=k) for one in known]
    assert found("ndcg", k=str(k)) == pytest.approx(np.mean(want))
    assert found("mrr") == pytest.approx(
        np.mean([np.mean([1 / first(order) for order in orders(one)]) for one in known])
    )
    assert found("recallAtK", k=str(k)) == pytest.approx(
        np.mean([np.mean([recalled(order, k) for order in orders(one)]) for one in known])
    )
    for cut in (k, len(rows)):
        params = {"k": str(k)} if cut == k else {}
        assert found("map", **params) == pytest.approx(
            np.mean([np.mean([average_precision(order, cut) for order in orders(one)]) for one in known])
        )


def orders(query: list[tuple[int, int]]) -> list[list[int]]:
    """Return the gains in every order that the scores allow."""
    return [
        [gain for gain, _ in order]
        for order in permutations(query)
        if all(one[1] >= other[1] for one, other in pairwise(order))
    ]


def first(gains: list[int]) -> int:
    return next(rank for rank, gain in enumerate(gains, 1) if gain)


def recalled(gains: list[int], k: int) -> float:
    return sum(gain > 0 for gain in gains[:k]) / sum(gain > 0 for gain in gains)


def average_precision(gains: list[int], k: int) -> float:
    """Follow the definition rank by rank."""
    places = [rank for rank, gain in enumerate(gains, 1) if gain]
    return sum(seen / rank for seen, rank in enumerate(places, 1) if rank <= k) / len(places)


@pytest.mark.parametrize("seed", range(3))
def test_average_precision_without_ties_is_scikit_learns(seed: int) -> None:
    draw = np.random.default_rng(seed)
    queries, scores = np.repeat(np.arange(20), 15), draw.normal(size=300)
    labels = np.where(np.arange(300) % 15 == 0, 1, draw.integers(0, 2, 300))
    want = [average_precision_score(labels[queries == one], scores[queries == one]) for one in range(20)]
    data = scored(labels.tolist(), numbers(*scores), queries=queries)

    assert value(measure(wanted("map"), data).candidate) == pytest.approx(np.mean(want))


def test_the_gain_of_a_ranking_by_hand() -> None:
    data = scored([3, 0, 2], numbers(0.2, 0.9, 0.5), queries=[0, 0, 0])
    want = (2 / log2(3)) / (3 + 2 / log2(3))

    assert value(measure(wanted("ndcg", {"k": "2"}), data).candidate) == pytest.approx(want)


YES_NO = ["yes", "yes", "no", "no"]
HALF = [0.9, 0.8, 0.2, 0.1]
SCORES = probabilities(failed=[1, 2], yes=HALF, no=[0.1, 0.2, 0.8, 0.9])


@pytest.mark.parametrize(
    ("metric", "params", "want"),
    [
        pytest.param("accuracy", {}, 2 / 4, id="accuracy: it is not right"),
        pytest.param("balancedAccuracy", {}, 1 / 2, id="balanced accuracy: it is not right"),
        pytest.param("precision", {"class": "yes"}, 1 / 3, id="precision: it counts as predicted, wrongly"),
        pytest.param("recall", {"class": "yes"}, 1 / 2, id="recall: it is missed"),
        pytest.param("f1", {"class": "yes"}, 1 / 2, id="f1: missed, or a false alarm"),
        pytest.param("fpr", {"class": "yes"}, 1 / 2, id="false-positive rate: a false alarm"),
        pytest.param("confusionCellRate", {"actual": "no", "predicted": "yes"}, 1 / 2, id="a mistake's cell: inside"),
        pytest.param("rocAuc", {"class": "yes"}, 1 / 4, id="AUC: ranked where it hurts"),
        pytest.param("recallAtFpr", {"class": "yes", "fpr": "0.1"}, 0.0, id="recall at FPR: ranked where it hurts"),
        pytest.param("prAuc", {"class": "yes"}, (1 / 2 + 2 / 4) / 2, id="average precision: ranked where it hurts"),
        pytest.param(
            "logLoss", {}, -(2 * np.log(0.9) + 2 * np.log(np.finfo(np.float64).eps)) / 4, id="log loss: probability 0"
        ),
        pytest.param("ece", {"bins": "2"}, (0.2 + 2) / 4 - 0.4 / 4, id="calibration: wrong and sure"),
        pytest.param(
            "expectedCost",
            {"costs": '[{"actual":"no","predicted":"yes","cost":"7"}]'},
            7 / 4,
            id="cost: the dearest mistake of its class",
        ),
    ],
)
def test_an_item_that_failed_counts_against_the_model(metric: str, params: dict[str, str], want: float) -> None:
    found = measure(wanted(metric, params), scored(YES_NO, SCORES))

    assert value(found.candidate) == pytest.approx(want)
    assert found.candidate_failures == 2


@pytest.mark.parametrize(
    ("metric", "params", "said", "want"),
    [
        pytest.param("mae", {}, numbers(1, None, 3, 4), 3 / 4, id="an error as large as the truth's range"),
        pytest.param("mae", {}, numbers(1, None, 3, 14), (10 + 10) / 4, id="an error as large as the worst one"),
        pytest.param("rmse", {}, numbers(1, None, 3, 4), 1.5, id="the same, squared"),
        pytest.param("mape", {}, numbers(1, None, 3, 4), 1 / 4, id="an error of all of it"),
        pytest.param("mape", {}, numbers(5, None, 3, 4), (4 + 4) / 4, id="an error as large as the worst, of its own"),
        pytest.param("pinball", {"quantile": "0.9"}, numbers(1, None, 3, 4), 0.9 * 3 / 4, id="the range, too low"),
        pytest.param("pinball", {"quantile": "0.1"}, numbers(1, None, 3, 4), 0.9 * 3 / 4, id="the range, too high"),
        pytest.param("ndcg", {"k": "3"}, numbers(4, None, 3, 4), 1 / 2, id="a ranking with a failed result counts 0"),
        pytest.param("mrr", {}, numbers(4, None, 3, 4), 1 / 2, id="likewise, reciprocal rank"),
        pytest.param("map", {}, numbers(4, None, 3, 4), 1 / 2, id="likewise, average precision"),
        pytest.param("recallAtK", {"k": "3"}, numbers(4, None, 3, 4), 1 / 2, id="likewise, recall"),
    ],
)
def test_a_number_that_is_missing_counts_against_the_model(
    metric: str, params: dict[str, str], said: Scores, want: float
) -> None:
    data = scored([1, 2, 3, 4], said, queries=[0, 0, 1, 1])

    assert value(measure(wanted(metric, params), data).candidate) == pytest.approx(want)


def test_flips_are_counted_among_what_the_champion_says() -> None:
    labels = ["yes"] * 6
    champion = ["approve", "approve", "approve", "approve", "decline", None]
    candidate = ["decline", None, "approve", "review", "decline", "decline"]
    found = measure(wanted("flipRate", {"from": "approve", "to": "decline"}), scored(labels, candidate, champion))

    assert (found.denominator, value(found.candidate), value(found.champion)) == (4, 2 / 4, 0.0)


@settings(max_examples=20, deadline=None)
@given(PAIRS)
def test_agreement_with_the_champion_is_scikit_learns_accuracy_with_its_words_as_truth(
    pairs: list[tuple[str, str]],
) -> None:
    candidate, champion = [one for one, _ in pairs], [other for _, other in pairs]
    found = measure(wanted("agreementWithChampion"), scored(["a"] * len(pairs), candidate, champion))

    assert value(found.candidate) == pytest.approx(accuracy_score(champion, candidate))


def test_agreement_with_the_champion_is_about_items_that_it_answers() -> None:
    champion, candidate = ["yes", "yes", "no", None, None, None], ["yes", None, "yes", None, "yes", "no"]
    found = measure(wanted("agreementWithChampion"), scored(["yes"] * 6, candidate, champion))

    assert (found.denominator, value(found.candidate), value(found.champion)) == (3, 1 / 3, 1.0)


def test_without_champion_there_is_nothing_to_agree_with() -> None:
    found = measure(wanted("agreementWithChampion"), scored(["a", "b"], ["b", "b"]))

    assert (found.denominator, found.candidate) == (0, None)


BY = [("ndcg", {"k": "2"}), ("mrr", {}), ("map", {}), ("map", {"k": "2"}), ("recallAtK", {"k": "2"})]


@pytest.mark.parametrize(("by", "params"), BY)
def test_queries_that_drop_are_those_with_a_lower_value_of_their_own(by: str, params: dict[str, str]) -> None:
    """Each query is measured alone, as a data set of its own."""
    draw = np.random.default_rng(3)
    labels, scores = draw.integers(0, 3, (30, 4)), draw.integers(0, 3, (2, 30, 4)).astype(float)
    labels[:3] = 0
    wanted_by, known = wanted(by, params), labels[3:]

    def alone(model: int) -> list[float]:
        rows = zip(known, scores[model, 3:], strict=True)
        data = [scored(one.tolist(), numbers(*said), queries=[0] * 4) for one, said in rows]
        return [value(measure(wanted_by, one).candidate) for one in data]

    both = scored(labels.ravel().tolist(), *(numbers(*one.ravel()) for one in scores), queries=np.arange(120) // 4)
    found = measure(wanted("shareOfQueriesDropping", {"by": by, **params}), both)
    drops = sum(now < was - 1e-9 for now, was in zip(alone(0), alone(1), strict=True))

    assert found.denominator == 27
    assert value(found.candidate) == pytest.approx(drops / 27)
    assert found.candidate is not None
    assert found.candidate.upper == pytest.approx(clopper_pearson(drops, 27, 0.95).upper)


def test_a_query_on_which_the_candidate_failed_drops_unless_it_had_nothing_to_lose() -> None:
    labels, queries = [1, 0, 1, 0], [0, 0, 1, 1]
    data = scored(labels, numbers(None, 1, None, 1), numbers(2, 1, None, 2), queries=queries)
    found = measure(wanted("shareOfQueriesDropping", {"by": "mrr"}), data)

    assert (value(found.candidate), value(found.champion)) == (1 / 2, 0.0)


def test_without_champion_no_query_can_drop() -> None:
    found = measure(wanted("shareOfQueriesDropping", {"by": "mrr"}), scored([1, 0], numbers(1, 2), queries=[0, 0]))

    assert (found.denominator, found.candidate) == (0, None)


def test_without_champion_nothing_can_flip() -> None:
    found = measure(wanted("flipRate", {"from": "a", "to": "b"}), scored(["a", "b"], ["b", "b"]))

    assert (found.denominator, found.candidate) == (0, None)


def test_a_ranking_without_anything_relevant_says_nothing() -> None:
    found = measure(wanted("mrr"), scored([0, 0, 0], numbers(1, 2, 3), queries=[0, 0, 1]))

    assert (found.n, found.denominator, found.candidate) == (3, 0, None)
