"""What a figure was measured on: processors, memory, the load before it and meanwhile, the commit."""

import os
import platform
import statistics
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from lab.paths import LAB
from lab.system import run

_SAMPLE_SECONDS = 5.0


@dataclass
class Machine:
    """The machine while something is measured on it."""

    load_before: float = 0.0
    loads: list[float] = field(default_factory=list)

    @property
    def load(self) -> float:
        """The median of the one-minute load meanwhile."""
        return statistics.median(self.loads or [self.load_before])

    def sentence(self) -> str:
        """Return one line for the page."""
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
        return (
            f"{datetime.now(UTC):%Y-%m-%d}, commit {commit()}, {os.cpu_count()} cores, {memory:.0f} GiB, "
            f"Python {platform.python_version()}; load average {self.load_before:.1f} before, "
            f"{self.load:.1f} meanwhile (what is measured included)."
        )

    def data(self) -> dict[str, Any]:
        """Return the same for the JSON file."""
        return {
            "commit": commit(),
            "cores": os.cpu_count(),
            "date": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "load_before": round(self.load_before, 2),
            "load_meanwhile": round(self.load, 2),
            "python": platform.python_version(),
        }


def commit() -> str:
    """Return the short hash of what is measured, marked when files differ from it."""
    return run(["git", "describe", "--always", "--dirty=+", "--exclude=*"], cwd=LAB.parent).stdout.strip()


@contextmanager
def observed() -> Iterator[Machine]:
    """Note the load until the end of the block."""
    machine, stop = Machine(load_before=os.getloadavg()[0]), threading.Event()

    def sample() -> None:
        while not stop.wait(_SAMPLE_SECONDS):
            machine.loads.append(os.getloadavg()[0])

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield machine
    finally:
        stop.set()
        thread.join()
