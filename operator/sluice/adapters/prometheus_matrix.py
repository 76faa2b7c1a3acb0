"""Prometheus's JSON as series: each is made compact as soon as it is parsed, so that a large answer costs little."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite
from typing import Any

from sluice.core.analysis.samples import Series
from sluice.ports import Unavailable

NOT_PROMETHEUS = "its answer is not Prometheus's JSON"


@dataclass(frozen=True, slots=True)
class Found:
    """One series of an answer. A native histogram has no samples that a counter could have."""

    series: Series
    native: bool = False


@dataclass(frozen=True, slots=True)
class Matrix:
    """A whole answer, and how many bytes it took."""

    found: Sequence[Found]
    size: int


def matrix(body: bytearray) -> Matrix:
    """Return what a successful, complete answer of raw samples holds. Raises Unavailable for anything else."""
    try:
        document = json.loads(body, object_hook=_piece)
        data = document["data"]
        whole = document["status"] == "success" and data["resultType"] == "matrix"
        partial = bool(document.get("warnings") or document.get("isPartial"))
        found = data["result"]
    except (ValueError, OverflowError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Unavailable(NOT_PROMETHEUS, reason="NotPrometheus") from error
    if not whole or not isinstance(found, list) or not all(isinstance(one, Found) for one in found):
        raise Unavailable(NOT_PROMETHEUS, reason="NotPrometheus")
    if partial:
        raise Unavailable("it warns that its answer is partial", reason="PartialAnswer")
    return Matrix(found, len(body))


def _piece(raw: dict[str, Any]) -> object:
    """Turn a series into its compact form. What it is tells the kind of `metric`: a label's value is always text."""
    labels = raw.get("metric")
    if not isinstance(labels, dict):
        return raw
    return Found(Series(labels, _samples(raw.get("values") or ())), native="histograms" in raw)


def _samples(values: Sequence[Sequence[Any]]) -> tuple[tuple[float, float], ...]:
    """Return samples in the order of their times, one a time: the last that was given."""
    samples, last, ordered = [], -inf, True
    for one, text in values:
        time = float(one)
        samples.append((time, float(text)))
        ordered = ordered and last < time < inf
        last = time
    if ordered:
        return tuple(samples)
    if not all(isfinite(time) for time, _ in samples):
        raise ValueError("a time that is none")
    return tuple(sorted(dict(samples).items()))
