"""Rows of the table of objects that are about offline metrics and gates: a sentence and a manifest."""

from tests.support.objects import ABSENT, Manifest, built, cost, dataset, evaluation, metric_gate, plan

Row = tuple[str, Manifest]

FRAUD = {"class": "fraud"}
METRICS: dict[str, Manifest] = {
    "accuracy": {},
    "balancedAccuracy": {},
    **dict.fromkeys(("precision", "recall", "f1", "fpr", "rocAuc", "prAuc"), FRAUD),
    "recallAtFpr": {**FRAUD, "fpr": "0.001"},
    "confusionCellRate": {"actual": "a", "predicted": "b"},
    "expectedCost": {"costs": [cost(), cost("positive", "negative", cost="0.5")]},
    "logLoss": {},
    "ece": {"bins": 10},
    "mae": {},
    "rmse": {},
    "flipRate": {"from": "approve", "to": "decline"},
    "ndcg": {"k": 10},
    "mrr": {},
    "recallAtK": {"k": 1},
}
"""Every offline metric with the parameters that it needs."""
PARAMS = {name: value for params in METRICS.values() for name, value in params.items()}


def _on(metric: str, params: Manifest | None = None, **fields: object) -> Manifest:
    """Return a plan with one gate on a metric, with its parameters or others."""
    data = dataset(columns={"query": "query", "cluster": "user id"})
    wanted = METRICS[metric] if params is None else params
    return plan(evaluation=evaluation(datasets=[data], gates=[metric_gate(metric, wanted, **fields)]))


def _without_queries(metric: str) -> Manifest:
    return plan(evaluation=evaluation(gates=[metric_gate(metric, METRICS[metric])]))


VALID: tuple[Row, ...] = tuple((f"a gate on {name}", _on(name)) for name in METRICS)

INVALID: tuple[Row, ...] = (
    *(
        (f"a gate on {name} without {lost}", _on(name, built(params, {lost: ABSENT})))
        for name, params in METRICS.items()
        for lost in params
    ),
    *((f"a gate on accuracy with {name}", _on("accuracy", {name: value})) for name, value in PARAMS.items()),
    *((f"{name} on a data set without queries", _without_queries(name)) for name in ("ndcg", "mrr", "recallAtK")),
    ("a flip rate against the champion", _on("flipRate", vsChampion={"maxRise": "0.1"})),
    ("a cell that costs twice", _on("expectedCost", {"costs": [cost(), cost(cost="6")]})),
    ("no costs", _on("expectedCost", {"costs": []})),
    ("a negative cost", _on("expectedCost", {"costs": [cost(cost="-5")]})),
    ("one bin", _on("ece", {"bins": 1})),
    ("bins as a string", _on("ece", {"bins": "10"})),
    ("the first 0 results", _on("ndcg", {"k": 0})),
    ("a false-positive rate that is a float", _on("recallAtFpr", {**FRAUD, "fpr": 0.001})),
    ("a false-positive rate of one", _on("recallAtFpr", {**FRAUD, "fpr": "1"})),
)

GATES_WITH_ALL_TEXTS = tuple(
    metric_gate(name, METRICS[name], name=name.lower()) for name in ("recallAtFpr", "expectedCost", "flipRate")
)
"""Gates that together have every text of parameters."""
