"""What a metric sees of one model: its answers beside the truth, and clear words where it needs what is not there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

import numpy as np

from sluice.evaluation.classes import Classes
from sluice.evaluation.dataset import LoadedDataset
from sluice.evaluation.failure import EvaluationFailure
from sluice.evaluation.intervals.interval import Booleans, Floats, Integers
from sluice.evaluation.scores import AskedAgain, Scores

_SUM_TOLERANCE = 0.01


@dataclass(frozen=True, kw_only=True)
class Answers:
    """One model's answers on one data set."""

    data: LoadedDataset
    scores: Scores
    reference: Scores | None
    """What the champion said; the champion's own when this is it."""
    arm: str
    gate: str

    @property
    def labels(self) -> Classes:
        """The true classes."""
        return self.data.labels

    @property
    def predicted(self) -> Classes:
        """The predicted classes; none where the model failed."""
        return self.scores.predicted

    @property
    def failed(self) -> Booleans:
        """Items on which the model raised an error."""
        return self.scores.predicted.missing

    @property
    def right(self) -> Booleans:
        """Items whose predicted class is the true one."""
        return self.predicted.like(self.labels)

    @property
    def champion(self) -> "Answers | None":
        """What the champion said of the same items; None without one."""
        return None if self.reference is None else replace(self, scores=self.reference, arm="champion")

    def reference_predicts(self, name: str) -> Booleans:
        """Return the items that the champion predicts as a class; without a champion there are none."""
        known = self.reference
        return np.zeros(len(self.data), dtype=np.bool_) if known is None else known.predicted.are(name)

    def again(self, perturbation: str, column: str) -> AskedAgain:
        """Return what the model said of changed texts."""
        found = self.scores.again.get(AskedAgain.key(perturbation, column))
        if found is None:
            self.refuse("AnswersMissing", f"needs the {self.arm}'s answers on changed texts, which are not there")
        return found

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
    def raters(self) -> Sequence[Classes]:
        """What each rater said; no class where they said nothing."""
        if not self.data.raters:
            self.refuse("RatersMissing", "needs raters: name their columns as columns.raters of the data set")
        return self.data.raters

    @property
    def queries(self) -> Integers:
        """Numbers of the items' queries from 0."""
        if self.data.queries is None:
            self.refuse("QueryMissing", "needs a query of each item: name the column as columns.query of the data set")
        return self.data.queries

    @property
    def truth(self) -> Floats:
        """The true numbers."""
        if self.data.numbers is None:
            what = (
                f"needs numbers in column {self.data.source.label!r} of data set {self.data.source.name}: it has text"
            )
            self.refuse("LabelNotNumeric", what)
        return self.data.numbers

    @property
    def numbers(self) -> Floats:
        """The predicted numbers; NaN where the model failed."""
        if self.scores.numbers is None:
            what = f"needs one number an item from the {self.arm}, which gives something else"
            self.refuse("ScoresMissing", f"{what}: does the plan name the right model or metric?")
        return self.scores.numbers

    @property
    def relevance(self) -> Floats:
        """The true relevance of results: numbers from 0."""
        if (self.truth < 0).any():
            what = f"needs relevance from 0 up in column {self.data.source.label!r} of data set {self.data.source.name}"
            self.refuse("LabelInvalid", f"{what}: it has numbers below")
        return self.truth

    def distances(self) -> Floats:
        """Return how far each predicted number is from the true one; failed items are as far as any, and far."""
        found = np.abs(self.numbers - self.truth)
        worst = max(float(np.ptp(self.truth)), float(np.max(found, where=~np.isnan(found), initial=0.0)))
        return np.where(np.isnan(found), worst, found)

    @property
    def sizes(self) -> Floats:
        """The true numbers without sign; none is 0."""
        found = np.abs(self.truth)
        if not found.all():
            what = f"divides by the numbers in column {self.data.source.label!r} of data set {self.data.source.name}"
            self.refuse("LabelInvalid", f"{what}, and {int((found == 0).sum()):,} of them are 0: use mae")
        return found

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

    def ranking_scores(self, name: str, positive: Booleans) -> Floats:
        """Return the scores for a class; an item on which the model failed is where it hurts: last, or first."""
        scores = self._column(name)
        return np.where(np.isnan(scores), np.where(positive, -np.inf, np.inf), scores)

    def probabilities(self) -> tuple[tuple[str, ...], Floats]:
        """Return the classes and a row of probabilities an item, of NaN where the model failed."""
        if self.scores.probabilities is None:
            self._refuse_classes()
        found = np.array(list(self.scores.probabilities.values()))
        if (found < 0).any() or (found > 1).any() or (np.abs(found.sum(axis=0) - 1) > _SUM_TOLERANCE).any():
            what = f"needs probabilities, and the {self.arm}'s scores are not from 0 to 1 with a sum of 1 an item"
            self.refuse("ScoresInvalid", f"{what}: have the model return probabilities")
        return tuple(self.scores.probabilities), found.T

    def _column(self, name: str) -> Floats:
        known = self.scores.probabilities
        if known is None:
            self._refuse_classes()
        if name not in known:
            what = f"needs scores for class {name!r}, and the {self.arm} scores {', '.join(known)[:200]}"
            self.refuse("ClassUnknown", f"{what}: is params.class one of these?")
        return known[name]

    def _refuse_classes(self) -> NoReturn:
        what = (
            f"needs a score for each class, and the {self.arm} gives none that names its classes: return a frame with"
        )
        more = "one column a class, or log the model with metadata={'classes': [...]} in the order of its scores"
        self.refuse("ScoresMissing", f"{what} {more}")

    def refuse(self, reason: str, what: str) -> NoReturn:
        """Say that the gate cannot be measured, and why. Raises EvaluationFailure."""
        raise EvaluationFailure(reason, f"gate {self.gate} {what}", field=f"spec.evaluation.gates[{self.gate}]")
