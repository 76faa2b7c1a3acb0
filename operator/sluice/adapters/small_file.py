"""A person's file that is read whole: within a bound, and refused in words that name the next step."""

from dataclasses import dataclass
from pathlib import Path

from sluice.core.timeline import printable
from sluice.ports import NotFound, Rejected


@dataclass(frozen=True, kw_only=True)
class SmallFile:
    """What is asked of a file, and what to do where it is otherwise."""

    most_bytes: int
    missing: str
    """The cure where there is no such file."""
    unreadable: str
    """The cure where it cannot be read."""
    too_large: str
    """That it has more bytes, and the cure."""

    def content(self, path: Path) -> bytes:
        """Return a file's bytes. Raises NotFound or Rejected."""
        shown = printable(str(path))
        try:
            with path.open("rb") as file:
                found = file.read(self.most_bytes + 1)
        except FileNotFoundError as error:
            raise NotFound(f"there is no file {shown}: {self.missing}") from error
        except OSError as error:
            raise Rejected(f"{shown} cannot be read ({error.strerror}): {self.unreadable}") from error
        if len(found) > self.most_bytes:
            raise Rejected(f"{shown} {self.too_large}")
        return found
