"""The evaluation itself, in a process of its own: the program of the cluster's Job, given the same kind of order.

So the numbers are the Job's by construction, and whatever a model prints or breaks stays out of this process.
"""

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sluice.adapters.mlflow_environment import ENVIRONMENT
from sluice.api.evaluation_result import RESULT_LIMIT, RUN_FOLDER, EvaluationResult, InvalidResult, parse
from sluice.api.evaluation_spec import EvaluationSpec
from sluice.api.progress import Step
from sluice.api.termination import InvalidTermination, Termination, parse_termination
from sluice.cli.evaluate_registry import Registry
from sluice.cli.following import Followed
from sluice.ports import Rejected

LOG = "evaluate.log"
RESULT = "result.json"
_CURES = {
    "ModelLoadFailed": ": install what it needs beside sluice, in the versions it was made with",
    "ModelPackageMissing": "; here: install it beside sluice",
}
"""What to do on a person's own machine, where the Job's message does not say it."""
_LOOK_SECONDS = 0.2
"""How often it is looked how far the work is."""
_PROGRAM = "from sluice.evaluation.job import main; main()"


@dataclass(frozen=True, kw_only=True)
class Work:
    """What to do, for how long at most, and where."""

    order: EvaluationSpec
    seconds: float
    scratch: Path
    """For files that nobody needs afterwards."""
    out: Path
    """For the log."""
    home: Path
    """The folder that the process works in: a new store puts its artifacts there."""


def run(work: Work, show: Callable[[Step], None]) -> Termination:
    """Run the Job's program and return its last words. Raises Rejected when they say that there is no result."""
    spec, words = work.scratch / "spec.json", work.scratch / "words"
    spec.write_text(work.order.model_dump_json(by_alias=True, exclude_none=True), encoding="utf-8")
    own = {"SLUICE_TERMINATION_PATH": str(words), "TMPDIR": str(work.scratch)}
    environment = {**ENVIRONMENT, **os.environ, **own}
    command = [sys.executable, "-c", _PROGRAM, "--spec", str(spec)]
    log = work.out / LOG
    with (
        log.open("wb") as sink,
        subprocess.Popen(
            command, cwd=work.home, env=environment, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink
        ) as child,
    ):
        try:
            code = _ended(child, work, Followed(log), show)
        finally:
            child.kill()
    return _heard(words, code, log)


def _ended(child: subprocess.Popen[bytes], work: Work, log: Followed, show: Callable[[Step], None]) -> int:
    """Wait for the child's end, show meanwhile how far it is, and return its exit code. Raises Rejected."""
    end = time.monotonic() + work.seconds
    while True:
        left = end - time.monotonic()
        try:
            return child.wait(max(0.0, min(left, _LOOK_SECONDS)))
        except subprocess.TimeoutExpired as error:
            if left <= _LOOK_SECONDS:
                raise Rejected(
                    f"the evaluation took longer than spec.evaluation.timeoutSeconds ({work.seconds:g}): raise it, "
                    f"or use a smaller data set; {work.out / LOG} says how far it came"
                ) from error
        if (step := log.step()) is not None:
            show(step)


def _heard(words: Path, code: int, log: Path) -> Termination:
    if not words.is_file():
        raise Rejected(f"the evaluation ended without a result ({_end(code)}): read {log}")
    try:
        said = parse_termination(words.read_text(encoding="utf-8"))
    except InvalidTermination as error:
        raise Rejected(f"the evaluation ended without a result ({error}): read {log}") from error
    if said.error is not None:
        option = "--" if said.error.field in {"candidate", "champion"} else ""
        where = f"{option}{said.error.field}: " if said.error.field else ""
        cure = _CURES.get(said.error.reason, "")
        raise Rejected(f"{where}{said.error.message}{cure} ({said.error.reason}; details in {log})")
    return said


def _end(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    name = signal.Signals(-code).name
    return f"{name}: out of memory?" if -code == signal.SIGKILL else name


def results(registry: Registry, words: Termination, work: Work) -> tuple[EvaluationResult, Path]:
    """Return the document that the last words name, checked as the operator checks it, and the folder it lies in."""
    run_id = words.run_id or ""
    folder = _kept(work.home, run_id) or registry.results(run_id, work.scratch / "results")
    content = (folder / RESULT).read_bytes()[: RESULT_LIMIT + 1]
    if f"sha256:{hashlib.sha256(content).hexdigest()}" != words.sha256:
        raise Rejected(f"the result in {registry.shown} is not the one that was written: try again, with another --out")
    try:
        return parse(content), folder
    except InvalidResult as error:
        raise Rejected(f"{error}: read {work.out / LOG}") from error


def _kept(home: Path, run_id: str) -> Path | None:
    """Return where a store in a folder keeps what an evaluation left in its run; None where it is not there.

    To ask MLflow for it would cost seconds of imports, for files that lie beside the reports.
    """
    found = list(home.glob(f"mlruns/*/{run_id}/artifacts/{RUN_FOLDER}"))
    return found[0] if len(found) == 1 else None
