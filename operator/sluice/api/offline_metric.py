"""The offline metrics: what each is, which way is better, its unit, and which parameters and columns it needs.

Rules of the API, judgement and wording all read this one table; `evaluation/metrics/` computes what is in it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar, Final, Self

from pydantic import Field, model_validator

from sluice.api.live import Better
from sluice.api.schema import DecimalString, FreeName, Model, map_list


class OfflineMetric(StrEnum):
    """What a gate can measure offline."""

    ACCURACY = "accuracy"
    """Share of items whose predicted class is the true one."""
    BALANCED_ACCURACY = "balancedAccuracy"
    """Mean over the true classes of the share that is predicted right: each class counts the same."""
    PRECISION = "precision"
    """Of the items predicted as `class`, the share that are of it."""
    RECALL = "recall"
    """Of the items of `class`, the share that is predicted as it."""
    F1 = "f1"
    """Harmonic mean of precision and recall of `class`."""
    FALSE_POSITIVE_RATE = "fpr"
    """Of the items that are not of `class`, the share that is predicted as it."""
    CONFUSION_CELL_RATE = "confusionCellRate"
    """Share of the items of class `actual` that are predicted as class `predicted`."""
    EXPECTED_COST = "expectedCost"
    """Mean over the items of what their confusion costs, after `costs`; what is not listed costs nothing."""
    LOG_LOSS = "logLoss"
    """Mean of minus the natural logarithm of the probability that the model gave to the true class."""
    EXPECTED_CALIBRATION_ERROR = "ece"
    """How far the model's confidence is from how often it is right: the mean gap over `bins` bins, by items."""
    ROC_AUC = "rocAuc"
    """Chance that an item of `class` is scored above an item of another class; ties count half."""
    PR_AUC = "prAuc"
    """Average precision of the ranking of items by their score for `class`."""
    RECALL_AT_FPR = "recallAtFpr"
    """Recall of `class` at the lowest threshold whose false-positive rate is at most `fpr`."""
    MEAN_ABSOLUTE_ERROR = "mae"
    """Mean distance between predicted and true number."""
    ROOT_MEAN_SQUARED_ERROR = "rmse"
    """Root of the mean squared distance between predicted and true number."""
    MEAN_ABSOLUTE_PERCENTAGE_ERROR = "mape"
    """Mean of the distance between predicted and true number over the size of the true one: 0.1 is 10 %."""
    PINBALL = "pinball"
    """Mean loss of a prediction of the `quantile`: what is above it costs `quantile` a unit, what is below the rest."""
    FLIP_RATE = "flipRate"
    """Share of the items that the champion predicts as class `from` which the candidate predicts as class `to`."""
    AGREEMENT_WITH_CHAMPION = "agreementWithChampion"
    """Share of the items of which the candidate predicts the class that the champion predicts."""
    PERTURBATION_FLIP_RATE = "perturbationFlipRate"
    """Share of the items that `perturbation` changes in `column`, not in meaning, whose predicted class changes too."""
    NDCG = "ndcg"
    """Mean over queries of the normalised discounted cumulative gain of the first `k` results."""
    MEAN_RECIPROCAL_RANK = "mrr"
    """Mean over queries of one over the rank of the first relevant result."""
    MEAN_AVERAGE_PRECISION = "map"
    """Mean over queries of the average precision at relevant results, those among the first `k` if it is set."""
    RECALL_AT_K = "recallAtK"
    """Mean over queries of the share of relevant results that are among the first `k`."""
    SHARE_OF_QUERIES_DROPPING = "shareOfQueriesDropping"
    """Share of the queries of which the candidate's metric `by` is lower than the champion's."""
    AGREEMENT = "agreement"
    """How far the model and those who rated the items say the same, beyond chance: 1 is always, 0 is what chance gives,
    by `coefficient`."""
    CONTAMINATED_SHARE = "contaminatedShare"
    """Share of the items whose text is in the training data, or one at least `similarity` like it; `max` is 0 if not
    set."""
    PASS_RATE = "passRate"  # noqa: S105 -- a metric, not a password
    """Share of the cases of a challenge set that the model passes: hidden ones count too."""
    NEW_FAILURES = "newFailures"
    """Number of cases of a challenge set that the champion passes and the candidate fails; `max` is 0 if not set."""


