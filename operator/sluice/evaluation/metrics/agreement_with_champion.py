"""Agreement with the champion: the share of items of which both models predict the same class, be it right or wrong.

An item on which the candidate failed is not agreed on; one on which the champion failed does not count. The champion
agrees with itself on all. Without a champion no item counts. Source: one minus the churn of Milani Fard et al.,
"Launch and Iterate: Reducing Prediction Churn" (NIPS 2016).
"""

from collections.abc import Mapping

import numpy as np

from sluice.evaluation.answers import Answers
from sluice.evaluation.outcomes import Share

NAME = "agreementWithChampion"


def measure(answers: Answers, params: Mapping[str, str], /) -> Share:  # noqa: ARG001 -- it has no parameters
    """Return which items are agreed on; those that the champion answered count."""
    champion = answers.champion
    if champion is None:
        nothing = np.zeros(len(answers.data), dtype=np.bool_)
        return Share(nothing, nothing)
    return Share(answers.predicted.like(champion.predicted), ~champion.failed, answers.clusters)
