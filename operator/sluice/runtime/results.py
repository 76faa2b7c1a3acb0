"""What came of an evaluation Job: last words of its pod, then the document they name, checked before it is believed.

A tenant could forge a pod's words or an artifact: owner, candidate, attempt, size and digest must all hold.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, ValidationError

from sluice.api.conditions import Reason
from sluice.api.schema import Record
from sluice.core.observed import Candidate, JobReport
from sluice.core.target import Problem
from sluice.ports import JobView, Providers, SluiceError, Unavailable
from sluice.runtime.parsing import sentence

MOST_BYTES = 1 << 20


class Complaint(Record):
    """Why the Job could not evaluate, in its own words."""

    reason: Annotated[str, Field(max_length=64)]
    message: Annotated[str, Field(max_length=2048)]
    field: Annotated[str, Field(max_length=256)] = ""


class LastWords(Record):
    """The termination message of the Job's pod."""

    run_id: Annotated[str, Field(max_length=64)] = ""
    artifact_path: Annotated[str, Field(max_length=512)] = ""
    sha256: Annotated[str, Field(max_length=80)] = ""
    candidate_uid: Annotated[str, Field(max_length=64)] = ""
    attempt: int = 0
    error: Complaint | None = None


async def report_of(providers: Providers, candidate: Candidate, view: JobView) -> JobReport | Problem:
    """Return what came of the Job; a Problem only when the registry gives no answer."""
    if view.owner_uid != candidate.uid:
        return _failed(view, f"Job {view.name} exists and is not ours: delete it")
    if view.active:
        return JobReport(uid=view.uid, active=True, succeeded=False)
    try:
        words = LastWords.model_validate(json.loads(view.termination_message or "null"))
    except (ValueError, RecursionError):
        words = None
    if words is not None and words.error is not None:
        return _complained(view, words.error)
    if not view.succeeded:
        return _failed(view, f"Job {view.name} failed: {view.failure or 'no reason given'}")
    if words is None:
        return _failed(view, f"Job {view.name} ended without a usable termination message")
    return await _fetched(providers, candidate, view, words)


def _failed(view: JobView, failure: str, *, retryable: bool = True) -> JobReport:
    return JobReport(uid=view.uid, active=False, succeeded=view.succeeded, failure=failure, retryable=retryable)


def _complained(view: JobView, error: Complaint) -> JobReport:
    """Return the Job's complaint. One that names a field of the plan or candidate is not cured by trying again."""
    where = f" ({error.field})" if error.field else ""
    return _failed(view, f"{error.reason}{where}: {error.message}", retryable=not error.field)


async def _fetched(providers: Providers, candidate: Candidate, view: JobView, words: LastWords) -> JobReport | Problem:
    evaluation, model = candidate.status.evaluation, candidate.status.model
    if (
        evaluation is None
        or model is None
        or (words.candidate_uid, words.attempt) != (candidate.uid, evaluation.attempt)
    ):
        return _failed(view, f"Job {view.name} speaks of another candidate or attempt")
    registry = providers.registries.get(model.registry)
    if registry is None:
        text = f"spec.model.registry: no registry is called {model.registry} any more: configure it again"
        return Problem(reason=Reason.REGISTRY_MISSING, message=text)
    try:
        content = await registry.artifact(words.run_id, words.artifact_path, limit=MOST_BYTES)
    except Unavailable as error:
        return Problem(reason=Reason.REGISTRY_UNAVAILABLE, message=f"the result document cannot be fetched: {error}")
    except SluiceError as error:
        return _failed(view, f"the result document cannot be used: {error}")
    return _checked(view, words, content)


def _checked(view: JobView, words: LastWords, content: bytes) -> JobReport:
    found = hashlib.sha256(content).hexdigest()
    if not hmac.compare_digest(found, words.sha256.removeprefix("sha256:")):
        return _failed(view, "the result document is not the one that the Job wrote: its SHA-256 differs")
    try:
        result = document(content)
    except ValidationError as error:
        return _failed(view, f"the result document is invalid: {sentence(error, 'result')}")
    except (ValueError, RecursionError):
        return _failed(view, "the result document is not JSON")
    return JobReport(
        uid=view.uid,
        active=False,
        succeeded=True,
        result=result,
        run_id=words.run_id,
        result_digest=f"sha256:{found}",
    )


def document(content: bytes) -> Mapping[str, Any]:
    """Return the result document as JSON. Raises ValueError, pydantic's ValidationError included."""
    found = json.loads(content)
    if not isinstance(found, dict):
        raise ValueError("not an object")  # noqa: TRY004 -- callers expect ValueError of any bad document
    return found
