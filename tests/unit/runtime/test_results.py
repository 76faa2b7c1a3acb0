"""What an evaluation Job left behind, believed only when every check holds."""

import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest

from sluice.adapters.memory_registry import MemoryRegistry
from sluice.api.conditions import Reason
from sluice.api.evaluation_result import EvaluationResult, ModelInfo, render
from sluice.api.termination import JobFailure, Termination, render_termination
from sluice.core.observed import Candidate, JobReport
from sluice.core.target import Problem
from sluice.ports import JobView, Providers
from sluice.runtime.parsing import parse_candidate
from sluice.runtime.results import report_of
from tests.support.candidates import pinned, status, stored
from tests.support.objects import DIGEST

RUN, PATH = "0123456789abcdef", "sluice/result.json"
DOCUMENT = render(
    EvaluationResult(
        schema_version="sluice.dev/evaluation-result/v1",
        candidate=ModelInfo(name="review-sentiment", version="43", digest=DIGEST),
        datasets=(),
        measurements=(),
    )
)
SHA = f"sha256:{hashlib.sha256(DOCUMENT).hexdigest()}"


def view(**fields: Any) -> JobView:
    """Return the Job of the candidate: it ended well and points at its document."""
    known: dict[str, Any] = {
        "name": "sluice-evaluate-1",
        "uid": "job-1",
        "owner_uid": "uid-of-a",
        "active": False,
        "succeeded": True,
        "failed": False,
        "termination_message": words(),
    }
    return JobView(**(known | fields))


def words(**fields: Any) -> str:
    """Return a termination message."""
    known: dict[str, Any] = {
        "candidate_uid": "uid-of-a",
        "attempt": 1,
        "run_id": RUN,
        "artifact_path": PATH,
        "sha256": SHA,
    }
    return render_termination(Termination(**(known | {"sha256": SHA} | fields)))


def complaint(field: str = "") -> str:
    """Return the termination message of a Job that could not evaluate."""
    error = JobFailure(reason="DatasetDigestMismatch", message="other bytes", field=field)
    return words(run_id=None, artifact_path=None, sha256=None, error=error)


def candidate() -> Candidate:
    evaluation = {"jobName": "sluice-evaluate-1", "startedAt": "2026-11-24T06:00:00Z"}
    return parse_candidate(stored("a", status=status("Evaluating", evaluation=evaluation, model=pinned("43"))))


async def report(job: JobView, content: bytes | None = DOCUMENT, **registry: Any) -> JobReport | Problem:
    """Return what is made of a Job, with this artifact in the registry."""
    artifacts = {} if content is None else {(RUN, PATH): content}
    made = MemoryRegistry(artifacts=artifacts, **registry)
    return await report_of(Providers(registries={"default": made}), candidate(), job)


async def test_a_document_whose_digest_holds_is_the_result() -> None:
    found = await report(view())
    assert isinstance(found, JobReport)
    assert found.result is not None
    assert found.result["candidate"]["version"] == "43"
    assert (found.succeeded, found.run_id, found.result_digest, found.failure) == (True, RUN, SHA, "")


async def test_a_job_that_runs_has_nothing_to_say() -> None:
    running = view(active=True, succeeded=False, termination_message="")
    assert await report(running) == JobReport(uid="job-1", active=True, succeeded=False)


async def test_since_when_a_jobs_deadline_counts_is_told() -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    found = await report(view(active=True, succeeded=False, started=noon))
    assert isinstance(found, JobReport)
    assert found.started == noon


