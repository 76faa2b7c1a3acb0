"""Perturbation flip rate: of the items whose text was changed without changing what it says, the share that flips.

An item flips when another class is predicted than before. One on which the model failed, before or after, counts as
flipped. Source: the failure rate of invariance tests in Ribeiro et al., CheckList (ACL 2020).
"""

from collections.abc import Mapping

from sluice.evaluation.answers import Answers
from sluice.evaluation.outcomes import Share

NAME = "perturbationFlipRate"


def measure(answers: Answers, params: Mapping[str, str], /) -> Share:
    """Return which items flip; those whose text is not as it was count."""
    again = answers.again(params["perturbation"], params["column"])
    return Share(~answers.predicted.like(again.predicted), again.changed, answers.clusters)
