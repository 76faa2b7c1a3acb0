"""A Python environment with the operator's own locked dependencies and no others, as its image has."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from lab.paths import LAB, cache
from lab.system import run

_SECONDS = 600


def python(progress: Callable[[str], None]) -> Path:
    """Return its interpreter; made once, brought up to the lock each time."""
    folder = cache() / "operator-environment"
    command = ["uv", "sync", "--quiet", "--frozen", "--no-dev", "--no-install-project", "--python", sys.executable]
    run(command, cwd=LAB.parent, env={**os.environ, "UV_PROJECT_ENVIRONMENT": str(folder)}, timeout=_SECONDS)
    progress("the operator's environment is there")
    return folder / "bin/python"
