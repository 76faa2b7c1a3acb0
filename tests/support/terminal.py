"""A pseudo-terminal for programs that show more where a person looks on."""

import os
import pty
import re
import subprocess
from pathlib import Path


def on_a_terminal(command: list[str], cwd: Path | None = None) -> str:
    """Return what a program shows on a terminal of its own."""
    ours, its = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    child = subprocess.Popen(command, stdin=its, stdout=its, stderr=its, env=environment, cwd=cwd)
    os.close(its)
    seen = b""
    try:
        while block := os.read(ours, 4096):
            seen += block
    except OSError:  # what a terminal says when nobody is on its other side any more
        pass
    finally:
        os.close(ours)
        child.kill()
        child.wait()
    return seen.decode()


def plain(text: str) -> str:
    """Return a text without what moves and colours."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).replace("\r", "\n")
