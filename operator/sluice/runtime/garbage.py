"""Python's collector of reference cycles, set for a process that makes many values and hardly any cycles.

What the analysis remembers of each candidate is replaced with every look: millions of small values an hour, all freed
by their reference counts. Counting allocations, the collector would look through all of memory every few seconds, and
nobody could be judged meanwhile.
"""

import gc

ALLOCATIONS = 50_000
"""So many more values than were freed, and the youngest are looked through (Python's default: 700)."""
YOUNG, OLD = 20, 50
"""So many looks at the youngest before those that outlived one are looked at, and so many of these before all are."""


def settle() -> None:
    """Leave aside what is there for good, modules above all, and look at the rest less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(ALLOCATIONS, YOUNG, OLD)
