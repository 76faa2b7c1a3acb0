"""A log that grows, followed for the last word on how far its writer is."""

from pathlib import Path

from sluice.api.progress import Step, read_step

_MOST = 1 << 20
"""Of what was written since the last look, so many bytes are read: the last ones."""


class Followed:
    """A log. A model may write into it what it likes, and as much."""

    def __init__(self, path: Path) -> None:
        self._path, self._read = path, 0

    def step(self) -> Step | None:
        """Return the last step that was told since the last look; None where there is none."""
        with self._path.open("rb") as log:
            first = max(self._read, log.seek(0, 2) - _MOST)
            log.seek(first)
            content = log.read(_MOST)
        whole = content[: content.rfind(b"\n") + 1]
        self._read = first + len(whole)
        steps = (read_step(line.decode(errors="replace")) for line in reversed(whole.splitlines()))
        return next((step for step in steps if step is not None), None)
