"""What the result document says of a challenge set: which set it was, and which cases failed; hidden ones as counts."""

from typing import Annotated

from pydantic import Field

from sluice.api.schema import DecimalString, Digest, FreeName, LabelName, Record

MOST_IDS = 50
"""So many cases are named, at most."""

CaseId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$")]
"""The name of a case, which status and reports show."""
Count = Annotated[int, Field(strict=True, ge=0, le=1_000_000_000_000)]
Ids = Annotated[tuple[CaseId, ...], Field(max_length=MOST_IDS)]


class FailedCases(Record):
    """Cases that failed: how many, and the names of the first that may be shown."""

    visible: Count
    """Number of cases that may be shown."""
    hidden: Count
    """Number of hidden cases: all that is ever said of them."""
    ids: Ids = ()
    """Names of the first of those that may be shown, in the order of the set."""


class ChallengeInfo(Record):
    """A challenge set that both models were asked."""

    name: LabelName
    """Name in the plan."""
    digest: Digest
    """Digest of the manifest that was read."""
    set_name: LabelName
    """Name in the manifest."""
    set_version: FreeName
    """Version in the manifest."""
    cases: Count
    """Number of cases."""
    hidden: Count
    """Number of hidden cases among them."""
    repeats: Annotated[int, Field(strict=True, ge=1, le=100)]
    """How often each case was asked."""
    min_pass_rate: DecimalString
    """The share of the repeats that had to be right."""
    failed: FailedCases
    """Cases that the candidate fails."""
    newly_failed: FailedCases | None = None
    """Those among them that the champion passes; null without a champion."""
