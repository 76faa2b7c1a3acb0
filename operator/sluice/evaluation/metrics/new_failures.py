"""New failures: how many cases of a challenge set the champion passes and the candidate fails.

Source: the regression set of a release: what was right once must stay right, whatever else gets better; see also the
negative flips of Yan et al., "Positive-Congruent Training" (CVPR 2021). Without a champion no case counts.
"""

from collections.abc import Mapping

from sluice.evaluation.challenges.answers import CaseAnswers
from sluice.evaluation.outcomes import Counted

NAME = "newFailures"


def measure(answers: CaseAnswers, params: Mapping[str, str], /) -> Counted:  # noqa: ARG001 -- it has no parameters
    """Return the number of cases."""
    if answers.reference is None:
        return Counted(value=0.0, items=0, compared=False)
    return Counted(value=float((answers.reference & ~answers.passed).sum()), items=len(answers.passed), compared=False)
