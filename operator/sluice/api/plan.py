"""`RolloutPlan`: how candidates of a target are judged, reusable and written once by the service's owner."""

from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from sluice.api.challenge import ChallengeSet
from sluice.api.engine import Engine
from sluice.api.live import Traffic
from sluice.api.offline_metric import FACTS, PARAM_RULES, GateParams, OfflineMetric, params_problem, those
from sluice.api.place import PlaceUri
from sluice.api.predictions import MOST_PREDICTIONS, MOST_RATERS, ModelPredictions
from sluice.api.schema import (
    DecimalString,
    Digest,
    FreeName,
    LabelName,
    Model,
    map_list,
    set_list,
)
from sluice.api.slices import Slices
from sluice.api.suite import MOST_SUITES, Suite
from sluice.api.training import Training
from sluice.api.verdict import Severity
from sluice.api.vs_champion import LIMIT_RULES, VsChampion, limits_problem

_NEEDS_QUERY = "a metric of rankings needs columns.query of its data set: name the column that holds the query"
_NEEDS_RATERS = "agreement needs columns.raters of its data set: name the columns that hold what people said"
_NEEDS_TRAINING = "contaminatedShare needs training of its data set: the digest list that `sluice digests` writes"
_NOT_THE_TRUTH = "the label is no prediction: columns.predictions names other columns than columns.label"

_NEEDS_BLOCKING = "at least one gate or suite must have severity: Blocking"
_ONE_NAMESPACE = "a gate and a suite must not have the same name"
_UNKNOWN_SET = "every gate's dataset must be one of datasets or challengeSets"
_NEEDS_CASES = "passRate and newFailures are measured on one of challengeSets, all other metrics on one of datasets"
_NO_SLICES = "a metric that counts a whole set has no slices"
_NO_RULE = "set at least one of min, max and vsChampion"
_SAMPLES = 100
_Items = Annotated[int, Field(strict=True, ge=1, le=1_000_000_000)]


class Concurrency(StrEnum):
    """What a new candidate does while another one of its target is in flight."""

    QUEUE = "Queue"
    """It waits its turn, in the order of creation."""
    SUPERSEDE = "Supersede"
    """It takes the place of the older one, which is rolled back and ends as `Superseded`."""


class Reuse(StrEnum):
    """What it means that other models were judged on the same data set before."""

    WIDEN = "Widen"
    """The k-th model is judged at a higher confidence: what may be wrong, 1 - level, is divided by k²."""
    IGNORE = "Ignore"
    """Nothing: uses are not counted, for whoever trains never learns what gates say of the set."""


class DatasetColumns(Model):
    """Which columns of a data set mean what."""

    label: FreeName = "label"
    """The column with the true class, the true number, or the relevance of a result."""
    query: FreeName | None = None
    """The column that says to which query a result belongs: metrics of rankings need it."""
    cluster: FreeName | None = None
    """The column of what items have in common (a user, a product): items that share it are no independent evidence."""
    id: FreeName | None = None
    """The column that tells items apart: none may be there twice, and the table of items shows it."""
    raters: Annotated[tuple[FreeName, ...], set_list(most=MOST_RATERS)] = ()
    """The columns with the class that each rater gave the item, blank where they gave none: `agreement` needs them.
    Models do not get them."""
    predictions: Annotated[tuple[ModelPredictions, ...], map_list("digest", most=MOST_PREDICTIONS)] = ()
    """Predictions that are in the data set: no model is loaded for it then, and a version without any is refused."""

    CEL: ClassVar = (("!has(self.predictions) || self.predictions.all(p, !(self.label in p.columns))", _NOT_THE_TRUTH),)

    @model_validator(mode="after")
    def _predictions_are_told_apart(self) -> Self:
        if len({one.digest for one in self.predictions}) < len(self.predictions):
            raise ValueError("digests must be unique")
        if any(self.label in one.columns for one in self.predictions):
            raise ValueError(_NOT_THE_TRUTH)
        return self

    @model_validator(mode="after")
    def _raters_are_told_apart(self) -> Self:
        if len(set(self.raters)) < len(self.raters):
            raise ValueError("raters must be unique")
        return self


class Dataset(Model):
    """A pinned evaluation set: where its file lies and the digest of its bytes."""

    name: LabelName
    """How gates refer to it."""
    uri: PlaceUri
    """Where it lies: `mlflow-artifacts:/PATH` in the artifact store of the model's registry, `store://STORE/KEY` in a
    store that the administrator named, or `pvc://CLAIM/PATH` on a volume of the candidate's namespace.

    Its ending says its format: `.parquet`, `.csv` or `.jsonl`.
    """
    digest: Digest
    """SHA-256 of the file: other bytes are refused, not judged."""
    columns: DatasetColumns = DatasetColumns()
    """Which columns mean what."""
    reuse: Reuse = Reuse.WIDEN
    """What it means that other models were judged on it before."""
    training: Training | None = None
    """The digest list of what models were trained on: `contaminatedShare` looks the items up in it."""


