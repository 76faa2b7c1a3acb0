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
    actual, predicted = (sorted(set(side)) for side in zip(*costs, strict=True))
    table = np.zeros((len(actual) + 1, len(predicted) + 1))
    for (label, guess), cost in costs.items():
        table[actual.index(label), predicted.index(guess)] = cost
    rows = answers.labels.columns(actual)
    values = table[rows, answers.predicted.columns(predicted)]
    dear = np.array([*(dearest[label] for label in actual), 0.0])[rows]
    return mean_of(np.where(answers.failed, dear, values), (0.0, max(costs.values())), answers.clusters)
