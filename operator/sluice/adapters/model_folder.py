"""The files of a model on disk, and the digest that pins them: one for the Job and for people's own machines."""

import hashlib
from pathlib import Path

from sluice.core.artifact_digest import artifact_digest


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file in hex. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def folder_digest(folder: Path) -> str:
    """Return the digest of a model's files: the one that the registry pins and the evaluation checks."""
    return artifact_digest(
        {path.relative_to(folder).as_posix(): file_digest(path) for path in folder.rglob("*") if path.is_file()}
    )
