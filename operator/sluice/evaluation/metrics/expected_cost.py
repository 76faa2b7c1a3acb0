"""Expected cost: the mean over the items of what their confusion costs, after `costs`; the rest costs nothing.

Bounds: bootstrap over items. An item that failed costs as much as the dearest prediction for its class.
Source: Elkan, 17th International Joint Conference on Artificial Intelligence (2001) 973.
"""

import json
from collections.abc import Mapping

import numpy as np

from sluice.evaluation.answers import Answers
from sluice.evaluation.outcomes import Sums, mean_of

NAME = "expectedCost"


def measure(answers: Answers, params: Mapping[str, str], /) -> Sums:
    """Return each item's cost."""
    costs = {(one["actual"], one["predicted"]): float(one["cost"]) for one in json.loads(params["costs"])}
    dearest = {actual: max(cost for (other, _), cost in costs.items() if other == actual) for actual, _ in costs}
    values = [
        dearest.get(label, 0.0) if guess is None else costs.get((label, guess), 0.0)
        for label, guess in zip(answers.data.labels, answers.scores.predicted, strict=True)
    ]
    return mean_of(np.array(values), (0.0, max(costs.values())), answers.clusters)
