"""Contaminated share: of the items that have a text, the share whose text is in the training data, or almost so.

Almost: the Jaccard similarity of its shingles to those of some item of the training data, as MinHash estimates it, is
at least `similarity`. All items are looked at, so that the share is counted. Whatever models say has no part in it.
Source: Lee et al., "Deduplicating Training Data Makes Language Models Better" (ACL 2022).
"""

from collections.abc import Mapping

import numpy as np

from sluice.evaluation.answers import Answers
from sluice.evaluation.outcomes import Counted

NAME = "contaminatedShare"


def measure(answers: Answers, params: Mapping[str, str], /) -> Counted:
    """Return the share."""
    likeness = answers.seen[~np.isnan(answers.seen)]
    seen = int((likeness >= float(params["similarity"])).sum())
    return Counted(value=seen / max(1, len(likeness)), items=len(likeness), compared=False)
