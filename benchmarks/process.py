"""What a process costs, from /proc: processor time and resident memory."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Usage:
    """Processor seconds so far, resident bytes now and at most."""

    cpu: float
    rss: int
    peak: int


def usage(pid: int) -> Usage:
    """Return what a process has used."""
    folder = Path("/proc") / str(pid)
    # The command's name, in brackets, may itself hold spaces.
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
    rss, peak = (int(status[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM"))
    return Usage(ticks / os.sysconf("SC_CLK_TCK"), rss, peak)
