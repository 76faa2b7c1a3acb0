"""The closed set of verdicts, of which only `Pass` passes, and what a verdict weighs."""

from enum import StrEnum


class Verdict(StrEnum):
    """The outcome of one gate or one live metric."""

    PASS = "Pass"  # noqa: S105 -- a verdict, not a password
    """The rule holds, and that is proved to the confidence asked for."""
    FAIL = "Fail"
    """The rule is broken, and that is proved."""
    INCONCLUSIVE = "Inconclusive"
    """Neither is proved."""
    NO_DATA = "NoData"
    """Too little was seen to judge."""
    ERROR = "Error"
    """It could not be judged."""


UNSEEN = frozenset({Verdict.NO_DATA, Verdict.ERROR})
"""Verdicts that rest on nothing."""


class Severity(StrEnum):
    """What an offline gate weighs."""

    BLOCKING = "Blocking"
    """Without its `Pass` the candidate gets no traffic."""
    ADVISORY = "Advisory"
    """It is judged and reported, and stops nothing."""
