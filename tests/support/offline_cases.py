"""Rows of the table of objects that are about offline metrics and gates: a sentence and a manifest."""

from tests.support.objects import (
    ABSENT,
    DIGEST,
    Manifest,
    built,
    cell_gate,
    challenge_set,
    cost,
    dataset,
    evaluation,
    gate,
    metric_gate,
    plan,
    training,
)

Row = tuple[str, Manifest]

FRAUD = {"class": "fraud"}
OTHER_DIGEST = "sha256:" + "f" * 64
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
    "mape": {},
    "pinball": {"quantile": "0.9"},
    "flipRate": {"from": "approve", "to": "decline"},
    "agreementWithChampion": {},
    "perturbationFlipRate": {"perturbation": "Typos", "column": "text"},
    "ndcg": {"k": 10},
    "mrr": {},
    "map": {},
    "recallAtK": {"k": 1},
    "shareOfQueriesDropping": {"by": "ndcg", "k": 10},
    "agreement": {"coefficient": "Krippendorff"},
    "contaminatedShare": {"similarity": "0.8"},
    "passRate": {},
    "newFailures": {},
}
"""Every offline metric with the parameters that it needs."""
RANKINGS = ("ndcg", "mrr", "map", "recallAtK", "shareOfQueriesDropping")
PARAMS = {name: value for params in METRICS.values() for name, value in params.items()}


OF_CASES = frozenset({"passRate", "newFailures"})
"""Those that are measured on challenge sets."""
CASES: Manifest = {"dataset": "negation"}
"""Fields of a gate on a challenge set."""


def _on(metric: str, params: Manifest | None = None, **fields: object) -> Manifest:
    """Return a plan with one gate on a metric, with its parameters or others."""
    columns = {"query": "query", "cluster": "user id", "raters": ["rater 1", "rater 2"]}
    data = dataset(columns=columns, training=training())
    wanted = METRICS[metric] if params is None else params
    where = CASES if metric in OF_CASES else {}
    one = metric_gate(metric, wanted, **{**where, **fields})
    return plan(evaluation=evaluation(datasets=[data], challengeSets=[challenge_set()], gates=[one]))


def _asked(*sets: Manifest) -> Manifest:
    """Return a plan with challenge sets that no gate is about."""
    return plan(evaluation=evaluation(challengeSets=list(sets)))


def _per_case(**fields: object) -> Manifest:
    return _asked(challenge_set(perCase=fields))


def _listed(**fields: object) -> Manifest:
    """Return a plan with a digest list of training data."""
    return plan(evaluation=evaluation(datasets=[dataset(training=training(**fields))]))


def _without_queries(metric: str) -> Manifest:
    return plan(evaluation=evaluation(gates=[metric_gate(metric, METRICS[metric])]))


def _versus(metric: str, params: Manifest | None = None, **limits: object) -> Manifest:
    return _on(metric, params, vsChampion=limits)


def _agreed(coefficient: str, **columns: object) -> Manifest:
    """Return a plan with one gate on agreement with those who rated the items."""
    one = metric_gate("agreement", {"coefficient": coefficient}, max=ABSENT, vsChampion={"maxDrop": "0.05"})
    return plan(evaluation=evaluation(datasets=[dataset(columns=columns)], gates=[one]))


def _gates(*gates: Manifest) -> Manifest:
    return plan(evaluation=evaluation(gates=list(gates)))


def _sliced(*by: Manifest, **fields: object) -> Manifest:
    return _gates(gate(slices={"by": list(by), **fields}))


LANGUAGE: Manifest = {"column": "language"}
PRICE: Manifest = {"column": "price", "edges": ["-1.5", "0", "10", "100"]}
LENGTH: Manifest = {"column": "text", "lengths": [20, 100]}


def said(**fields: object) -> Manifest:
    """Return where a data set has a model's predictions."""
    return {"digest": DIGEST, "columns": ["score"], "classes": ["decline", "approve"]} | fields


def _told(*predictions: Manifest) -> Manifest:
    return plan(evaluation=evaluation(datasets=[dataset(columns={"id": "item", "predictions": list(predictions)})]))


DIAGONAL = {"actual": "a", "predicted": "a"}

