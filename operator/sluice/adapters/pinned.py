"""Files that somebody pinned by SHA-256: other bytes are refused before anybody reads them."""

from pathlib import Path

from sluice.adapters.model_folder import file_digest


def mismatch(path: Path, digest: str, *, what: str = "", pinned_by: str = "the plan") -> str:
    """Say how a file differs from what is pinned, and the cure; empty when it does not. Raises OSError."""
    found = f"sha256:{file_digest(path)}"
    if found == digest:
        return ""
    has = f"has a {what} with digest" if what else "has digest"
    return f"{has} {found}, {pinned_by} pins {digest}: pin the new file, or put the old one back"
