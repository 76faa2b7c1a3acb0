"""Where a pinned file of a plan lies: in the registry's artifact store, in a named store, or on a volume.

A tenant's object names a store or a claim and what is in it, never a host: endpoints are the administrator's.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

_STEP = r"[A-Za-z0-9_=-][A-Za-z0-9._=-]*"
_INSIDE = rf"[a-z0-9]([-a-z0-9]{{0,61}}[a-z0-9])?/{_STEP}(/{_STEP})*"
PLACE: Final = rf"^(mlflow-artifacts:/[A-Za-z0-9._/=-]+|store://{_INSIDE}|pvc://{_INSIDE})$"

PlaceUri = Annotated[str, Field(min_length=1, max_length=1024, pattern=PLACE)]
"""A URI that `place_of` understands. No step of a path begins with a dot: none leads up."""


class PlaceKind(StrEnum):
    """Who keeps the file."""

    REGISTRY = "mlflow-artifacts"
    """The artifact store of the model's registry."""
    STORE = "store"
    """A store of the administrator's configuration."""
    VOLUME = "pvc"
    """A volume of the candidate's namespace, by its PersistentVolumeClaim."""


@dataclass(frozen=True)
class Place:
    """A URI in its parts."""

    kind: PlaceKind
    name: str
    """Of the store or the claim; empty for the registry."""
    path: str
    """Inside of it."""


def place_of(uri: str) -> Place:
    """Return the parts of a URI. Whatever names neither store nor claim is the registry's affair."""
    found = re.match(rf"^({PlaceKind.STORE}|{PlaceKind.VOLUME})://([^/]+)/(.+)$", uri)
    if found is None:
        return Place(PlaceKind.REGISTRY, "", uri)
    return Place(PlaceKind(found[1]), found[2], found[3])
