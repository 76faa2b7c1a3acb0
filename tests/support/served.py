"""Traffic for the benchmarks' rules, written out by hand."""

from collections.abc import Sequence

import numpy as np

from benchmarks.analysis.traffic import Traffic


def served(
    candidate: Sequence[int],
    stable: Sequence[int] = (),
    *,
    requests: tuple[int, int] = (600, 5400),
    bin_seconds: float = 60.0,
) -> Traffic:
    """Build one run by the failures of each bin; the stable arm's are none unless said."""
    shape = (1, len(candidate))
    theirs = stable or [0] * len(candidate)
    return Traffic(
        bin_seconds,
        np.full(shape, float(requests[0])),
        np.array([candidate], dtype=float),
        np.full(shape, float(requests[1])),
        np.array([theirs], dtype=float),
    )
