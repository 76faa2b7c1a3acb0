"""`sluice-evaluate-job`: reads its order, evaluates, writes the run, and says in its last words where the result is.

SLUICE_TERMINATION_PATH says where the last words go. Exit code 0 means that a result was written; otherwise the last
words say why there is none.
"""

import argparse
import hashlib
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from sluice.adapters.mlflow_environment import behave
from sluice.api.evaluation_result import RUN_FOLDER, explain, render
from sluice.api.evaluation_spec import EvaluationSpec
from sluice.api.progress import Step
from sluice.api.termination import JobFailure, Termination, render_termination
from sluice.evaluation.failure import EvaluationFailure

SPEC_PATH = "/etc/sluice/spec.json"
TERMINATION_PATH = "/dev/termination-log"
RESULT_FILE = "result.json"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the Job and exit."""
    behave()
    parser = argparse.ArgumentParser(description="Evaluate a candidate against the champion.")
    parser.add_argument("--spec", type=Path, default=Path(SPEC_PATH), help="the order, a JSON file")
    last_words = run(parser.parse_args(arguments).spec)
    text = render_termination(last_words)
    Path(os.environ.get("SLUICE_TERMINATION_PATH", TERMINATION_PATH)).write_text(text)
    sys.stdout.write(f"{text}\n")
    sys.exit(0 if last_words.error is None else 1)


def run(path: Path) -> Termination:
    """Evaluate what the file orders and return the last words, whatever happens."""
    try:
        spec = _read(path)
    except EvaluationFailure as failure:
        return Termination(candidate_uid="", attempt=0, error=_as_error(failure))
    identity = spec.identity.model_dump()
    try:
        return Termination(**identity, **_evaluate(spec))
    except EvaluationFailure as failure:
        traceback.print_exc()
        return Termination(**identity, error=_as_error(failure))
    except Exception as error:  # noqa: BLE001 -- the last words must be written; the traceback goes to the log
        traceback.print_exc()
        crash = EvaluationFailure("EvaluationCrashed", f"{type(error).__name__}: see the pod's log")
        return Termination(**identity, error=_as_error(crash))


def _as_error(failure: EvaluationFailure) -> JobFailure:
    return JobFailure(
        reason=failure.reason,
        message=failure.message[:1024],
        field=failure.field[:256],
    )


def _read(path: Path) -> EvaluationSpec:
    try:
        return EvaluationSpec.model_validate_json(path.read_bytes())
    except OSError as error:
        raise EvaluationFailure("SpecInvalid", f"the order cannot be read ({type(error).__name__})") from error
    except ValidationError as error:
        raise EvaluationFailure("SpecInvalid", f"the order is invalid: {explain(error)}") from error


def _evaluate(spec: EvaluationSpec) -> dict[str, str]:
    """Evaluate, write the run, and return where the result is."""
    from sluice.evaluation.evaluate import evaluate  # noqa: PLC0415 -- seconds of imports, after the bounds are set
    from sluice.evaluation.registry import RegistryClient  # noqa: PLC0415
    from sluice.evaluation.report import run_record, write_items, write_page  # noqa: PLC0415
    from sluice.evaluation.stopwatch import log  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="sluice-") as name:
        scratch, files = Path(name), Path(name) / "out"
        evaluated = evaluate(spec, scratch)
        log(Step("report"))
        content = render(evaluated.result)
        files.mkdir()
        (files / RESULT_FILE).write_bytes(content)
        write_items(evaluated, files)
        write_page(spec, evaluated, files)
        run_id = RegistryClient(spec.tracking_uri).record(spec.experiment, run_record(spec, evaluated), files)
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    return {"run_id": run_id, "artifact_path": f"{RUN_FOLDER}/{RESULT_FILE}", "sha256": digest}