class Confidence(Model):
    """How sure a decision must be: one-sided, of the bound that the rule looks at."""

    level: Annotated[str, Field(pattern=r"^0\.[5-9][0-9]{0,5}$", max_length=8)] = "0.95"
    """Confidence of the bound, from 0.5 to below 1; for later uses of a data set see its `reuse`."""


class OnInsufficient(StrEnum):
    """What follows when fewer items count for a metric than the gate needs."""

    HOLD = "Hold"
    """`NoData`: no traffic, and nothing is held against the candidate."""
    FAIL = "Fail"
    """`Fail`: the candidate is rejected, for a set that is too small was promised to be large enough."""


class Gate(Model):
    """One rule on one offline metric, decided on a confidence bound."""

    name: LabelName
    """How status, events and history refer to it."""
    metric: OfflineMetric
    """What is measured."""
    params: GateParams = GateParams()
    """Parameters of the metric."""
    dataset: LabelName
    """Name of the data set or challenge set that it is measured on."""
    min: DecimalString | None = None
    """The candidate's lower bound must reach this."""
    max: DecimalString | None = None
    """The candidate's upper bound must not pass this."""
    vs_champion: VsChampion | None = None
    """How much worse than the champion, on the same items, the candidate may be, or how much better it must be."""
    confidence: Confidence = Confidence()
    """How sure the decision must be."""
    least_items: Annotated[_Items | None, Field(alias="minSamples")] = None
    """How many items must count for the metric: for the rate of a confusion cell, items of its class.

    If not set: 100, and for a metric that counts the whole of a challenge set, 1.
    """
    on_insufficient: OnInsufficient = OnInsufficient.HOLD
    """What follows when there are fewer."""
    slices: Slices | None = None
    """The parts of the data set that the rules must hold in as well."""
    severity: Severity = Severity.BLOCKING
    """What its verdict weighs."""
    tier: Annotated[int, Field(strict=True, ge=0, le=9)] = 0
    """Tiers are judged in order, from 0. After a tier with a blocking gate that does not pass, later ones are not."""

    CEL: ClassVar = (
        (
            (
                "has(self.min) || has(self.max) || has(self.vsChampion) || "
                f"self.metric in {those(lambda facts: bool(facts.most))}"
            ),
            _NO_RULE,
        ),
        (f"!has(self.slices) || !(self.metric in {those(lambda facts: facts.whole)})", _NO_SLICES),
        *PARAM_RULES,
        *LIMIT_RULES,
    )

    @model_validator(mode="after")
    def _has_a_rule(self) -> Self:
        if self.min is None and self.most is None and self.vs_champion is None:
            raise ValueError(_NO_RULE)
        return self

    @model_validator(mode="after")
    def _fits_its_metric(self) -> Self:
        if self.slices is not None and FACTS[self.metric].whole:
            raise ValueError(_NO_SLICES)
        absolute = [limit for limit in (self.min, self.max) if limit is not None]
        problem = params_problem(self.metric, self.params) or limits_problem(
            self.metric, self.params, absolute, self.vs_champion
        )
        if problem:
            raise ValueError(problem)
        return self

    @property
    def min_samples(self) -> int:
        """How many items must count for the metric, as it is set or by the kind of the metric."""
        known = 1 if FACTS[self.metric].whole else _SAMPLES
        return known if self.least_items is None else self.least_items

    @property
    def most(self) -> str | None:
        """The limit from above, as it is set or by the metric; None without one."""
        return (FACTS[self.metric].most or None) if self.max is None else self.max


