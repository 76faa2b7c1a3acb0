"""Agreement of a model with those who rated the items, beyond what chance gives: 1 - disagreement seen / by chance.

`Cohen`: of the model with the raters, over all pairs of its answer and one of theirs: with one rater, Cohen's kappa.
`Fleiss`: of all together, the model as one more rater; each rates each item. `Krippendorff`: the same, for classes
without order (nominal), where raters may have left items out. With many raters the last two say more of the raters
than of the model. An item that nobody rated does not count; one on which the model failed is agreed on by nobody.
Bounds: bootstrap over items. Sources: Cohen, Educational and Psychological Measurement 20 (1960) 37; Fleiss,
Psychological Bulletin 76 (1971) 378; Krippendorff, Content Analysis (2004), chapter 11.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from sluice.evaluation import truth
from sluice.evaluation.answers import Answers
from sluice.evaluation.intervals.interval import Floats
from sluice.evaluation.outcomes import Sums
from sluice.evaluation.ratings import Rated, Ratings, pairs, ratings_of, together

NAME = "agreement"
NEEDS = truth.raters


def measure(answers: Answers, params: Mapping[str, str], /) -> Sums:
    """Return what each item adds to the coefficient."""
    said, coefficient = ratings_of(answers), params["coefficient"]
    gaps = len(said.model) - int((said.raters_of == len(said.raters)).sum())
    if coefficient == "Fleiss" and gaps:
        what = f"needs each rater's word on each item for Fleiss, and {gaps:,} items lack one"
        answers.refuse("RatingMissing", f"{what}: use Krippendorff, which does without")
    found = _COEFFICIENTS[coefficient](said)
    if found.denominator and not np.isfinite(found.at(found.rows.total)):
        what = f"compares classes, and everybody says the same of all items of data set {answers.data.source.name}"
        answers.refuse("OneClassOnly", f"{what}: add items of other classes")
    return replace(found, clusters=answers.clusters)


def _cohen(said: Ratings) -> Sums:
    usual, nobody = said.usual(), np.zeros(1)
    low, high = (np.concatenate([agreed, usual, usual]) for agreed in (nobody, usual.sum(keepdims=True)))
    return _sums(Rated(said, pairs, 1 + 2 * said.classes), _of_pairs, (low, high))


def _of_all(said: Ratings, lost: int) -> Sums:
    usual, speak = said.usual(), 1 + said.usual().sum()
    most = speak**2 * (1 - 1 / min(said.classes, max(2, int(speak)))) / max(1, speak - 1)
    shares = usual * speak / max(1, speak - 1)
    low, high = (np.append(disagreement, shares) for disagreement in (most, 0.0))
    return _sums(Rated(said, together, 1 + said.classes), partial(_of_votes, lost=lost), (low, high))


_COEFFICIENTS: Mapping[str, Callable[[Ratings], Sums]] = {
    "Cohen": _cohen,
    "Fleiss": partial(_of_all, lost=0),
    "Krippendorff": partial(_of_all, lost=1),
}


def _sums(rows: Rated, value: Callable[[Floats], Floats], extremes: tuple[Floats, Floats]) -> Sums:
    count = int(rows.counted.sum())
    return Sums(rows=rows, value=value, extremes=extremes, limits=(-1.0, 1.0), denominator=count)


def _of_pairs(sums: Floats) -> Floats:
    classes = (sums.shape[-1] - 1) // 2
    model, raters = sums[..., 1 : 1 + classes], sums[..., 1 + classes :]
    count = model.sum(axis=-1)
    by_chance = (model * raters).sum(axis=-1) / count
    return np.asarray((sums[..., 0] - by_chance) / (count - by_chance))


def _of_votes(sums: Floats, lost: int) -> Floats:
    """Return 1 - disagreement / that of so many votes paired at random; `lost`: whether with itself is left out."""
    votes = sums[..., 1:]
    count = votes.sum(axis=-1)
    by_chance = count**2 - (votes**2).sum(axis=-1)
    return np.asarray(1 - (count - lost) * sums[..., 0] / by_chance)
