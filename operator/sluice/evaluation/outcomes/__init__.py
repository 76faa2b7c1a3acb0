"""What metrics come to, by kind: each kind knows how its bounds, and those of a paired difference, are made."""

from sluice.evaluation.outcomes.area import Area
from sluice.evaluation.outcomes.counted import Counted
from sluice.evaluation.outcomes.curve import Curve
from sluice.evaluation.outcomes.found import Found, Outcome
from sluice.evaluation.outcomes.rows import Full, Placed
from sluice.evaluation.outcomes.share import Share
from sluice.evaluation.outcomes.share_mean import ShareMean
from sluice.evaluation.outcomes.sums import Sums, mean_of

__all__ = ["Area", "Counted", "Curve", "Found", "Full", "Outcome", "Placed", "Share", "ShareMean", "Sums", "mean_of"]
