"""The result document: which models, sets and measurements, what a person should know, how long it took."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from platform import python_version

from sluice.api.evaluation_result import RESULT_SCHEMA, DatasetInfo, EvaluationResult, Measurement, ModelInfo
from sluice.api.evaluation_spec import EvaluationSpec, ModelInput
from sluice.api.suite import SuiteKind
from sluice.api.suite_result import SuiteResult
from sluice.evaluation.challenges.measuring import Answered, info
from sluice.evaluation.measuring import Scored

_SOFTWARE = ("sluice-operator", "mlflow", "numpy", "pandas", "polars", "pyarrow", "scikit-learn", "scipy")
_OF_SUITES = {SuiteKind.PYTEST: "pytest", SuiteKind.GREAT_EXPECTATIONS: "great-expectations"}
"""What runs suites: an extra, which not every image has."""


def document(
    spec: EvaluationSpec,
    scored: Mapping[str, Scored],
    answered: Mapping[str, Answered],
    found: tuple[tuple[Measurement, ...], tuple[SuiteResult, ...]],
    seconds: dict[str, float],
) -> EvaluationResult:
    """Return the document; `found` holds measurements and suites, `seconds` are by part of the work."""
    measurements, suites = found
    return EvaluationResult(
        schema_version=RESULT_SCHEMA,
        candidate=_info(spec.candidate),
        champion=None if spec.champion is None else _info(spec.champion),
        datasets=tuple(_dataset(name, one) for name, one in scored.items()),
        challenge_sets=tuple(info(one) for one in answered.values()),
        measurements=measurements,
        suites=suites,
        warnings=tuple(_warnings(scored)),
        timings=seconds,
        software={"python": python_version(), **dict(_versions(suites))},
    )


def _versions(suites: tuple[SuiteResult, ...]) -> Iterator[tuple[str, str]]:
    """Yield the versions of the packages that computed it, and of those that ran the suites where they are there."""
    for name in _SOFTWARE:
        yield name, version(name)
    for kind in dict.fromkeys(suite.kind for suite in suites):
        with suppress(PackageNotFoundError):
            yield _OF_SUITES[kind], version(_OF_SUITES[kind])


def _dataset(name: str, one: Scored) -> DatasetInfo:
    source = one.data.source
    return DatasetInfo(
        name=name,
        digest=source.digest,
        rows=len(one.data),
        label=source.label,
        query=source.query,
        cluster=source.cluster,
        id=source.id,
        raters=source.raters,
        predictions=source.predictions,
        training=None if one.data.seen is None or source.training is None else source.training.digest,
    )


def _info(model: ModelInput) -> ModelInfo:
    """Return the document's entry; the digest was computed and compared when the model was fetched."""
    return ModelInfo(name=model.name, version=model.version, digest=model.digest)


def _warnings(scored: Mapping[str, Scored]) -> Iterator[str]:
    for name, one in scored.items():
        for arm, scores in (("candidate", one.candidate), ("champion", one.champion)):
            if scores is not None and scores.failures:
                shown = "; ".join(scores.examples)
                yield f"the {arm} failed on {scores.failures} items of {name}: {shown}"[:1024]
