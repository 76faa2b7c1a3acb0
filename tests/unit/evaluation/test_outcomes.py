"""How each metric's bounds are made, what widens them where the data are silent, and what is refused."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from sluice.api.evaluation_result import Measurement
from sluice.api.offline_metric import FACTS, OfflineMetric
from sluice.evaluation.failure import EvaluationFailure
from sluice.evaluation.intervals import clopper_pearson
from sluice.evaluation.measuring import Scored, check_truth, measure
from sluice.evaluation.metrics import METRICS
from tests.unit.evaluation.builders import classes, numbers, probabilities, scored, wanted

YES = {"class": "yes"}
COSTS = {"costs": '[{"actual":"no","predicted":"yes","cost":"20"}]'}
PLAIN = {
    "accuracy": {},
    "balancedAccuracy": {},
    "precision": YES,
    "recall": YES,
    "f1": YES,
    "fpr": YES,
    "confusionCellRate": {"actual": "no", "predicted": "yes"},
    "expectedCost": COSTS,
    "logLoss": {},
    "ece": {"bins": "5"},
    "rocAuc": YES,
    "prAuc": YES,
    "recallAtFpr": YES | {"fpr": "0.1"},
    "flipRate": {"from": "no", "to": "yes"},
    "agreementWithChampion": {},
}


def both(items: int = 120, seed: int = 4, **fields: Any) -> Scored:
    """Return two related models that score two classes."""
    draw = np.random.default_rng(seed)
    truth = draw.random(items) < 0.4
    shared = draw.normal(size=items)
    arms = []
    for noise in (0.7, 1.0):
        chance = 1 / (1 + np.exp(-(2 * truth - 1 + shared + noise * draw.normal(size=items))))
        arms.append(probabilities(no=1 - chance, yes=chance))
    return scored(["yes" if one else "no" for one in truth], *arms, **fields)


def methods(found: Measurement) -> tuple[str, str]:
    assert found.candidate is not None
    assert found.difference is not None
    return found.candidate.method, found.difference.method


METHODS = {
    "accuracy": ("clopper-pearson", "newcombe-paired"),
    "balancedAccuracy": ("mover", "mover"),
    "precision": ("clopper-pearson", "mover"),
    "recall": ("clopper-pearson", "newcombe-paired"),
    "f1": ("paired-bootstrap-bca",) * 2,
    "fpr": ("clopper-pearson", "newcombe-paired"),
    "confusionCellRate": ("clopper-pearson", "newcombe-paired"),
    "expectedCost": ("paired-bootstrap-bca",) * 2,
    "logLoss": ("paired-bootstrap-bca",) * 2,
    "ece": ("paired-bootstrap-bca",) * 2,
    "rocAuc": ("delong", "delong"),
    "prAuc": ("paired-bootstrap-bca",) * 2,
    "recallAtFpr": ("paired-bootstrap-bca",) * 2,
    "flipRate": ("clopper-pearson", "newcombe-paired"),
    "agreementWithChampion": ("clopper-pearson", "newcombe-paired"),
}


@pytest.mark.parametrize("metric", PLAIN)
def test_each_metric_says_how_its_bounds_were_made(metric: str) -> None:
    found = measure(wanted(metric, PLAIN[metric]), both())

    assert methods(found) == METHODS[metric]


@pytest.mark.parametrize("metric", PLAIN)
def test_clusters_are_what_is_drawn(metric: str) -> None:
    """Items said twice are not twice the evidence where a column says that they belong together."""
    single = both()
    answers = [single.candidate, single.champion]
    doubled = [
        probabilities([], **{name: np.tile(scores, 2) for name, scores in (one.probabilities or {}).items()})
        for one in answers
        if one is not None
    ]
    once = measure(wanted(metric, PLAIN[metric]), both(clusters=range(120)))
    twice = measure(
        wanted(metric, PLAIN[metric]),
        scored(single.data.labels.tolist() * 2, *doubled, clusters=[*range(120), *range(120)]),
    )

    assert methods(twice)[1] == ("delong" if metric == "rocAuc" else "cluster-bootstrap-bca")
    for part in ("candidate", "champion", "difference"):
        assert bounds(twice, part) == pytest.approx(bounds(once, part), rel=1e-6, abs=1e-9)


def bounds(found: Measurement, part: str) -> tuple[float, float, float]:
    estimate = getattr(found, part)
    return estimate.lower, estimate.estimate, estimate.upper


@pytest.mark.parametrize("metric", [name for name in PLAIN if name not in {"flipRate", "agreementWithChampion"}])
def test_the_models_change_places(metric: str) -> None:
    one = both()
    assert one.champion is not None
    first = measure(wanted(metric, PLAIN[metric]), one)
    other = measure(
        wanted(metric, PLAIN[metric]), Scored(data=one.data, candidate=one.champion, champion=one.candidate)
    )

    assert bounds(first, "candidate") == pytest.approx(bounds(other, "champion"))
    assert bounds(first, "difference")[1] == pytest.approx(-bounds(other, "difference")[1])


@pytest.mark.parametrize("metric", PLAIN)
def test_a_model_against_itself_differs_by_nothing_and_by_what_was_not_seen(metric: str) -> None:
    """No data prove that two models are the same: a bound of exactly nothing would pass any limit."""
    one = both(items=300)
    found = measure(
        wanted(metric, PLAIN[metric]), Scored(data=one.data, candidate=one.candidate, champion=one.candidate)
    )
    lower, estimate, upper = bounds(found, "difference")

    assert estimate == 0
    assert lower < -0.003 or metric == "ece"
    assert upper > 0.003


PERFECT = probabilities(no=[1.0] * 100 + [0.0] * 100, yes=[0.0] * 100 + [1.0] * 100)
LABELS = ["no"] * 100 + ["yes"] * 100


@pytest.mark.parametrize("metric", PLAIN)
def test_200_perfect_answers_do_not_prove_perfection(metric: str) -> None:
    found = measure(wanted(metric, PLAIN[metric]), scored(LABELS, PERFECT, PERFECT))
    lower, estimate, upper = bounds(found, "candidate")

    assert estimate in {0.0, 1.0}
    assert lower < 0.99 or estimate == 0
    assert upper > (0.2 if metric == "expectedCost" else 0.01) or metric == "logLoss" or estimate == 1


def test_a_cost_that_was_not_seen_may_be_as_frequent_as_an_exact_bound_allows() -> None:
    found = measure(wanted("expectedCost", COSTS), scored(LABELS, PERFECT))

    assert bounds(found, "candidate")[2] == pytest.approx(20 * clopper_pearson(0, 200, 0.95).upper)


def test_precision_of_models_that_choose_different_items() -> None:
    labels = ["yes"] * 50 + ["no"] * 50
    candidate, champion = ["yes"] * 60 + ["no"] * 40, ["yes"] * 30 + ["no"] * 70
    found = measure(wanted("precision", YES), scored(labels, candidate, champion))

    assert (found.denominator, found.pairs) == (30, None)
    assert bounds(found, "candidate")[1] == pytest.approx(50 / 60)
    assert bounds(found, "difference")[1] == pytest.approx(50 / 60 - 1)
    assert bounds(found, "champion")[0] == pytest.approx(0.05 ** (1 / 30))


def test_a_model_that_never_says_the_class_has_no_precision() -> None:
    found = measure(wanted("precision", YES), scored(["yes", "no"], ["no", "no"], ["yes", "no"]))

    assert (found.denominator, found.candidate, found.champion, found.difference) == (0, None, None, None)


@pytest.mark.parametrize(
    ("metric", "params", "data", "want"),
    [
        pytest.param("rocAuc", YES, scored(["yes", "yes"], numbers(1, 2)), "OneClassOnly", id="only the class"),
        pytest.param("rocAuc", {"class": "Yes"}, both(), "OneClassOnly", id="none of the class: a slip of the pen"),
        pytest.param("prAuc", YES, scored(["no", "no"], numbers(1, 2)), "OneClassOnly", id="only others"),
        pytest.param("f1", YES, scored(["no", "no"], ["no", "yes"]), "OneClassOnly", id="F1 without the class"),
        pytest.param("balancedAccuracy", {}, scored(["a", "a"], ["a", "b"]), "OneClassOnly", id="nothing to balance"),
        pytest.param("rocAuc", YES, scored(["yes", "no"], ["yes", "no"]), "ScoresMissing", id="classes, no scores"),
        pytest.param(
            "rocAuc",
            {"class": "c"},
            scored(["c", "a"], probabilities(a=[0.5, 0.5], b=[0.5, 0.5])),
            "ClassUnknown",
            id="scores of other classes",
        ),
        pytest.param(
            "logLoss",
            {},
            scored(["a", "b"], probabilities(a=[0.5, 3.0], b=[0.5, -2.0])),
            "ScoresInvalid",
            id="scores that are no probabilities",
        ),
        pytest.param(
            "ece",
            {"bins": "5"},
            scored(["a", "b"], probabilities(a=[0.5, 0.2], b=[0.5, 0.2])),
            "ScoresInvalid",
            id="probabilities that do not sum to 1",
        ),
        pytest.param("mae", {}, scored(["a", "b"], numbers(1, 2)), "LabelNotNumeric", id="text is no number"),
        pytest.param("mape", {}, scored([1, 0], numbers(1, 2)), "LabelInvalid", id="a part of nothing"),
        pytest.param("rmse", {}, scored([1, 2], classes("a", "b")), "ScoresMissing", id="a class is no number"),
        pytest.param("ndcg", {"k": "3"}, scored([1, 0], numbers(1, 2)), "QueryMissing", id="results without query"),
        pytest.param(
            "mrr", {}, scored([1, -1], numbers(1, 2), queries=[0, 0]), "LabelInvalid", id="relevance below nothing"
        ),
    ],
)
def test_what_cannot_be_measured_is_refused(metric: str, params: Mapping[str, str], data: Scored, want: str) -> None:
    with pytest.raises(EvaluationFailure, match="gate gate ") as refused:
        measure(wanted(metric, params), data)

    assert (refused.value.reason, refused.value.field) == (want, "spec.evaluation.gates[gate]")


OTHER_LABELS = {
    "of one class": scored(["yes"] * 3, numbers(1, 2, 3)),
    "of other classes": scored(["a", "b", "c"], numbers(1, 2, 3)),
    "below nothing": scored([-1, 0, 1], numbers(1, 2, 3), queries=[0, 0, 0]),
    "of no query": scored([0, 0, 1], numbers(1, 2, 3)),
}


@pytest.mark.parametrize("labels", OTHER_LABELS)
@pytest.mark.parametrize("metric", [name for name in METRICS if not FACTS[OfflineMetric(name)].of_cases])
def test_what_labels_cannot_give_is_refused_before_any_model_answers(metric: str, labels: str) -> None:
    """The same words come whether models were asked or not: no metric forgets to say what it needs."""
    asked, data = wanted(metric, PARAMS), OTHER_LABELS[labels]

    assert refusal(lambda: check_truth([asked], {"holdout": data.data})) == refusal(lambda: measure(asked, data))


PARAMS = {
    "class": "yes",
    "actual": "yes",
    "predicted": "no",
    "from": "yes",
    "to": "no",
    "k": "2",
    "bins": "5",
    "fpr": "0.1",
    "costs": COSTS["costs"],
    "similarity": "0.8",
    "perturbation": "Case",
    "column": "text",
    "by": "mrr",
    "quantile": "0.9",
    "coefficient": "Cohen",
}
OF_LABELS = {"OneClassOnly", "LabelNotNumeric", "LabelInvalid", "QueryMissing", "RatersMissing"}


def refusal(ask: Callable[[], object]) -> str:
    """Return why it is refused, where it is the labels."""
    try:
        ask()
    except EvaluationFailure as failure:
        return f"{failure.reason}: {failure.message}" if failure.reason in OF_LABELS else ""
    return ""


@pytest.mark.parametrize(
    ("metric", "params"), [("ndcg", {"k": "2"}), ("mrr", {}), ("map", {}), ("recallAtK", {"k": "1"})]
)
def test_queries_of_one_user_are_drawn_together(metric: str, params: dict[str, str]) -> None:
    draw = np.random.default_rng(8)
    labels = draw.integers(0, 2, 120).tolist()
    one, other = (numbers(*draw.normal(size=120)) for _ in range(2))
    queries = np.arange(120) // 4
    once = measure(wanted(metric, params), scored(labels, one, other, queries=queries))
    twice = measure(
        wanted(metric, params),
        scored(
            labels * 2,
            *(numbers(*np.tile(said.numbers, 2)) for said in (one, other) if said.numbers is not None),
            queries=[*queries, *(queries + 30)],
            clusters=[*queries, *queries],
        ),
    )

    assert methods(twice) == ("cluster-bootstrap-bca",) * 2
    assert twice.denominator == 2 * once.denominator
    for part in ("candidate", "champion", "difference"):
        assert bounds(twice, part) == pytest.approx(bounds(once, part))


@pytest.mark.parametrize(
    ("clusters", "want"),
    [
        pytest.param({}, 2 / 2**6, id="six items that all got worse: two of 64 ways to flip"),
        pytest.param({"clusters": [0, 0, 1, 1, 2, 2]}, 2 / 2**3, id="three users with two each: two of 8"),
    ],
)
def test_a_difference_of_means_is_tested_by_flipping_signs(clusters: dict[str, Any], want: float) -> None:
    data = scored([0.0] * 6, numbers(3, 2, 4, 3, 5, 6), numbers(1, 1, 1, 1, 1, 1), **clusters)

    assert measure(wanted("mae"), data).p_value == pytest.approx(want)


def test_a_statistic_that_is_no_mean_has_no_test() -> None:
    assert measure(wanted("f1", YES), both()).p_value is None