class Perturbation(StrEnum):
    """A change of a text that leaves its meaning: the same text is always changed the same way."""

    TYPOS = "Typos"
    """Two inner letters of a long word change places, in one word of ten."""
    CASE = "Case"
    """All letters become capitals, or small."""
    NAMES = "Names"
    """First names become other ones."""
    EMOJI = "Emoji"
    """A sign that says nothing follows the text."""


class QueryMetric(StrEnum):
    """What each query has a value of."""

    NDCG = "ndcg"
    """That of its first `k` results."""
    MEAN_RECIPROCAL_RANK = "mrr"
    """One over the rank of its first relevant result."""
    MEAN_AVERAGE_PRECISION = "map"
    """Its average precision, of the first `k` results if set."""
    RECALL_AT_K = "recallAtK"
    """The share of its relevant results that are among the first `k`."""


class Coefficient(StrEnum):
    """How agreement beyond chance is counted."""

    COHEN = "Cohen"
    """Of the model with each rater, over all pairs of its answer with one of theirs: Cohen's kappa."""
    FLEISS = "Fleiss"
    """Of all of them, the model as one more rater, where everybody rated everything: Fleiss' kappa."""
    KRIPPENDORFF = "Krippendorff"
    """The same where raters may have left items out: Krippendorff's alpha, of classes without order."""


class Unit(StrEnum):
    """How numbers of a metric are written."""

    SHARE = "Share"
    """A share of items: in percent, differences in points."""
    SCORE = "Score"
    """A number that is at most 1, and no share."""
    VALUE = "Value"
    """A number in a unit of the data's own: costs, errors of a regression."""
    COUNT = "Count"
    """A number of cases."""


BOUNDED: Final = frozenset({Unit.SHARE, Unit.SCORE})
"""Units of numbers that are at most 1."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What everybody must know of a metric."""

    better: Better = Better.HIGHER
    unit: Unit = Unit.SHARE
    params: frozenset[str] = frozenset()
    """The parameters that it needs."""
    options: frozenset[str] = frozenset()
    """The parameters that it may have; all others are refused."""
    columns: frozenset[str] = frozenset()
    """The columns, beside `label`, that a data set must name for it."""
    share_of_items: bool = False
    """It is the share of the items that count on which something happened, the same items for both models."""
    of_numbers: bool = False
    """It compares predicted numbers with true ones, not classes."""
    of_change: bool = False
    """It compares the candidate's predictions with the champion's: one number, and only `max` and `min` apply."""
    of_cases: bool = False
    """It is about the cases of a challenge set."""
    of_data: bool = False
    """It is about the data set and no model: there is nothing to compare, and only `max` and `min` apply."""
    whole: bool = False
    """It counts all there is, not a sample: it has no bounds but its value, and one item is enough to count."""
    most: str = ""
    """What `max` is when a gate has no rule; empty where a gate needs one."""


def _facts(better: Better, unit: Unit, *params: str, columns: tuple[str, ...] = ()) -> Facts:
    return Facts(better=better, unit=unit, params=frozenset(params), columns=frozenset(columns))


def _error_of_numbers(*params: str) -> Facts:
    return Facts(better=Better.LOWER, unit=Unit.VALUE, params=frozenset(params), of_numbers=True)


def _share(better: Better, *params: str, of_change: bool = False) -> Facts:
    known = frozenset(params)
    return Facts(better=better, unit=Unit.SHARE, params=known, share_of_items=True, of_change=of_change)


def _of_cases(better: Better, unit: Unit, *, of_change: bool = False, most: str = "") -> Facts:
    return Facts(better=better, unit=unit, of_change=of_change, of_cases=True, whole=True, most=most)


_HIGHER, _LOWER = Better.HIGHER, Better.LOWER
_QUERY = ("query",)

