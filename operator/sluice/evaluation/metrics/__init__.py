"""The metrics, one file each: a module here with `NAME` and `measure` is known to plans by that name.

`measure(answers, params)` says what the metric comes to for one model, in a kind of `outcomes` that knows its bounds.
`NEEDS`, where a metric has one, is what it needs of the true labels.
"""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Protocol

from sluice.evaluation.answers import Answers
from sluice.evaluation.outcomes import Outcome
from sluice.evaluation.truth import Needs


class Metric(Protocol):
    """A metric. Raises EvaluationFailure where the data or the model cannot give it."""

    def __call__(self, answers: Answers, params: Mapping[str, str], /) -> Outcome:
        """Return what it comes to for one model."""


def _discover() -> dict[str, Any]:
    modules = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
    return {module.NAME: module for module in modules if hasattr(module, "NAME")}


_MODULES = _discover()
METRICS: Mapping[str, Metric] = {name: module.measure for name, module in _MODULES.items()}
NEEDS: Mapping[str, Needs] = {name: module.NEEDS for name, module in _MODULES.items() if hasattr(module, "NEEDS")}
