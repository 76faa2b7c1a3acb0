"""The closed set of verdicts: only `Pass` passes."""

from enum import StrEnum


class Verdict(StrEnum):
    """The outcome of one gate or one live metric."""

    PASS = "Pass"  # noqa: S105 -- a verdict, not a password
    FAIL = "Fail"
    INCONCLUSIVE = "Inconclusive"
    NO_DATA = "NoData"
    ERROR = "Error"
