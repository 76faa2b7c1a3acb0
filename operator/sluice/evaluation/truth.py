"""What a metric sees of a data set: what is true of its items, and clear words where it needs what is not there.

`NEEDS` of a metric is one of the functions here: it is asked as soon as a data set is read, before any model is loaded.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn, TypeAlias

import numpy as np

from sluice.evaluation.classes import Classes
from sluice.evaluation.dataset import LoadedDataset
from sluice.evaluation.failure import EvaluationFailure
from sluice.evaluation.intervals.interval import Booleans, Floats, Integers


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What is true of the items of one data set, for one gate."""

    data: LoadedDataset
    gate: str

    @property
    def labels(self) -> Classes:
        """The true classes."""
        return self.data.labels

    @property
    def clusters(self) -> Integers | None:
        """Numbers of the items' clusters from 0; None when each item stands for itself."""
        return self.data.clusters

    @property
    def seen(self) -> Floats:
        """How alike the most similar item of the training data is; NaN for an item without a text."""
        if self.data.seen is None:
            self.refuse("TrainingMissing", "needs a digest list: name it as training of the data set")
        return self.data.seen

    @property
    def queries(self) -> Integers:
        """Numbers of the items' queries from 0."""
        if self.data.queries is None:
            self.refuse("QueryMissing", "needs a query of each item: name the column as columns.query of the data set")
        return self.data.queries

    @property
    def true_numbers(self) -> Floats:
        """The labels as numbers."""
        if self.data.numbers is None:
            what = (
                f"needs numbers in column {self.data.source.label!r} of data set {self.data.source.name}: it has text"
            )
            self.refuse("LabelNotNumeric", what)
        return self.data.numbers

    @property
    def sizes(self) -> Floats:
        """The true numbers without sign; none is 0."""
        found = np.abs(self.true_numbers)
        if not found.all():
            what = f"divides by the numbers in column {self.data.source.label!r} of data set {self.data.source.name}"
            self.refuse("LabelInvalid", f"{what}, and {int((found == 0).sum()):,} of them are 0: use mae")
        return found

    @property
    def raters(self) -> Sequence[Classes]:
        """What each rater said; no class where they said nothing."""
        if not self.data.raters:
            self.refuse("RatersMissing", "needs raters: name their columns as columns.raters of the data set")
        return self.data.raters

    @property
    def relevance(self) -> Floats:
        """The true relevance of results: numbers from 0."""
        if (self.true_numbers < 0).any():
            what = f"needs relevance from 0 up in column {self.data.source.label!r} of data set {self.data.source.name}"
            self.refuse("LabelInvalid", f"{what}: it has numbers below")
        return self.true_numbers

    def classes(self) -> tuple[str, ...]:
        """Return the true classes; there are at least two."""
        names = tuple(self.labels.present)
        if len(names) == 1:
            what = f"compares classes, and data set {self.data.source.name} has items of {names[0]!r} only"
            self.refuse("OneClassOnly", f"{what}: add items of the other classes, or use accuracy")
        return names

    def is_of(self, name: str) -> Booleans:
        """Return which items are of a class; some must be, and some must not."""
        positive = self.labels.are(name)
        count = int(positive.sum())
        if count in {0, len(positive)}:
            some = "no item" if not count else "nothing but items"
            what = f"compares class {name!r} with the others, and data set {self.data.source.name} has {some} of it"
            self.refuse("OneClassOnly", f"{what}: is params.class written as in column {self.data.source.label!r}?")
        return positive

    def refuse(self, reason: str, what: str) -> NoReturn:
        """Raise EvaluationFailure for the gate."""
        raise EvaluationFailure(reason, f"gate {self.gate} {what}", field=f"spec.evaluation.gates[{self.gate}]")


Needs: TypeAlias = Callable[[Truth, Mapping[str, str]], object]
"""Looks at what a metric needs of the truth. Raises EvaluationFailure where it is not there."""


def numbers(truth: Truth, params: Mapping[str, str]) -> object:
    """Labels are numbers."""
    del params
    return truth.true_numbers


def sizes(truth: Truth, params: Mapping[str, str]) -> object:
    """Labels are numbers other than 0."""
    del params
    return truth.sizes


def raters(truth: Truth, params: Mapping[str, str]) -> object:
    """Somebody rated the items."""
    del params
    return truth.raters


def relevance(truth: Truth, params: Mapping[str, str]) -> object:
    """Labels are the relevance of a query's results."""
    del params
    return truth.relevance, truth.queries


def several_classes(truth: Truth, params: Mapping[str, str]) -> object:
    """Labels are of two classes at least."""
    del params
    return truth.classes()


def class_and_others(truth: Truth, params: Mapping[str, str]) -> object:
    """Labels are of the gate's class, and of others."""
    return truth.is_of(params["class"])
