"""The source package that the reviews come in: downloaded once, verified, kept in the user's cache.

`python -m examples.sentiment.source` fetches it; what follows needs no network.
"""

from pathlib import Path

from examples import packages
from examples.packages import Package, cache_folder

__all__ = ["cache_folder", "fetch"]

REVIEWS = Package(
    requirement="vaderSentiment==3.3.2",
    file="vaderSentiment-3.3.2.tar.gz",
    sha256="5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9",
    options=("--no-binary", ":all:"),
)


def fetch(folder: Path) -> Path:
    """Return the verified source package, downloaded with pip unless it is in `folder`."""
    return packages.fetch(REVIEWS, folder)


if __name__ == "__main__":
    print(fetch(cache_folder()))
