"""Real clients at the gateway: the lab's load generator as a process, and what it saw as a report."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from lab.loadgen.records import parse
from lab.loadgen.report import Report
from lab.paths import LAB

PATIENCE_SECONDS = 30
"""A client waits so long: on a busy machine late is not failed."""


@dataclass
class Clients:
    """Clients of one SeldonDeployment, from `start` to `stop`; each request is one line of a file."""

    gateway: str
    texts: Path
    records: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self, namespace: str, deployment: str, *, rate: float, long_share: float = 0) -> None:
        """Begin to send, unless it is sent already."""
        if self.process is not None:
            return
        arguments = {
            "--texts": self.texts,
            "--namespace": namespace,
            "--deployment": deployment,
            "--gateway": self.gateway,
            "--rate": rate,
            "--long-share": long_share,
            "--timeout": PATIENCE_SECONDS,
            "--out": self.records,
        }
        words = [str(word) for pair in arguments.items() for word in pair]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "lab.loadgen", *words], cwd=LAB.parent, stderr=subprocess.DEVNULL
        )

    def stop(self) -> None:
        """Send no more and wait for the last answers."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=30)
            self.process = None

    def report(self) -> Report:
        """Return what was seen so far; a line still being written is left out."""
        if not self.records.exists():
            return Report.of(())
        whole, _, _ = self.records.read_text(encoding="utf-8").rpartition("\n")
        return Report.of(parse(whole.splitlines()))
