"""What the operator asks of an evaluation Job: a JSON file in a ConfigMap, read by `sluice-evaluate-job`."""

from pathlib import PurePosixPath
from typing import Annotated, Final, Literal

from pydantic import Field

from sluice.api.engine import RayInput
from sluice.api.predictions import MOST_PREDICTIONS, MOST_RATERS, ModelPredictions
from sluice.api.schema import DecimalString, Digest, FreeName, LabelName, ParamText, Record, ShortText
from sluice.api.slices import SliceBy
from sluice.api.store import StoreInput
from sluice.api.suite import MOST_SUITES, SuiteKind, SuiteSubject

SPEC_SCHEMA: Final = "sluice.dev/evaluation-spec/v1"

STORES: Final = PurePosixPath("/etc/sluice-stores")
"""Below it the Job finds the Secrets of stores, each in a folder of its store's name."""
VOLUMES: Final = PurePosixPath("/var/sluice-data")
"""Below it the Job finds volumes, each in a folder of its claim's name."""

Uri = Annotated[str, Field(min_length=1, max_length=1024)]


class ModelInput(Record):
    """A model to load: these bytes and no others."""

    name: ShortText
    """Name of the registered model."""
    version: ShortText
    """Number of the version."""
    uri: Uri
    """Where its artifact lies, in MLflow's notation."""
    digest: Digest
    """Digest of the artifact (`core.artifact_digest`)."""


class TrainingInput(Record):
    """The digest list of training data that items are looked up in."""

    uri: Uri
    """Where it lies, as a data set."""
    digest: Digest
    """SHA-256 of the list."""


class DatasetInput(Record):
    """A data set to score: a Parquet, CSV or JSON Lines file."""

    name: LabelName
    """Name in the plan."""
    uri: Uri
    """Where it lies: `store://STORE/KEY`, `pvc://CLAIM/PATH`, or anything in MLflow's notation."""
    digest: Digest
    """SHA-256 of the file."""
    label: FreeName = "label"
    """The column with the true class, the true number, or the relevance of a result; the models get the others."""
    query: FreeName | None = None
    """The column that says to which query a result belongs."""
    cluster: FreeName | None = None
    """The column of what items have in common: the unit of resampling."""
    id: FreeName | None = None
    """The column that tells items apart: none may be there twice."""
    raters: Annotated[tuple[FreeName, ...], Field(max_length=MOST_RATERS)] = ()
    """The columns with what each rater said, which models do not get."""
    predictions: Annotated[tuple[ModelPredictions, ...], Field(max_length=MOST_PREDICTIONS)] = ()
    """What is in the data set of models' predictions; where there is any, no model is loaded for it."""
    training: TrainingInput | None = None
    """Where training data is listed."""


class Limits(Record):
    """What is refused before it is fetched."""

    model_bytes: Annotated[int, Field(ge=1)] = 2 << 30
    """Greatest size of a model's artifact."""
    dataset_bytes: Annotated[int, Field(ge=1)] = 4 << 30
    """Greatest size of a file: of a data set, a challenge set, a suite."""


class ChallengeInput(Record):
    """A challenge set to ask."""

    name: LabelName
    """Name in the plan."""
    uri: Uri
    """Where its manifest lies, as a data set; the cases lie beside it."""
    digest: Digest
    """SHA-256 of the manifest."""
    repeats: Annotated[int, Field(ge=1, le=100)] = 1
    """How often each case is asked."""
    min_pass_rate: DecimalString = "1"  # noqa: S105 -- a share, not a password
    """The share of the repeats that must be right."""


class MeasurementWanted(Record):
    """What one gate has to know."""

    name: LabelName
    """Name of the gate."""
    metric: ShortText
    """What to measure."""
    params: Annotated[dict[str, ParamText], Field(max_length=16, default_factory=dict)]
    """Parameters of the metric: texts as they are, all else as JSON (`GateParams.flat`)."""
    dataset: LabelName
    """Name of the data set to measure on."""
    level: Annotated[float, Field(ge=0.5, lt=1)]
    """Confidence of each bound, one-sided."""
    slices: Annotated[tuple[SliceBy, ...], Field(max_length=8)] = ()
    """What to cut the data set by: the same is measured in each slice."""


class SuiteInput(Record):
    """A suite to run: a file of tests or expectations, or an archive of tests."""

    name: LabelName
    """Name in the plan."""
    kind: SuiteKind
    """What it is written in."""
    uri: Uri
    """Where it lies, as a data set."""
    digest: Digest
    """SHA-256 of the file."""
    dataset: LabelName | None = None
    """Name of the data set that expectations are held against."""
    about: SuiteSubject | None = None
    """What expectations look at."""
    timeout_seconds: Annotated[int, Field(ge=1)] = 300
    """How long it may take."""


class Identity(Record):
    """Whose Job this is: repeated in the termination message, so that no other Job's word is taken for it."""

    candidate_uid: ShortText
    """UID of the ModelCandidate."""
    attempt: Annotated[int, Field(ge=1)]
    """Number of the attempt, from 1."""


class EvaluationSpec(Record):
    """The whole order."""

    schema_version: Literal["sluice.dev/evaluation-spec/v1"] = SPEC_SCHEMA
    """Version of this format."""
    tracking_uri: Annotated[str, Field(min_length=1, max_length=2048)]
    """The MLflow server that has the models and the data, and gets the result."""
    experiment: FreeName = "sluice-evaluations"
    """The MLflow experiment of the run."""
    run_name: FreeName = "evaluation"
    """The MLflow run's name."""
    identity: Identity
    """Whose Job this is."""
    candidate: ModelInput
    """The version that wants to serve."""
    champion: ModelInput | None = None
    """The version that serves; null when there is none."""
    datasets: Annotated[tuple[DatasetInput, ...], Field(max_length=16)]
    """What to score."""
    challenge_sets: Annotated[tuple[ChallengeInput, ...], Field(max_length=16)] = ()
    """What to ask."""
    measurements: Annotated[tuple[MeasurementWanted, ...], Field(max_length=64)]
    """What to measure."""
    suites: Annotated[tuple[SuiteInput, ...], Field(max_length=MOST_SUITES)] = ()
    """What to run."""
    stores: Annotated[tuple[StoreInput, ...], Field(max_length=64)] = ()
    """The stores that data sets, challenge sets and suites name."""
    ray: RayInput | None = None
    """The Ray cluster that asks the models; null: the Job does."""
    limits: Limits = Limits()
    """What is too large."""
