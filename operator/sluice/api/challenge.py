"""Challenge sets in a plan: regression cases that a model must pass, pinned by the digest of their manifest."""

from typing import Annotated, ClassVar, Final, Self

from pydantic import Field, model_validator

from sluice.api.place import PlaceUri
from sluice.api.schema import DecimalString, Digest, LabelName, Model, decimal

_A_SHARE: Final = "perCase.minPassRate is a share of the repeats: above 0, and at most 1"


class PerCase(Model):
    """When a model passes a case."""

    repeats: Annotated[int, Field(strict=True, ge=1, le=100)] = 1
    """How often each case is asked: more than once for models that do not always say the same."""
    min_pass_rate: DecimalString = "1"  # noqa: S105 -- a share, not a password
    """The share of the repeats that must be right."""

    CEL: ClassVar = (("double(self.minPassRate) > 0.0 && double(self.minPassRate) <= 1.0", _A_SHARE),)

    @model_validator(mode="after")
    def _a_share(self) -> Self:
        if not 0 < decimal(self.min_pass_rate) <= 1:
            raise ValueError(_A_SHARE)
        return self


class ChallengeSet(Model):
    """A versioned set of cases: a manifest, which pins the cases that lie beside it."""

    name: LabelName
    """How gates refer to it, as their `dataset`."""
    uri: PlaceUri
    """Where its manifest lies: `mlflow-artifacts:/PATH`, `store://STORE/KEY` or `pvc://CLAIM/PATH`, as a data set.

    The cases lie beside it.
    """
    digest: Digest
    """SHA-256 of the manifest, which holds the digest of the cases: other bytes are refused, not judged."""
    per_case: PerCase = PerCase()
    """When a model passes a case."""
