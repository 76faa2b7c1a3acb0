"""The alternatives that evidence against a candidate is spread over, and how likely each is held before any data.

Found by simulation (`benchmarks/analysis`): few points suffice, as neighbours find each other's faults, and so
the mass lies where it takes longest: at a third more to five times as bad. Beyond that any point finds a fault soon.
Later starts look for faults that are to be found soon: of slight ones the first start knows more.
"""

from math import log

POINTS = (1.15, 1.35, 1.6, 2.0, 2.8, 4.5, 8.0, 16.0)
"""Multiples of the null ratio."""
_MASSES = (1.0, 3.0, 4.0, 4.0, 3.0, 4.0, 1.0, 0.5)
_LATE_MASSES = (0.3, 1.0, 3.0, 4.5, 4.5, 4.0, 2.0, 1.0)
PRIOR = tuple(mass / sum(_MASSES) for mass in _MASSES)
LATE_PRIOR = tuple(mass / sum(_LATE_MASSES) for mass in _LATE_MASSES)
LOG_PRIOR = tuple(map(log, PRIOR))
LOG_LATE_PRIOR = tuple(map(log, LATE_PRIOR))
STAKES = (0.03, 0.05, 0.08, 0.12, 0.2, 0.35, 0.55, 0.8)
"""The part of the wealth that a bet on the candidate's own rate stakes, where the likelihood is not to be trusted."""