class Evaluation(Model):
    """The offline evaluation: which data sets, which gates and suites, how long it may take."""

    timeout_seconds: Annotated[int, Field(strict=True, ge=30, le=86_400)] = 1800
    """Deadline of one attempt of the evaluation Job."""
    datasets: Annotated[tuple[Dataset, ...], map_list("name", most=16)] = ()
    """The pinned evaluation sets."""
    challenge_sets: Annotated[tuple[ChallengeSet, ...], map_list("name", most=16)] = ()
    """Sets of regression cases, each with its pinned version."""
    gates: Annotated[tuple[Gate, ...], map_list("name", most=64)] = ()
    """The rules: the candidate gets traffic only when all that are blocking pass."""
    suites: Annotated[tuple[Suite, ...], map_list("name", most=MOST_SUITES)] = ()
    """Tests and expectations: the candidate gets traffic only when all cases of those that are blocking pass."""
    engine: Engine | None = None
    """What asks the models about the items of data sets; if not set, the evaluation Job."""

    CEL: ClassVar = (
        (
            (
                "self.gates.all(g, self.datasets.exists(d, d.name == g.dataset) || "
                "(has(self.challengeSets) && self.challengeSets.exists(c, c.name == g.dataset)))"
            ),
            _UNKNOWN_SET,
        ),
        (
            (
                f"self.gates.all(g, (g.metric in {those(lambda facts: facts.of_cases)}) != "
                "self.datasets.exists(d, d.name == g.dataset))"
            ),
            _NEEDS_CASES,
        ),
        (
            "!has(self.challengeSets) || !self.challengeSets.exists(c, self.datasets.exists(d, d.name == c.name))",
            "names must be unique",
        ),
        (
            (
                f"self.gates.all(g, !(g.metric in {those(lambda facts: 'query' in facts.columns)}) || "
                "self.datasets.exists(d, d.name == g.dataset && has(d.columns.query)))"
            ),
            _NEEDS_QUERY,
        ),
        (
            (
                f"self.gates.all(g, !(g.metric in {those(lambda facts: 'raters' in facts.columns)}) || "
                "self.datasets.exists(d, d.name == g.dataset && has(d.columns.raters) && size(d.columns.raters) > 0))"
            ),
            _NEEDS_RATERS,
        ),
        (
            (
                f"self.gates.all(g, !(g.metric in {those(lambda facts: facts.of_data)}) || "
                "self.datasets.exists(d, d.name == g.dataset && has(d.training)))"
            ),
            _NEEDS_TRAINING,
        ),
        (
            "self.suites.all(s, !has(s.dataset) || self.datasets.exists(d, d.name == s.dataset))",
            "every suite's dataset must be one of datasets",
        ),
        ("self.suites.all(s, !self.gates.exists(g, g.name == s.name))", _ONE_NAMESPACE),
        (
            ("self.gates.exists(g, g.severity == 'Blocking') || self.suites.exists(s, s.severity == 'Blocking')"),
            _NEEDS_BLOCKING,
        ),
    )

    @model_validator(mode="after")
    def _gates_name_datasets(self) -> Self:
        sets = [*(one.name for one in self.datasets), *(one.name for one in self.challenge_sets)]
        if any(len(set(names)) < len(names) for names in (sets, [gate.name for gate in self.gates])):
            raise ValueError("names must be unique")
        if any(gate.dataset not in sets for gate in self.gates):
            raise ValueError(_UNKNOWN_SET)
        cases = {one.name for one in self.challenge_sets}
        if any((gate.dataset in cases) != FACTS[gate.metric].of_cases for gate in self.gates):
            raise ValueError(_NEEDS_CASES)
        severities = [*(gate.severity for gate in self.gates), *(suite.severity for suite in self.suites)]
        if Severity.BLOCKING not in severities:
            raise ValueError(_NEEDS_BLOCKING)
        return self

    @model_validator(mode="after")
    def _suites_name_datasets(self) -> Self:
        names = {suite.name for suite in self.suites}
        if len(names) < len(self.suites):
            raise ValueError("names must be unique")
        if names & {gate.name for gate in self.gates}:
            raise ValueError(_ONE_NAMESPACE)
        if {suite.dataset for suite in self.suites} - {None} - {dataset.name for dataset in self.datasets}:
            raise ValueError("every suite's dataset must be one of datasets")
        return self

    @model_validator(mode="after")
    def _datasets_have_the_columns(self) -> Self:
        for column, problem in (("query", _NEEDS_QUERY), ("raters", _NEEDS_RATERS)):
            having = {dataset.name for dataset in self.datasets if getattr(dataset.columns, column)}
            if {gate.dataset for gate in self.gates if column in FACTS[gate.metric].columns} - having:
                raise ValueError(problem)
        return self

    @model_validator(mode="after")
    def _contamination_has_training_data(self) -> Self:
        listed = {dataset.name for dataset in self.datasets if dataset.training is not None}
        if {gate.dataset for gate in self.gates if FACTS[gate.metric].of_data} - listed:
            raise ValueError(_NEEDS_TRAINING)
        return self


class RolloutPlanSpec(Model):
    """The whole plan."""

    concurrency: Concurrency = Concurrency.QUEUE
    """What a new candidate does while another one of its target is in flight."""
    evaluation: Evaluation
    """The offline evaluation, before any traffic."""
    traffic: Traffic
    """The shift of live traffic, after the offline gates passed."""