VALID: tuple[Row, ...] = (
    *((f"a gate on {name}", _on(name)) for name in METRICS),
    ("accuracy may drop", _versus("accuracy", maxDrop="0.01")),
    ("a cell may rise", _versus("confusionCellRate", maxRise="0.01")),
    ("a cell of right answers may drop", _versus("confusionCellRate", DIAGONAL, maxDrop="0.01")),
    ("average precision of the first 10 results", _on("map", {"k": 10})),
    ("queries that lose reciprocal rank", _on("shareOfQueriesDropping", {"by": "mrr"}, max="0.2")),
    ("queries that lose average precision", _on("shareOfQueriesDropping", {"by": "map"})),
    ("queries that lose that of the first 5", _on("shareOfQueriesDropping", {"by": "map", "k": 5})),
    ("the champion's word nine times of ten", _on("agreementWithChampion", max=ABSENT, min="0.9")),
    ("agreement with the one rater, as with the champion", _agreed("Cohen", raters=["label"])),
    ("32 raters", _agreed("Fleiss", raters=[f"rater {number}" for number in range(32)])),
    ("an error may rise by half", _versus("mae", maxRise="0.5", relative=True)),
    ("an error may rise by 200 of its unit", _versus("mae", maxRise="200")),
    ("an error may double and more", _versus("ece", maxRise="1.5", relative=True)),
    ("better by some, and not by too much", _versus("ndcg", minGain="0", maxGain="0.1")),
    ("no worse, and not suspiciously good", _versus("mae", maxRise="1", maxGain="5")),
    ("a gate that only advises, beside one that blocks", _gates(gate(severity="Advisory"), cell_gate())),
    ("a gate in a later tier", _gates(gate(severity="Blocking"), cell_gate(tier=9))),
    ("too few items are a failure", _gates(gate(onInsufficient="Fail"))),
    ("an error of three times the truth at most", _on("mape", max="3")),
    ("a loss at the 99.5th percentile", _on("pinball", {"quantile": "0.995"}, max="200")),
    ("an error of 200 at most", _on("rmse", max="200")),
    ("slices by a column", _sliced(LANGUAGE)),
    ("slices by some values", _sliced({**LANGUAGE, "values": ["de", "en"]}, quantifier="Every", minSamples=1)),
    ("slices by values, numbers and lengths", _sliced(LANGUAGE, PRICE, LENGTH, quantifier="Worst", correction="Holm")),
    ("eight columns", _sliced(*({"column": f"c{number}"} for number in range(8)))),
    ("sixteen edges", _sliced({"column": "price", "edges": [str(edge) for edge in range(16)]})),
    ("predictions that are there: a column of classes", _told(said(classes=[]))),
    ("predictions that are there: a chance", _told(said())),
    ("predictions that are there: three scores", _told(said(columns=["a", "b", "c"], classes=["1", "2", "3"]))),
    ("predictions of two versions", _told(said(), said(digest=OTHER_DIGEST))),
    ("no newly failed case, if nothing is said", _on("newFailures", max=ABSENT)),
    ("three newly failed cases", _on("newFailures", max="3")),
    ("no item in the training data, if nothing is said", _on("contaminatedShare", max=ABSENT)),
    ("no item word for word in the training data", _on("contaminatedShare", {"similarity": "1"})),
    ("training data in a bucket", _listed(uri="store://reviews/digests.parquet")),
    ("the pass rate may drop", _on("passRate", max=ABSENT, min="0.9", vsChampion={"maxDrop": "0.02"})),
    ("no challenge sets", _asked()),
    ("a challenge set in a named store", _asked(challenge_set(uri="store://reviews/negation/manifest.json"))),
    ("a challenge set on a volume", _asked(challenge_set(uri="pvc://shared/negation/manifest.json"))),
    ("each case three times, two of them right", _per_case(repeats=3, minPassRate="0.66")),
    ("a case of which any right answer is enough", _per_case(repeats=100, minPassRate="0.000000001")),
)

