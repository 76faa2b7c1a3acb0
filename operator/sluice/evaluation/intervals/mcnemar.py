"""Is one of two models the more often right? Source: McNemar, Psychometrika 12 (1947), exact form."""

from scipy.special import bdtr


def mcnemar_exact(first_only: int, second_only: int) -> float:
    """Return the two-sided p-value of "neither is the more frequent", from the discordant pairs."""
    discordant = first_only + second_only
    return min(1.0, 2 * float(bdtr(min(first_only, second_only), discordant, 0.5)))
