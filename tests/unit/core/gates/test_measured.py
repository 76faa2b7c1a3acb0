"""Every metric from the plan through the evaluation to a verdict: all agree on names, parameters and direction."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sluice.api.live import Better
from sluice.api.offline_metric import FACTS, OfflineMetric
from sluice.api.verdict import Verdict
from sluice.core.gates.judge import Judgement, judge
from sluice.core.manifests.job import measurement_wanted
from sluice.evaluation.classes import Classes
from sluice.evaluation.measuring import Scored, measure
from sluice.evaluation.scores import AskedAgain, Scores
from tests.support.evaluations import CHAMPION, Json, document, evaluation, gate, pinned
from tests.unit.evaluation.builders import numbers, probabilities, scored

ITEMS = 600
PARAMS: dict[str, Json] = {
    **{name: {"class": "fraud"} for name in ("precision", "recall", "f1", "fpr", "rocAuc", "prAuc")},
    "recallAtFpr": {"class": "fraud", "fpr": "0.6"},
    "confusionCellRate": {"actual": "fraud", "predicted": "fine"},
    "expectedCost": {"costs": [{"actual": "fraud", "predicted": "fine", "cost": "5"}]},
    "ece": {"bins": 10},
    "pinball": {"quantile": "0.7"},
    "flipRate": {"from": "fraud", "to": "fine"},
    "perturbationFlipRate": {"perturbation": "Typos", "column": "text"},
    "ndcg": {"k": 3},
    "recallAtK": {"k": 3},
    "shareOfQueriesDropping": {"by": "ndcg", "k": 3},
    "agreement": {"coefficient": "Cohen"},
}
OF_NUMBERS = {"mae", "rmse", "mape", "pinball", "ndcg", "mrr", "map", "recallAtK", "shareOfQueriesDropping"}
COMPARED = [metric for metric in OfflineMetric if not (FACTS[metric].of_change or FACTS[metric].whole)]


def better_and_worse(metric: str) -> tuple[list[Any], Scores, Scores]:
    """Return labels, the answers of a model that knows, and of one that guesses and is sure of it."""
    draw = np.random.default_rng(7)
    if metric in OF_NUMBERS:
        truth = draw.integers(0, 2, ITEMS).astype(float) + (metric == "mape")
        return truth.tolist(), numbers(*(truth + draw.normal(0, 0.2, ITEMS))), numbers(*draw.normal(0.5, 3, ITEMS))
    chance = draw.choice([0.02, 0.05, 0.95, 0.98], ITEMS)
    labels = np.where(draw.random(ITEMS) < chance, "fraud", "fine").tolist()
    guess = draw.choice([0.001, 0.999], ITEMS)
    knows, guesses = probabilities(fraud=chance, fine=1 - chance), probabilities(fraud=guess, fine=1 - guess)
    return labels, _steady(knows, 0.02), _steady(guesses, 0.3)


def _steady(scores: Scores, flips: float) -> Scores:
    """Return the answers of a model that says something else of such a part of the texts with typos."""
    other = np.random.default_rng(8).random(ITEMS) < flips
    said = ["neither" if flip else name for flip, name in zip(other, scores.predicted.tolist(), strict=True)]
    return replace(scores, again={"Typos text": AskedAgain(Classes.of(said), np.ones(ITEMS, dtype=np.bool_))})


def judged(metric: str, rule: Json, *, swapped: bool = False) -> Judgement:
    """Return the judgement on one rule for the better model against the worse, or the other way round."""
    plan = evaluation(gate(**{"metric": metric, "params": PARAMS.get(metric, {}), "minSamples": 1, **rule}))
    labels, *models = better_and_worse(metric)
    candidate, champion = reversed(models) if swapped else models
    groups = {"queries": [item // 10 for item in range(ITEMS)], "raters": [[str(label) for label in labels]]}
    both: Scored = scored(labels, candidate, champion, **groups)
    measured = measure(measurement_wanted(plan.gates[0]), both).model_dump(mode="json", by_alias=True)
    return judge(plan, document(measured), candidate=pinned(), champion=pinned(CHAMPION))


@pytest.mark.parametrize("metric", COMPARED)
def test_the_better_model_gains_and_the_worse_does_not(metric: OfflineMetric) -> None:
    gain: Json = {"vsChampion": {"minGain": "0"}}

    assert judged(metric, gain).verdict == Verdict.PASS
    assert judged(metric, gain, swapped=True).verdict == Verdict.FAIL


@pytest.mark.parametrize("metric", COMPARED)
def test_the_worse_model_drops_or_rises(metric: OfflineMetric) -> None:
    limit = "maxDrop" if FACTS[metric].better is Better.HIGHER else "maxRise"
    rule: Json = {"vsChampion": {limit: "0.01", "relative": True}}

    assert judged(metric, rule).verdict == Verdict.PASS
    assert judged(metric, rule, swapped=True).verdict == Verdict.FAIL


def test_flips_are_counted_among_what_the_champion_said() -> None:
    (one,) = judged("flipRate", {"max": "0.1"}).gates

    assert one.verdict == Verdict.FAIL
    assert one.n == better_and_worse("flipRate")[2].predicted.are("fraud").sum()


def test_agreement_with_the_champion_is_held_against_a_floor() -> None:
    (one,) = judged("agreementWithChampion", {"min": "0.95"}).gates

    assert (one.verdict, one.n) == (Verdict.FAIL, ITEMS)
    assert one.message.startswith("agreement with the champion is ")
    assert judged("agreementWithChampion", {"min": "0.2"}).gates[0].verdict == Verdict.PASS


@pytest.mark.parametrize(
    ("params", "what"),
    [
        ({"by": "ndcg", "k": 3}, "NDCG@3"),
        ({"by": "mrr"}, "MRR"),
        ({"by": "map"}, "MAP"),
        ({"by": "map", "k": 5}, "MAP@5"),
    ],
)
def test_queries_that_drop_are_a_share_with_the_metric_that_drops(params: Json, what: str) -> None:
    (worse,) = judged("shareOfQueriesDropping", {"max": "0.2", "params": params}, swapped=True).gates
    (better,) = judged("shareOfQueriesDropping", {"max": "0.2", "params": params}).gates

    assert (worse.verdict, better.verdict, worse.n) == (Verdict.FAIL, Verdict.PASS, ITEMS // 10)
    assert worse.message.startswith(f"share of queries with a lower {what} is ")


@pytest.mark.parametrize(
    "metric", ["precision", "recall", "f1", "fpr", "prAuc", "recallAtFpr", "ndcg", "rocAuc", "accuracy"]
)
def test_what_is_too_little_is_named_as_it_is_counted(metric: str) -> None:
    labels = better_and_worse(metric)[0]
    counted = {"fpr": labels.count("fine"), "ndcg": ITEMS // 10, "rocAuc": ITEMS, "accuracy": ITEMS}
    words = {
        "fpr": "items other than fraud",
        "ndcg": "queries",
        "rocAuc": "items",
        "accuracy": "items",
        "precision": "items predicted as fraud",
    }
    (one,) = judged(metric, {"min": "0.1", "minSamples": 1000}).gates
    picked = (
        better_and_worse(metric)[2].predicted.tolist().count("fraud")
        if metric == "precision"
        else labels.count("fraud")
    )
    number, what = counted.get(metric, picked), words.get(metric, "fraud items")

    assert one.message == f"only {number} {what}, minSamples requires 1,000"
