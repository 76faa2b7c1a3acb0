"""Pass rate: the share of the cases of a challenge set that the model passes.

A case is passed when enough of its repeats are right. The set is all there is, no sample of something: no interval.
Source: one minus the failure rate of minimum functionality tests in Ribeiro et al., CheckList (ACL 2020).
"""

from collections.abc import Mapping

from sluice.evaluation.challenges.answers import CaseAnswers
from sluice.evaluation.outcomes import Counted

NAME = "passRate"


def measure(answers: CaseAnswers, params: Mapping[str, str], /) -> Counted:  # noqa: ARG001 -- it has no parameters
    """Return the share of the cases."""
    return Counted(value=float(answers.passed.mean()), items=len(answers.passed))
