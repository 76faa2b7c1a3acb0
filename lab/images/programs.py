"""Go programs of the lab itself that go into an image; the pinned ones of others are in `lab.binaries`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from lab import paths
from lab.images.context import content_key
from lab.system import locked, run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def seldon_executor(progress: Callable[[str], None]) -> Path:
    """Return the stand-in's executor, a static program, built if its source changed."""
    source = paths.LAB / "seldon_standin" / "executor"
    done = paths.cache() / "bin" / f"seldon-executor-{content_key('CGO_ENABLED=0', {'source': source})}"
    with locked(paths.lock("seldon-executor")):
        if not done.exists():
            progress("building the seldon-executor program (once)")
            partial = done.with_suffix(".new")
            argv: list[str | Path] = ["nice", "go", "build", "-trimpath", "-ldflags=-s -w", "-o", partial, "."]
            run(argv, cwd=source, env={**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly"}, timeout=900)
            partial.rename(done)
    return done
