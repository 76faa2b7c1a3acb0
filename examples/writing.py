"""The command line of examples whose models and data sets are written to a folder."""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

from examples.models import quiet


def write_to_folder(
    description: str | None, default: Path, write_all: Callable[[Path], Mapping[str, str]], ending: str
) -> None:
    """Write everything and say where the data sets are, with their digests; `ending` is that of their files."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--out", type=Path, default=default, help="folder for models and data sets")
    out: Path = parser.parse_args().out
    quiet()
    for name, digest in write_all(out).items():
        print(f"{out / name}{ending} {digest}")