@pytest.mark.parametrize(
    ("word", "retryable", "cure"),
    [
        pytest.param("ErrImagePull", True, "can the nodes pull the chart's evaluation.image?", id="no image"),
        pytest.param("CreateContainerConfigError", True, "do the volumes of its data sets exist?", id="no volume"),
        pytest.param("InvalidImageName", False, "correct the chart's evaluation.image", id="no name of an image"),
        pytest.param("RunContainerError", True, "", id="no cure is known"),
    ],
)
async def test_a_job_that_cannot_start_says_what_would_help(word: str, retryable: bool, cure: str) -> None:  # noqa: FBT001
    found = await report(view(active=True, succeeded=False, waiting=f"{word}: because", stuck=word))
    assert isinstance(found, JobReport)
    assert (found.active, found.waiting, found.retryable) == (True, f"{word}: because", retryable)
    assert found.stuck.startswith(f"Job sluice-evaluate-1 cannot start: {word}: because")
    assert found.stuck.endswith(cure)


@pytest.mark.parametrize(
    ("job", "content", "want", "retryable"),
    [
        pytest.param(view(owner_uid="other"), DOCUMENT, "is not ours", True, id="a Job that somebody else made"),
        pytest.param(view(termination_message=""), DOCUMENT, "invalid", True, id="no last words"),
        pytest.param(view(termination_message="{"), DOCUMENT, "invalid", True, id="last words that are garbage"),
        pytest.param(view(termination_message="[" * 4000), DOCUMENT, "invalid", True, id="words nested without end"),
        pytest.param(
            view(termination_message=words(candidate_uid="other")), DOCUMENT, "another candidate", True, id="a forgery"
        ),
        pytest.param(
            view(termination_message=words(attempt=2)), DOCUMENT, "another candidate or attempt", True, id="a replay"
        ),
        pytest.param(view(), DOCUMENT + b" ", "SHA-256 differs", True, id="a document changed after the Job"),
        pytest.param(view(), b"x" * (1 << 20) + b"y", "larger than", True, id="a document beyond the limit"),
        pytest.param(view(), None, "does not exist", True, id="a document that is not there"),
        pytest.param(
            view(termination_message=words(sha256=f"sha256:{hashlib.sha256(b'<html>').hexdigest()}")),
            b"<html>",
            "Invalid JSON",
            True,
            id="a document that is no JSON though its digest holds",
        ),
        pytest.param(
            view(succeeded=False, failed=True, failure="OOMKilled", termination_message=""),
            DOCUMENT,
            "failed: OOMKilled: use a smaller model or data set, or have the administrator raise evaluation.resources",
            True,
            id="a Job that died without a word",
        ),
        pytest.param(
            view(succeeded=False, failed=True, failure="PodLost", termination_message=""),
            DOCUMENT,
            "failed: PodLost: its node holds on to its pod; have the administrator bring the node back, or delete its",
            True,
            id="a Job whose pod is on a node that is gone",
        ),
        pytest.param(
            view(succeeded=False, failed=True, failure="BackoffLimitExceeded"),
            DOCUMENT,
            "failed: BackoffLimitExceeded",
            True,
            id="a Job that failed after all it had said",
        ),
        pytest.param(
            view(succeeded=False, failed=True, termination_message=complaint()),
            DOCUMENT,
            "DatasetDigestMismatch: other bytes",
            True,
            id="a complaint about the world is tried again",
        ),
        pytest.param(
            view(succeeded=False, failed=True, termination_message=complaint("spec.evaluation.datasets")),
            DOCUMENT,
            "DatasetDigestMismatch (spec.evaluation.datasets)",
            False,
            id="a complaint about a field is not",
        ),
    ],
)
async def test_anything_less_is_a_failure(job: JobView, content: bytes | None, want: str, retryable: bool) -> None:  # noqa: FBT001
    found = await report(job, content)
    assert isinstance(found, JobReport)
    assert want in found.failure
    assert (found.result, found.retryable) == (None, retryable)


async def test_a_registry_without_an_answer_is_waited_for() -> None:
    found = await report(view(), down=True)
    assert isinstance(found, Problem)
    assert found.reason is Reason.REGISTRY_UNAVAILABLE


async def test_a_registry_that_was_taken_out_of_the_configuration_is_named() -> None:
    found = await report_of(Providers(), candidate(), view())
    assert isinstance(found, Problem)
    assert found.reason is Reason.REGISTRY_MISSING
    assert "spec.model.registry" in found.message
