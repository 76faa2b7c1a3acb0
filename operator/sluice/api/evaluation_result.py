"""The result document of an offline evaluation: public and versioned, written by the Job, judged by the operator.

It holds measurements and no rule: thresholds are applied later, so that rule and evidence are both on record.
"""

from collections.abc import Mapping
from typing import Annotated, Final, Literal, Self

from pydantic import Field, ValidationError, model_validator

from sluice.api.challenge_result import ChallengeInfo
from sluice.api.predictions import MOST_PREDICTIONS, MOST_RATERS, ModelPredictions
from sluice.api.schema import Digest, FreeName, LabelName, ParamText, Record
from sluice.api.slices import MOST_SLICES, SliceBy
from sluice.api.suite import MOST_SUITES
from sluice.api.suite_result import SuiteResult

RESULT_SCHEMA: Final = "sluice.dev/evaluation-result/v1"
RESULT_LIMIT = 1024 * 1024
"""Greatest size of a document in bytes."""
EXACT_SHARE: Final = "clopper-pearson"
"""The method of a share whose items are independent, with exact bounds."""
POINT_ONLY: Final = "point only"
"""The method of a number that another tool gave without an interval: nothing is decided on it."""
RUN_FOLDER: Final = "sluice"
"""Where the evaluation's files lie among the artifacts of its run."""
RUN_PAGE: Final = "report.html"
"""The page for people among them."""
_SHOWN_ERRORS = 3
_SHOWN_PATH = 120

