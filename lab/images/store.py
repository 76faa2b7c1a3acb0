"""Reading an image out of buildah's store: its configuration, and one folder of changes a layer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lab.images import buildah

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Stored:
    """An image in the store: OCI configuration, and its layers' folders from the lowest to the highest."""

    config: dict[str, Any]
    layers: tuple[Path, ...]

    def names(self) -> list[str]:
        """Return the store's own names of the layers."""
        return [folder.parent.name for folder in self.layers]


def read(ref: str) -> Stored:
    """Return the image of that name."""
    config = buildah.configuration(ref)
    home = buildah.store()
    top = _layer_of(json.loads((home / "overlay-images/images.json").read_text()), ref)
    parents = {
        layer["id"]: layer.get("parent") for layer in json.loads((home / "overlay-layers/layers.json").read_text())
    }
    chain: list[str] = []
    while top:
        chain.insert(0, top)
        top = parents[top]
    return Stored(config, tuple(home / "overlay" / layer / "diff" for layer in chain))


def _layer_of(images: list[dict[str, Any]], ref: str) -> str | None:
    (layer,) = (image["layer"] for image in images if ref in (image.get("names") or ()))
    return layer if isinstance(layer, str) else None