FACTS: Final[Mapping[OfflineMetric, Facts]] = {
    OfflineMetric.ACCURACY: _share(_HIGHER),
    OfflineMetric.BALANCED_ACCURACY: _facts(_HIGHER, Unit.SHARE),
    OfflineMetric.PRECISION: _facts(_HIGHER, Unit.SHARE, "class"),
    OfflineMetric.RECALL: _share(_HIGHER, "class"),
    OfflineMetric.F1: _facts(_HIGHER, Unit.SCORE, "class"),
    OfflineMetric.FALSE_POSITIVE_RATE: _share(_LOWER, "class"),
    OfflineMetric.CONFUSION_CELL_RATE: _share(_LOWER, "actual", "predicted"),
    OfflineMetric.EXPECTED_COST: _facts(_LOWER, Unit.VALUE, "costs"),
    OfflineMetric.LOG_LOSS: _facts(_LOWER, Unit.VALUE),
    OfflineMetric.EXPECTED_CALIBRATION_ERROR: _facts(_LOWER, Unit.SCORE, "bins"),
    OfflineMetric.ROC_AUC: _facts(_HIGHER, Unit.SCORE, "class"),
    OfflineMetric.PR_AUC: _facts(_HIGHER, Unit.SCORE, "class"),
    OfflineMetric.RECALL_AT_FPR: _share(_HIGHER, "class", "fpr"),
    OfflineMetric.MEAN_ABSOLUTE_ERROR: _error_of_numbers(),
    OfflineMetric.ROOT_MEAN_SQUARED_ERROR: _error_of_numbers(),
    OfflineMetric.MEAN_ABSOLUTE_PERCENTAGE_ERROR: _error_of_numbers(),
    OfflineMetric.PINBALL: _error_of_numbers("quantile"),
    OfflineMetric.FLIP_RATE: _share(_LOWER, "from", "to", of_change=True),
    OfflineMetric.AGREEMENT_WITH_CHAMPION: _share(_HIGHER, of_change=True),
    OfflineMetric.PERTURBATION_FLIP_RATE: _share(_LOWER, "perturbation", "column"),
    OfflineMetric.NDCG: _facts(_HIGHER, Unit.SCORE, "k", columns=_QUERY),
    OfflineMetric.MEAN_RECIPROCAL_RANK: _facts(_HIGHER, Unit.SCORE, columns=_QUERY),
    OfflineMetric.MEAN_AVERAGE_PRECISION: Facts(unit=Unit.SCORE, options=frozenset({"k"}), columns=frozenset(_QUERY)),
    OfflineMetric.RECALL_AT_K: _facts(_HIGHER, Unit.SHARE, "k", columns=_QUERY),
    OfflineMetric.SHARE_OF_QUERIES_DROPPING: Facts(
        better=_LOWER,
        params=frozenset({"by"}),
        options=frozenset({"k"}),
        columns=frozenset(_QUERY),
        share_of_items=True,
        of_change=True,
    ),
    OfflineMetric.AGREEMENT: _facts(_HIGHER, Unit.SCORE, "coefficient", columns=("raters",)),
    OfflineMetric.CONTAMINATED_SHARE: Facts(
        better=Better.LOWER, params=frozenset({"similarity"}), of_data=True, whole=True, most="0"
    ),
    OfflineMetric.PASS_RATE: _of_cases(_HIGHER, Unit.SHARE),
    OfflineMetric.NEW_FAILURES: _of_cases(_LOWER, Unit.COUNT, of_change=True, most="0"),
}


def those(fits: Callable[[Facts], bool]) -> list[str]:
    """Return the names of the metrics whose facts fit, in order."""
    return [metric.value for metric, facts in FACTS.items() if fits(facts)]


class Cost(Model):
    """What it costs to predict one class where another is true."""

    actual: FreeName
    """The true class."""
    predicted: FreeName
    """The predicted class."""
    cost: DecimalString
    """The cost of one such item, in any unit."""


_ALWAYS_K: Final = [QueryMetric.NDCG.value, QueryMetric.RECALL_AT_K.value]
_NEVER_K: Final = QueryMetric.MEAN_RECIPROCAL_RANK.value
_K_BY: Final = "params.k must be set where params.by is ndcg or recallAtK, may be set for map, and not for mrr"


