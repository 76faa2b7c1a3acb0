"""`python -m lab.images [NAME…]` builds all images, or the named ones and what they stand on."""

from __future__ import annotations

import sys

from lab.images import build, build_all
from lab.system import LabError, Progress


def main(names: list[str]) -> int:
    """Build, then print each image with the size of its file."""
    try:
        images = build(names, Progress()) if names else build_all(Progress())
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    for image in images:
        print(f"{image.archive.stat().st_size / 2**20:8.1f} MiB  {image.ref}  {image.archive}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
