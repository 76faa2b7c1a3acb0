"""The plain way: pandas and scikit-learn, a loop over resamples, each item weighted by how often it was drawn.

The draws are Sluice's own, and so is the last step from resamples to bounds; so both ways find the same bounds. Weights
make a resample cheaper than a frame of drawn rows would be. No bounds of accuracy and ROC AUC: these are not resampled.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]  # pandas has no types
from sklearn.metrics import accuracy_score, f1_score, log_loss, roc_auc_score

from benchmarks.evaluation.items import MODELS, REGIONS
from sluice.evaluation.intervals.bca import bca
from sluice.evaluation.intervals.bootstrap import MOST_UNITS, draws, groups_of, resamples_for
from sluice.evaluation.intervals.interval import Floats, Integers

LEVEL = 0.95

Values = dict[str, float]


def measure(path: Path) -> Values:
    """Return estimates of all metrics, and bounds of F1 and log loss, of the whole and of each region."""
    frame = pd.read_parquet(path)
    found: Values = {}
    for part in ("whole", *range(REGIONS)):
        rows = frame if part == "whole" else frame[frame["region"] == part]
        name = part if part == "whole" else f"region {part}"
        found |= {f"{name} {key}": value for key, value in _measured(rows)}
    return found


def _measured(rows: pd.DataFrame) -> Iterator[tuple[str, float]]:
    truth = rows["label"]
    for metric, score in (("accuracy", accuracy_score), ("rocAuc", roc_auc_score)):
        values = [
            score(truth, _guess(rows[name]) if metric == "accuracy" else rows[name]) for _, name in MODELS.values()
        ]
        for what, value in zip((*MODELS, "difference"), (*values, values[0] - values[1]), strict=True):
            yield f"{metric} {what} estimate", value
    group = _groups(len(rows))
    estimates = _weighted(rows, None)
    drawn = np.array(
        [
            _weighted(rows, weights[group])
            for chunk in draws(int(group.max()) + 1, resamples_for(LEVEL))
            for weights in chunk
        ]
    )
    without = _without(rows, group)
    for place, metric in enumerate(("f1", "logLoss")):
        parts = [_with_difference(one[..., place, :]) for one in (estimates, drawn, without)]
        for what, estimate, spread, jackknife in zip((*MODELS, "difference"), *(one.T for one in parts), strict=True):
            bounds = bca(float(estimate), spread, jackknife, LEVEL)
            for kind in ("estimate", "lower", "upper"):
                yield f"{metric} {what} {kind}", getattr(bounds, kind)


def _weighted(rows: pd.DataFrame, weights: Floats | None) -> Floats:
    """Return F1 and log loss (rows) of both models (columns)."""
    truth, scores = rows["label"], [rows[column] for _, column in MODELS.values()]
    return np.array(
        [
            [f1_score(truth, _guess(one), sample_weight=weights) for one in scores],
            [log_loss(truth, one, sample_weight=weights) for one in scores],
        ]
    )


def _without(rows: pd.DataFrame, group: Integers) -> Floats:
    """Return the same without each group in turn (groups, 2, 2), from sums by group."""
    truth = rows["label"] == 1
    found = []
    for _, column in MODELS.values():
        chosen, scores = rows[column] >= 0.5, rows[column]
        terms = {
            "hits": truth & chosen,
            "mistakes": truth != chosen,
            "loss": -np.log(scores.where(truth, 1 - scores)),
            "items": 1,
        }
        sums = pd.DataFrame(terms, index=rows.index).groupby(group).sum()
        rest = sums.sum() - sums
        found.append([2 * rest["hits"] / (2 * rest["hits"] + rest["mistakes"]), rest["loss"] / rest["items"]])
    return np.asarray(np.array(found).transpose(2, 1, 0))


def _groups(items: int) -> Integers:
    """Return the group of each item: those that Sluice draws."""
    groups = groups_of(items, None, MOST_UNITS)
    return np.arange(items) if groups is None else groups


def _guess(scores: Any) -> Any:  # noqa: ANN401 -- pandas
    return (scores >= 0.5).astype(np.int8)


def _with_difference(values: Floats) -> Floats:
    return np.concatenate([values, values[..., :1] - values[..., 1:]], axis=-1)