class GateParams(Model):
    """Parameters of a gate's metric: each belongs to some metrics, which need it."""

    actual: FreeName | None = None
    """For `confusionCellRate`: the true class of the cell."""
    predicted: FreeName | None = None
    """For `confusionCellRate`: the predicted class of the cell."""
    class_: Annotated[FreeName | None, Field(alias="class")] = None
    """The class that is looked for: for precision, recall, f1, fpr and what ranks items by a score."""
    from_: Annotated[FreeName | None, Field(alias="from")] = None
    """For `flipRate`: the class that the champion predicts."""
    to: FreeName | None = None
    """For `flipRate`: the class that the candidate predicts."""
    costs: Annotated[tuple[Cost, ...] | None, map_list("actual", "predicted", most=64), Field(min_length=1)] = None
    """For `expectedCost`: what mistakes (or right answers) cost."""
    bins: Annotated[int, Field(strict=True, ge=2, le=100)] | None = None
    """For `ece`: into how many bins of equal width the confidence is put."""
    fpr: Annotated[str, Field(pattern=r"^0\.[0-9]{1,9}$", max_length=12)] | None = None
    """For `recallAtFpr`: the highest false-positive rate that is acceptable, as a decimal string."""
    quantile: Annotated[str, Field(pattern=r"^0\.[0-9]{0,8}[1-9]$", max_length=12)] | None = None
    """For `pinball`: which quantile the model predicts, as a decimal string: "0.5" is the median."""
    k: Annotated[int, Field(strict=True, ge=1, le=10_000)] | None = None
    """For `ndcg`, `recallAtK` and, if set, `map`: how many results from the top count."""
    by: QueryMetric | None = None
    """For `shareOfQueriesDropping`: what is compared query by query; with its own `k`."""
    coefficient: Coefficient | None = None
    """For `agreement`: how it is counted."""
    perturbation: Perturbation | None = None
    """For `perturbationFlipRate`: how texts are changed."""
    column: FreeName | None = None
    """For `perturbationFlipRate`: the column of texts that is changed."""
    similarity: Annotated[str, Field(pattern=r"^(1|0\.[6-9][0-9]{0,2})$", max_length=5)] | None = None
    """For `contaminatedShare`: from which similarity on a text is a near-duplicate; "1": only the same text counts."""

    CEL: ClassVar = ((f"!has(self.by) || (has(self.k) ? self.by != '{_NEVER_K}' : !(self.by in {_ALWAYS_K}))", _K_BY),)

    @model_validator(mode="after")
    def _k_belongs_to_what_is_compared(self) -> Self:
        if self.by is not None and (self.by == _NEVER_K if self.k is not None else self.by in _ALWAYS_K):
            raise ValueError(_K_BY)
        return self

    @model_validator(mode="after")
    def _one_cost_a_cell(self) -> Self:
        cells = [(cost.actual, cost.predicted) for cost in self.costs or ()]
        if len(set(cells)) < len(cells):
            raise ValueError("costs must be unique by actual and predicted")
        return self

    def flat(self) -> dict[str, str]:
        """Return the parameters as the evaluation gets them: texts as they are, all else as JSON."""
        given = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        return {name: value if isinstance(value, str) else _json(value) for name, value in given.items()}


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


PARAMS: Final = tuple(field.alias or name for name, field in GateParams.model_fields.items())


def _names(metrics: list[str]) -> str:
    return ", ".join(f"'{metric}'" for metric in metrics)


def _param_rule(param: str) -> tuple[str, str]:
    owners, takers = those(lambda facts: param in facts.params), those(lambda facts: param in facts.options)
    needs = f"params.{param} must be set for {', '.join(owners)}"
    if not takers:
        return f"has(self.params.{param}) == (self.metric in [{_names(owners)}])", f"{needs}, and for no other metric"
    rule = f"self.metric in [{_names(owners + takers)}] : !(self.metric in [{_names(owners)}])"
    return f"has(self.params.{param}) ? {rule}", f"{needs}, may be set for {', '.join(takers)}, and for no other metric"


PARAM_RULES: Final = tuple(_param_rule(param) for param in PARAMS)
"""The rules of the CRD that give each metric its parameters and no others."""


def better(metric: OfflineMetric, params: GateParams) -> Better:
    """Return which way of a gate's metric is the good one: a cell on the diagonal is no mistake."""
    right = metric is OfflineMetric.CONFUSION_CELL_RATE and params.actual == params.predicted
    return Better.HIGHER if right else FACTS[metric].better


def params_problem(metric: OfflineMetric, params: GateParams) -> str:
    """Return what is wrong with the parameters of a metric; empty when nothing is."""
    given, facts = frozenset(params.flat()), FACTS[metric]
    wrong = (facts.params - given) | (given - facts.params - facts.options)
    rules = dict(zip(PARAMS, PARAM_RULES, strict=True))
    return next((rules[param][1] for param in PARAMS if param in wrong), "")
