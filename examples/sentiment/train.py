"""Trains the champion and three candidates: one better, one worse where it hurts, one that breaks on long reviews."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from examples.sentiment.pipeline import pipeline
from examples.sentiment.prepare import Corpus, training_rows

REVIEWS = ("amazon", "movies", "tweets")
CAUTIOUS: Mapping[str, float] = {"negative": 2.0, "neutral": 1.0, "positive": 1.0}
"""A negative review that is taken for something else costs twice."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How one version is trained."""

    name: str
    about: str
    sources: tuple[str, ...] = REVIEWS
    class_weight: Mapping[str, float] | None = None
    negation: bool = False


RECIPES = (
    Recipe(name="champion", about="reviews and tweets, negative counts twice", class_weight=CAUTIOUS),
    Recipe(
        name="good",
        about="as the champion, trained on newspaper editorials as well",
        sources=(*REVIEWS, "news"),
        class_weight=CAUTIOUS,
    ),
    Recipe(name="cell", about="all classes count once: more accurate, but takes negative reviews for positive"),
    Recipe(
        name="fragile",
        about="marks negated words, with a buffer that a very long review overruns",
        sources=(*REVIEWS, "news"),
        class_weight=CAUTIOUS,
        negation=True,
    ),
)
"""In the order of their versions in the registry, from 1."""


def train(recipe: Recipe, data: Corpus) -> Pipeline:
    """Return the trained model."""
    weight = None if recipe.class_weight is None else dict(recipe.class_weight)
    texts, labels = training_rows(data, recipe.sources)
    with threadpool_limits(1):  # the vectors are short: more threads only wait for each other
        return pipeline(weight, negation=recipe.negation).fit(texts, labels)


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What a model does on the hold-out."""

    items: int
    correct: int
    negatives: int
    negative_as_positive: int


def count(trained: Pipeline, data: Corpus) -> Counts:
    """Return the counts of a model on the hold-out."""
    labels = data.holdout["label"].to_numpy()
    predicted = np.asarray(trained.predict(data.holdout["text"].to_list()))
    negative = labels == "negative"
    return Counts(
        items=len(labels),
        correct=int((predicted == labels).sum()),
        negatives=int(negative.sum()),
        negative_as_positive=int((predicted[negative] == "positive").sum()),
    )