INVALID: tuple[Row, ...] = (
    *(
        (f"a gate on {name} without {lost}", _on(name, built(params, {lost: ABSENT})))
        for name, params in METRICS.items()
        for lost in params
    ),
    *((f"a gate on accuracy with {name}", _on("accuracy", {name: value})) for name, value in PARAMS.items()),
    *((f"{name} on a data set without queries", _without_queries(name)) for name in RANKINGS),
    ("predictions of one version twice", _told(said(), said())),
    ("the truth as a prediction", _told(said(columns=["label"], classes=[]))),
    ("predictions without a column", _told(said(columns=[]))),
    ("predictions of no version", _told(said(digest="latest"))),
    ("one class of two columns", _told(said(columns=["a", "b"], classes=["1"]))),
    ("one class of a chance", _told(said(classes=["approve"]))),
    ("three classes of a chance", _told(said(classes=["a", "b", "c"]))),
    ("contamination against the champion", _on("contaminatedShare", max=ABSENT, vsChampion={"maxRise": "0.1"})),
    ("slices of contamination", _on("contaminatedShare", slices={"by": [LANGUAGE]})),
    ("contamination without training data", _gates(metric_gate("contaminatedShare", {"similarity": "0.8"}))),
    ("half alike", _on("contaminatedShare", {"similarity": "0.5"})),
    ("alike by a float", _on("contaminatedShare", {"similarity": 0.8})),
    ("more than the same", _on("contaminatedShare", {"similarity": "1.1"})),
    ("training data at a URL", _listed(uri="https://example.com/digests.parquet")),
    ("training data without a digest", _listed(digest=ABSENT)),
    ("training data by its path", plan(evaluation=evaluation(datasets=[dataset(training="digests.parquet")]))),
    ("slices of a challenge set", _on("passRate", slices={"by": [LANGUAGE]})),
    ("a pass rate without a rule", _on("passRate", max=ABSENT)),
    ("new failures against the champion", _on("newFailures", vsChampion={"maxRise": "1"})),
    ("a pass rate of 90, meant in percent", _on("passRate", min="90")),
    ("a pass rate on a data set", _on("passRate", dataset="holdout")),
    ("accuracy on a challenge set", _on("accuracy", dataset="negation")),
    ("a pass rate on a set that is not there", _on("passRate", dataset="irony")),
    ("a challenge set twice", _asked(challenge_set(), challenge_set())),
    ("a challenge set named as a data set", _asked(challenge_set(name="holdout"))),
    ("a challenge set without a digest", _asked(challenge_set(digest=ABSENT))),
    ("a challenge set beside its volume", _asked(challenge_set(uri="pvc://shared/../manifest.json"))),
    ("a challenge set at a URL", _asked(challenge_set(uri="https://example.com/manifest.json"))),
    ("no repeats", _per_case(repeats=0)),
    ("101 repeats", _per_case(repeats=101)),
    ("no right answer needed", _per_case(minPassRate="0")),
    ("more right answers than repeats", _per_case(minPassRate="1.01")),
    ("a pass rate as a float", _per_case(minPassRate=0.5)),
    ("queries that lose recall, of how many results", _on("shareOfQueriesDropping", {"by": "recallAtK"})),
    ("queries that lose rank, of the first 10", _on("shareOfQueriesDropping", {"by": "mrr", "k": 10})),
    ("queries that lose accuracy", _on("shareOfQueriesDropping", {"by": "accuracy", "k": 10})),
    ("queries that drop, against the champion", _on("shareOfQueriesDropping", vsChampion={"maxRise": "0.1"})),
    ("agreement with the champion against the champion", _on("agreementWithChampion", vsChampion={"maxDrop": "0.1"})),
    ("agreement with nobody", _agreed("Cohen")),
    ("agreement with no rater", _agreed("Cohen", raters=[])),
    ("agreement with a rater twice", _agreed("Cohen", raters=["rater", "rater"])),
    ("agreement with 33 raters", _agreed("Cohen", raters=[f"rater {number}" for number in range(33)])),
    ("agreement by Scott", _agreed("Scott", raters=["rater"])),
    ("agreement of 80, meant in percent", _on("agreement", max=ABSENT, min="80")),
    ("a flip rate against the champion", _on("flipRate", vsChampion={"maxRise": "0.1"})),
    ("accuracy may rise", _versus("accuracy", maxRise="0.01")),
    ("a cell may drop", _versus("confusionCellRate", maxDrop="0.01")),
    ("a cell of right answers may rise", _versus("confusionCellRate", DIAGONAL, maxRise="0.01")),
    ("an error may drop", _versus("mae", maxDrop="1")),
    ("log loss may drop, relatively", _versus("logLoss", maxDrop="0.1", relative=True)),
    ("nothing but relative", _versus("mae", relative=True)),
    ("relative as a word", _versus("mae", maxRise="0.1", relative="yes")),
    ("at least a greater gain than at most", _versus("ndcg", minGain="0.2", maxGain="0.1")),
    ("no gain between the limits", _versus("ndcg", minGain="0.10", maxGain="0.1")),
    ("a drop of 2, meant as points", _versus("accuracy", maxDrop="2")),
    ("a gain of 1.01", _versus("ndcg", maxGain="1.01")),
    ("a minimum of 90, meant in percent", _on("accuracy", min="90")),
    ("a maximum of 1.1 for a score", _on("rocAuc", max="1.1")),
    ("gates that all only advise", _gates(gate(severity="Advisory"), cell_gate(severity="Advisory"))),
    ("an unknown severity", _gates(gate(severity="Warning"), cell_gate())),
    ("a tier before the first", _gates(gate(tier=-1))),
    ("an eleventh tier", _gates(gate(tier=10))),
    ("a tier by name", _gates(gate(tier="safety"))),
    ("too few items pass", _gates(gate(onInsufficient="Pass"))),
    ("a cell that costs twice", _on("expectedCost", {"costs": [cost(), cost(cost="6")]})),
    ("no costs", _on("expectedCost", {"costs": []})),
    ("a negative cost", _on("expectedCost", {"costs": [cost(cost="-5")]})),
    ("slices by nothing", _sliced()),
    ("slices without by", _gates(gate(slices={"minSamples": 10}))),
    ("slices by nine columns", _sliced(*({"column": f"c{number}"} for number in range(9)))),
    ("slices by a column twice", _sliced(LANGUAGE, {**LANGUAGE, "values": ["de"]})),
    ("slices by a column's name alone", _gates(gate(slices={"by": ["language"]}))),
    ("slices by two ways at once", _sliced({**PRICE, "values": ["1"]})),
    ("slices by numbers and lengths", _sliced({**PRICE, "lengths": [1]})),
    ("slices by no values", _sliced({**LANGUAGE, "values": []})),
    ("slices by a value twice", _sliced({**LANGUAGE, "values": ["de", "de"]})),
    ("edges that fall", _sliced({"column": "price", "edges": ["10", "9"]})),
    ("edges that stay", _sliced({"column": "price", "edges": ["10", "10.0"]})),
    ("edges that are numbers", _sliced({"column": "price", "edges": [1, 2]})),
    ("an edge in scientific notation", _sliced({"column": "price", "edges": ["1e3"]})),
    ("seventeen edges", _sliced({"column": "price", "edges": [str(edge) for edge in range(17)]})),
    ("lengths that fall", _sliced({"column": "text", "lengths": [100, 20]})),
    ("a length of 0", _sliced({"column": "text", "lengths": [0, 20]})),
    ("a length twice", _sliced({"column": "text", "lengths": [20, 20]})),
    ("an unknown quantifier", _sliced(LANGUAGE, quantifier="Most")),
    ("an unknown correction", _sliced(LANGUAGE, correction="None")),
    ("slices of no items", _sliced(LANGUAGE, minSamples=0)),
    ("no quantile", _on("pinball", {"quantile": "0.0"})),
    ("all as a quantile", _on("pinball", {"quantile": "1"})),
    ("a quantile as a float", _on("pinball", {"quantile": 0.9})),
    ("one bin", _on("ece", {"bins": 1})),
    ("bins as a string", _on("ece", {"bins": "10"})),
    ("the first 0 results", _on("ndcg", {"k": 0})),
    ("a false-positive rate that is a float", _on("recallAtFpr", {**FRAUD, "fpr": 0.001})),
    ("a false-positive rate of one", _on("recallAtFpr", {**FRAUD, "fpr": "1"})),
)

GATES_WITH_ALL_TEXTS = (
    *(metric_gate(name, METRICS[name], name=name.lower()) for name in ("recallAtFpr", "expectedCost", "flipRate")),
    gate(name="advice", severity="Advisory", onInsufficient="Fail"),
    gate(
        name="sliced",
        slices={"by": [{**LANGUAGE, "values": ["de"]}, PRICE], "quantifier": "Worst", "correction": "Holm"},
    ),
    metric_gate("mae", name="mae", vsChampion={"maxRise": "1", "minGain": "0", "maxGain": "2", "relative": True}),
)
"""Gates that together have every text of parameters and limits."""
