"""The states of a candidate's metrics where their text is expected: written only when somebody reads it."""

from collections.abc import Mapping
from functools import cached_property

from typing_extensions import override

from sluice.core.analysis.checkpoint import dumps
from sluice.core.analysis.state import State


class States:
    """In memory the states themselves, so that a look need not write and read them."""

    def __init__(self, by_metric: Mapping[str, State]) -> None:
        self.by_metric = by_metric

    @override
    def __eq__(self, other: object) -> bool:
        """Return whether it is the same checkpoint, written or not."""
        if isinstance(other, States):
            return self is other or self.by_metric == other.by_metric
        return self.text == other

    @override
    def __hash__(self) -> int:
        return hash(self.text)

    @cached_property
    def text(self) -> str:
        """The states as a checkpoint holds them."""
        return dumps(self.by_metric)
