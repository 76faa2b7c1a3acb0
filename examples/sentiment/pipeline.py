"""From words to classes: the untrained pipeline that every version is trained from."""

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

MAX_WORDS = 256
NEGATIONS = frozenset({"no", "not", "never", "nothing", "without", "hardly", "cannot"})
SCOPE = 3
"""How many words after a negation are taken as negated."""


def pipeline(class_weight: dict[str, float] | None, *, negation: bool = False) -> Pipeline:
    """Return the untrained model: TF-IDF of words and pairs of words, then logistic regression.

    Solved by Newton's method to a tight tolerance: the optimum, and so every count in the tests, is then the same on
    any number of threads. (L-BFGS at its default tolerance stops early, at a place that depends on the rounding.)
    """
    words = TfidfVectorizer(
        ngram_range=(1, 2), min_df=2, sublinear_tf=True, preprocessor=mark_negation if negation else None
    )
    classes = LogisticRegression(C=4, class_weight=class_weight, solver="newton-cg", tol=1e-8, max_iter=1000)
    return make_pipeline(words, classes)


def mark_negation(text: str) -> str:
    """Return the text with the words in the scope of a negation marked, so that "not good" is not "good"."""
    words = text.lower().split()
    negated = np.zeros(MAX_WORDS, dtype=bool)
    for place, word in enumerate(words):
        if word in NEGATIONS or word.endswith("n't"):
            negated[place + 1 : place + 1 + SCOPE] = True
    return " ".join(f"{word}_NEG" if negated[place] else word for place, word in enumerate(words))
