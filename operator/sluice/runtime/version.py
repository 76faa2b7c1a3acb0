"""The version of this distribution."""

from importlib import metadata


def version() -> str:
    """Return the installed version, or "unknown" when run from a bare source tree."""
    try:
        return metadata.version("sluice-operator")
    except metadata.PackageNotFoundError:
        return "unknown"
