"""What a metric sees of one model: its answers beside the truth, and clear words where they are not what it needs."""

from dataclasses import dataclass, replace
from typing import NoReturn

import numpy as np

from sluice.evaluation.classes import Classes
from sluice.evaluation.intervals.interval import Booleans, Floats
from sluice.evaluation.scores import AskedAgain, Scores
from sluice.evaluation.truth import Truth

_SUM_TOLERANCE = 0.01


@dataclass(frozen=True, kw_only=True)
class Answers(Truth):
    """One model's answers on one data set."""

    scores: Scores
    reference: Scores | None
    """What the champion said; the champion's own when this is it."""
    arm: str

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
    def numbers(self) -> Floats:
        """The predicted numbers; NaN where the model failed."""
        if self.scores.numbers is None:
            what = f"needs one number an item from the {self.arm}, which gives something else"
            self.refuse("ScoresMissing", f"{what}: does the plan name the right model or metric?")
        return self.scores.numbers

    def distances(self) -> Floats:
        """Return how far each predicted number is from the true one; failed items are as far as any, and far."""
        found = np.abs(self.numbers - self.true_numbers)
        worst = max(float(np.ptp(self.true_numbers)), float(np.max(found, where=~np.isnan(found), initial=0.0)))
        return np.where(np.isnan(found), worst, found)

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
