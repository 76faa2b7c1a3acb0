"""The result document that an evaluation Job of a play writes."""

import json
from collections.abc import Mapping
from statistics import NormalDist
from typing import Any

from sluice.api.evaluation_result import (
    DatasetInfo,
    Estimate,
    EvaluationResult,
    Measurement,
    ModelInfo,
    Pairs,
    render,
)
from sluice.api.termination import Termination, render_termination

ITEMS, CHAMPION, HALF_WIDTH = 10_000, 0.9, 0.004
"""The half width is that at 95 %."""


def document(order: str, difference: float) -> bytes:
    """Return the document for an order: every gate measured, the candidate's value `difference` off the champion's."""
    spec = json.loads(order)
    champion = spec.get("champion")
    return render(
        EvaluationResult(
            schema_version="sluice.dev/evaluation-result/v1",
            candidate=_model(spec["candidate"]),
            champion=None if champion is None else _model(champion),
            datasets=tuple(_source(one) for one in spec["datasets"]),
            measurements=tuple(_measured(one, difference, champion is not None) for one in spec["measurements"]),
        )
    )


def _source(ordered: Mapping[str, str]) -> DatasetInfo:
    columns = {role: ordered[role] for role in ("label", "query", "cluster", "id", "predictions") if role in ordered}
    return DatasetInfo(name=ordered["name"], digest=ordered["digest"], rows=ITEMS, **columns)


def last_words(order: str, run: str, digest: str) -> str:
    """Return the termination message that points at the document."""
    identity = json.loads(order)["identity"]
    return render_termination(
        Termination(
            candidate_uid=identity["candidateUid"],
            attempt=identity["attempt"],
            run_id=run,
            artifact_path="result.json",
            sha256=digest,
        )
    )


def _model(raw: dict[str, Any]) -> ModelInfo:
    return ModelInfo(name=raw["name"], version=raw["version"], digest=raw["digest"])


def _around(value: float, level: float) -> Estimate:
    half = HALF_WIDTH * NormalDist().inv_cdf(level) / NormalDist().inv_cdf(0.95)
    return Estimate(estimate=value, lower=value - half, upper=value + half, method="golden")


def _measured(wanted: dict[str, Any], difference: float, compared: bool) -> Measurement:  # noqa: FBT001
    level = wanted["level"]
    only = round(abs(difference) * ITEMS)
    both = round(CHAMPION * ITEMS) - (only if difference < 0 else 0)
    pairs = Pairs(
        both=both,
        candidate_only=only if difference > 0 else 0,
        champion_only=only if difference < 0 else 0,
        neither=ITEMS - both - only,
    )
    return Measurement(
        name=wanted["name"],
        metric=wanted["metric"],
        params=wanted.get("params", {}),
        dataset=wanted["dataset"],
        level=level,
        n=ITEMS,
        denominator=ITEMS,
        candidate=_around(CHAMPION + difference, level),
        champion=_around(CHAMPION, level) if compared else None,
        difference=_around(difference, level) if compared else None,
        pairs=pairs if compared else None,
    )
