"""The lab's images, built offline from files and package registries, cached by the content of what goes into them.

`build_all(progress)` returns every image in an order in which they can be imported: an image's archive holds only the
layers that no earlier image has.
"""

from __future__ import annotations

from lab.images.archive import Image
from lab.images.builder import build, build_all

__all__ = ["Image", "build", "build_all"]
