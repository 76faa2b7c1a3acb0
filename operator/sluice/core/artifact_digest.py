"""The digest that pins a model's artifact, one definition for the registry adapter and for the evaluation Job."""

import hashlib
from collections.abc import Mapping

_ADDED_BY_DOWNLOADS = frozenset({"registered_model_meta"})
"""Files that MLflow's client writes beside an artifact that it downloads by `models:/`."""


def artifact_digest(files: Mapping[str, str]) -> str:
    """Return `sha256:` and the digest of an artifact given as relative POSIX path → SHA-256 of the file in hex.

    It is the SHA-256 of the sorted lines `<sha256 of the file>  <path>`, as `sha256sum` writes them.
    """
    lines = sorted(f"{digest}  {path}\n" for path, digest in files.items() if path not in _ADDED_BY_DOWNLOADS)
    return f"sha256:{hashlib.sha256(''.join(lines).encode()).hexdigest()}"
