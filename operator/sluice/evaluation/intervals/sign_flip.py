"""Could the mean of paired differences be chance? The sign-flip permutation test.

Source: Fisher, The Design of Experiments (1935) §21; with drawn flips the observed one counts as drawn, as in
Phipson and Smyth, Statistical Applications in Genetics 9 (2010), so that the p-value is never too small.
"""

from itertools import product

import numpy as np

from sluice.evaluation.intervals.interval import Floats

FLIPS = 9999
SEED = 20261124
_ALL_UP_TO = 12
_CELLS = 4_000_000


def sign_flip(differences: Floats) -> float:
    """Return the two-sided p-value of "each difference might as well be of the other sign".

    Up to 12 units that differ: all flips. More: `FLIPS` of them, seeded.
    """
    moving = differences[differences != 0]
    if not moving.size:
        return 1.0
    seen = abs(moving.sum()) * (1 - 1e-12)
    if moving.size <= _ALL_UP_TO:
        signs = np.array(list(product((-1.0, 1.0), repeat=moving.size)))
        return float(np.mean(np.abs(signs @ moving) >= seen))
    return (1 + _as_extreme(moving, seen)) / (1 + FLIPS)


def _as_extreme(moving: Floats, seen: float) -> int:
    """Return how many drawn flips are as extreme as what was seen, in chunks of bounded memory."""
    draw, left, extreme = np.random.default_rng(SEED), FLIPS, 0
    while left:
        rows = min(left, max(1, _CELLS // moving.size))
        flipped = draw.integers(0, 2, (rows, moving.size), dtype=np.int8).astype(np.float64) @ moving
        extreme += int(np.sum(np.abs(2 * flipped - moving.sum()) >= seen))
        left -= rows
    return extreme
