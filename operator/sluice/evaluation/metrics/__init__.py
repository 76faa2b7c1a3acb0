"""The metrics, one file each: a module here with `NAME` and `measure` is known to plans by that name.

`measure(labels, predicted, params)` says which items count and on which of them the thing happened.
"""

from collections.abc import Mapping, Sequence
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol

from sluice.evaluation.metrics.share import Share


class ShareMetric(Protocol):
    """A metric that is a share of items. A prediction of None is an item on which the model raised an error."""

    def __call__(self, labels: Sequence[str], predicted: Sequence[str | None], params: Mapping[str, str], /) -> Share:
        """Return which items count and on which of them the thing happened."""


def _discover() -> dict[str, ShareMetric]:
    modules = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
    return {module.NAME: module.measure for module in modules if hasattr(module, "NAME")}


METRICS: Mapping[str, ShareMetric] = _discover()
