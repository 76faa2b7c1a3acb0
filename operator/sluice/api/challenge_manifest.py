"""The manifest of a challenge set: a public, versioned JSON file that pins a JSON Lines file of cases beside it.

A line is one case: an `id`, what is expected, perhaps `hidden`, and the columns that the models get.
"""

from typing import Annotated, Final, Literal, Self

from pydantic import Field, ValidationError, model_validator

from sluice.api.evaluation_result import explain
from sluice.api.schema import Digest, FreeName, LabelName, Model

CHALLENGE_SCHEMA: Final = "sluice.dev/challenge-set/v1"
MANIFEST_LIMIT = 64 * 1024
"""Greatest size of a manifest in bytes."""
MOST_CASES = 100_000


class InvalidManifest(ValueError):  # noqa: N818 -- an outcome in our words
    """Bytes that are no manifest; the message names the field and is safe to show."""


class CaseColumns(Model):
    """Which keys of a case mean what; the models get the others."""

    id: FreeName = "id"
    """The key of the case's name, which no other case has."""
    expect: FreeName = "expect"
    """The key of the answer: a class, a list of classes of which any is right, or a number."""
    tolerance: FreeName = "tolerance"
    """The key of how far from the expected number an answer may be; with it, the answer is a number."""
    hidden: FreeName = "hidden"
    """The key that is true for a hidden case: it counts, and nothing shows it."""

    @model_validator(mode="after")
    def _differ(self) -> Self:
        if len(set(self.model_dump().values())) < len(type(self).model_fields):
            raise ValueError("columns must differ")
        return self


class CasesFile(Model):
    """The file of cases."""

    file: Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*\.jsonl$")]
    """Its name, beside the manifest."""
    digest: Digest
    """SHA-256 of its bytes."""
    count: Annotated[int, Field(strict=True, ge=1, le=MOST_CASES)]
    """Number of cases in it."""
    hidden: Annotated[int, Field(strict=True, ge=0, le=MOST_CASES)] = 0
    """Number of hidden cases among them."""


class ChallengeManifest(Model):
    """One version of a challenge set."""

    schema_version: Literal["sluice.dev/challenge-set/v1"]
    """Version of this format."""
    name: LabelName
    """Name of the set, the same for all its versions."""
    version: FreeName
    """Version of the set."""
    description: Annotated[str, Field(max_length=1024)] = ""
    """What its cases have in common."""
    columns: CaseColumns = CaseColumns()
    """Which keys of a case mean what."""
    cases: CasesFile
    """The cases."""


def parse_manifest(content: bytes) -> ChallengeManifest:
    """Return the manifest in `content`. Raises InvalidManifest for anything that is none."""
    if len(content) > MANIFEST_LIMIT:
        raise InvalidManifest(f"has {len(content)} bytes, allowed are {MANIFEST_LIMIT}")
    try:
        return ChallengeManifest.model_validate_json(content)
    except ValidationError as error:
        raise InvalidManifest(f"is no manifest of a challenge set: {explain(error)}") from None
    except (ValueError, RecursionError):
        raise InvalidManifest("is no manifest of a challenge set: not JSON") from None