Text = Annotated[str, Field(max_length=1024)]
Count = Annotated[int, Field(strict=True, ge=0, le=1_000_000_000_000)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Level = Annotated[float, Field(ge=0.5, lt=1)]


class InvalidResult(ValueError):  # noqa: N818 -- an outcome in our words
    """Bytes that are no result document; the message names the field and is safe to show."""


class ModelInfo(Record):
    """A model that was measured."""

    name: Text
    """Name of the registered model."""
    version: Text
    """Number of the version."""
    digest: Digest
    """Digest of the artifact that was loaded, as it was computed on the spot."""


class DatasetInfo(Record):
    """A data set that was measured on."""

    name: LabelName
    """Name in the plan."""
    digest: Digest
    """Digest of the bytes that were read."""
    rows: Count
    """Number of items in it."""
    label: FreeName = "label"
    """The column that was taken for the truth."""
    query: FreeName | None = None
    """The column that was taken for the query; none when it was not looked at."""
    cluster: FreeName | None = None
    """The column that was resampled by; none when every item counted for itself."""
    id: FreeName | None = None
    """The column by which items were told apart; none when every row was taken for an item."""
    raters: Annotated[tuple[FreeName, ...], Field(max_length=MOST_RATERS)] = ()
    """The columns that were taken for raters' words; none when the plan names none."""
    predictions: Annotated[tuple[ModelPredictions, ...], Field(max_length=MOST_PREDICTIONS)] = ()
    """The predictions that were read from the data set; none when the models were asked."""
    training: Digest | None = None
    """Digest of the list of training data that its items were looked up in; none when they were not."""


class Estimate(Record):
    """A number and its two one-sided confidence bounds, each at the measurement's level."""

    estimate: Number
    """The point estimate."""
    lower: Number
    """The value is above this, with the measurement's confidence."""
    upper: Number
    """The value is below this, with the measurement's confidence."""
    method: Text
    """How the bounds were computed."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.lower <= self.estimate <= self.upper:
            raise ValueError("needs lower <= estimate <= upper")
        return self


class Pairs(Record):
    """The same items under both models: on how many the measured thing happened."""

    both: Count
    """With both models."""
    candidate_only: Count
    """With the candidate and not with the champion."""
    champion_only: Count
    """With the champion and not with the candidate."""
    neither: Count
    """With neither."""

    @property
    def total(self) -> int:
        """Number of items."""
        return self.both + self.candidate_only + self.champion_only + self.neither


class Counted(Record):
    """What was measured on some items."""

    n: Count
    """Items in the data set, or in the slice."""
    denominator: Count
    """Items that count for the metric: of one class, for the rate of a confusion cell."""
    candidate: Estimate | None = None
    """The candidate's value; null when no item counts."""
    champion: Estimate | None = None
    """The champion's value on the same items; null without champion or items."""
    difference: Estimate | None = None
    """Candidate minus champion, from the paired items."""
    pairs: Pairs | None = None
    """The counts behind the difference, where the metric is a share."""
    p_value: Annotated[float, Field(ge=0, le=1)] | None = None
    """Of "the models do not differ", two-sided, for information, no gate looks at it; null where there is no test.

    McNemar's exact test for shares of independent items, sign flips of the differences for means.
    """
    candidate_failures: Count = 0
    """Items on which the candidate raised an error: each counts against it."""
    champion_failures: Count = 0
    """Items on which the champion raised an error."""

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.denominator > self.n:
            raise ValueError("denominator is greater than n")
        if self.pairs is not None and self.pairs.total != self.denominator:
            raise ValueError("pairs do not add up to denominator")
        if (self.champion is None) != (self.difference is None):
            raise ValueError("champion and difference go together")
        if self.p_value is not None and self.difference is None:
            raise ValueError("pValue goes with a difference")
        return self


class SliceMeasurement(Counted):
    """The same, on the items of one slice."""

    column: FreeName
    """The column that was cut."""
    name: Text
    """What the slice is called: `language=de`, `price < 10`."""


class Measurement(Counted):
    """What one gate asked to know."""

    name: LabelName
    """Name of the gate."""
    metric: Text
    """What was measured."""
    params: Annotated[dict[str, ParamText], Field(max_length=16, default_factory=dict)]
    """Parameters of the metric."""
    dataset: LabelName
    """Name of the data set."""
    level: Level
    """Confidence of each bound, one-sided."""
    sliced_by: Annotated[tuple[SliceBy, ...], Field(max_length=8)] = ()
    """What the data set was cut by."""
    slices: Annotated[tuple[SliceMeasurement, ...], Field(max_length=MOST_SLICES)] = ()
    """What was measured in each slice, in the order of the columns."""

    def on(self, part: SliceMeasurement) -> "Measurement":
        """Return the measurement as if the slice were the whole set."""
        numbers = {name: getattr(part, name) for name in Counted.model_fields}
        return self.model_copy(update={**numbers, "sliced_by": (), "slices": ()})


class EvaluationResult(Record):
    """The whole document."""

    schema_version: Literal["sluice.dev/evaluation-result/v1"]
    """Version of this format."""
    candidate: ModelInfo
    """The version that wants to serve."""
    champion: ModelInfo | None = None
    """The version that serves; null when there is none."""
    datasets: Annotated[tuple[DatasetInfo, ...], Field(max_length=16)]
    """What was measured on."""
    challenge_sets: Annotated[tuple[ChallengeInfo, ...], Field(max_length=16)] = ()
    """Which cases both models were asked, and which failed."""
    measurements: Annotated[tuple[Measurement, ...], Field(max_length=64)]
    """What was measured, one entry a gate."""
    suites: Annotated[tuple[SuiteResult, ...], Field(max_length=MOST_SUITES)] = ()
    """What came of tests and expectations, one entry a suite."""
    warnings: Annotated[tuple[Text, ...], Field(max_length=64)] = ()
    """What a person should know: items that failed, slow batches."""
    timings: Annotated[dict[str, Number], Field(max_length=64, default_factory=dict)]
    """Seconds by part of the work."""
    software: Annotated[dict[str, Text], Field(max_length=64, default_factory=dict)]
    """Versions of what computed it."""

    @model_validator(mode="after")
    def _no_name_twice(self) -> Self:
        for part in (self.datasets, self.challenge_sets, self.measurements, self.suites):
            if len({entry.name for entry in part}) < len(part):
                raise ValueError("a name is there twice")
        return self

    def measurement(self, name: str) -> Measurement | None:
        """Return what the gate of this name asked for; None when it is missing."""
        return next((measurement for measurement in self.measurements if measurement.name == name), None)

    def suite(self, name: str) -> SuiteResult | None:
        """Return what came of the suite of this name; None when it is missing."""
        return next((suite for suite in self.suites if suite.name == name), None)

    def dataset(self, name: str) -> DatasetInfo | None:
        """Return the data set of this name; None when it was not read."""
        return next((dataset for dataset in self.datasets if dataset.name == name), None)

    def challenge_set(self, name: str) -> ChallengeInfo | None:
        """Return the challenge set of this name; None when it was not asked."""
        return next((one for one in self.challenge_sets if one.name == name), None)


def parse(content: bytes) -> EvaluationResult:
    """Return the document in `content`. Raises InvalidResult for anything that is none, whatever the bytes."""
    if len(content) > RESULT_LIMIT:
        raise InvalidResult(f"the result document has {len(content)} bytes, allowed are {RESULT_LIMIT}")
    try:
        return EvaluationResult.model_validate_json(content)
    except ValidationError as error:
        raise InvalidResult(f"the result document is invalid: {explain(error)}") from None
    except (ValueError, RecursionError):
        raise InvalidResult("the result document is invalid: not JSON") from None


def parse_document(document: Mapping[str, object]) -> EvaluationResult:
    """Return the document that was read as JSON before. Raises InvalidResult for anything that is none."""
    try:
        return EvaluationResult.model_validate(document)
    except ValidationError as error:
        raise InvalidResult(f"the result document is invalid: {explain(error)}") from None


def render(result: EvaluationResult) -> bytes:
    """Return the document as the JSON that `parse` reads."""
    return result.model_dump_json(by_alias=True, indent=1).encode()


def explain(error: ValidationError) -> str:
    """Return the first few errors as `field: what is wrong`, without the values, which are not ours to show."""
    parts = [f"{'.'.join(map(str, e['loc']))[:_SHOWN_PATH] or 'document'}: {e['msg']}" for e in error.errors()]
    rest = len(parts) - _SHOWN_ERRORS
    return "; ".join(parts[:_SHOWN_ERRORS]) + (f"; and {rest} more" if rest > 0 else "")
