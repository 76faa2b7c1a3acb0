"""What came of an evaluation Job: last words of its pod, then the document they name, checked before it is believed.

A tenant could forge a pod's words or an artifact: owner, candidate, attempt, size and digest must all hold.
"""

import hashlib
import hmac
from collections.abc import Mapping

from sluice.api.conditions import Reason
from sluice.api.evaluation_result import RESULT_LIMIT, InvalidResult, parse
from sluice.api.termination import InvalidTermination, JobFailure, Termination, parse_termination
from sluice.core.observed import Candidate, JobReport
from sluice.core.target import Problem
from sluice.ports import JobView, Providers, SluiceError, Unavailable

_PULL = ": can the nodes pull the chart's evaluation.image?"
_CREATE = ": does the node's runtime accept the pod, do the volumes of its data sets exist?"
_HOPELESS = frozenset({"InvalidImageName"})
"""Words of the kubelet that neither time nor another pod changes."""
_CURES: Mapping[str, str] = {
    "OOMKilled": ": use a smaller model or data set, or have the administrator raise evaluation.resources",
    "Evicted": ": it took more disk or memory than its node has; use a smaller model or data set",
    "DeadlineExceeded": ": raise spec.evaluation.timeoutSeconds of the plan, or use a smaller model or data set",
    "PodLost": ": its node holds on to its pod; have the administrator bring the node back, or delete its Node object",
    "BackoffLimitExceeded": ": its pod ended without last words",
    "ImagePullBackOff": _PULL,
    "ErrImagePull": _PULL,
    "ErrImageNeverPull": _PULL,
    "RegistryUnavailable": _PULL,
    "InvalidImageName": ": have the administrator correct the chart's evaluation.image",
    "SignatureValidationFailed": ": is the chart's evaluation.image signed as the nodes demand?",
    "CreateContainerConfigError": _CREATE,
    "CreateContainerError": _CREATE,
}
"""What to do, by the cluster's word for why there is no result."""


async def report_of(providers: Providers, candidate: Candidate, view: JobView) -> JobReport | Problem:
    """Return what came of the Job; a Problem only when the registry gives no answer."""
    if view.owner_uid != candidate.uid:
        return _failed(view, f"Job {view.name} exists and is not ours: delete it")
    if view.active:
        return _under_way(view)
    if not view.succeeded and not view.termination_message:
        return _died(view)
    try:
        words = parse_termination(view.termination_message)
    except InvalidTermination as error:
        return _failed(view, f"Job {view.name}: {error}")
    return await _heard(providers, candidate, view, words)


async def _heard(providers: Providers, candidate: Candidate, view: JobView, words: Termination) -> JobReport | Problem:
    evaluation = candidate.status.evaluation
    if evaluation is None or (words.candidate_uid, words.attempt) != (candidate.uid, evaluation.attempt):
        return _failed(view, f"Job {view.name} speaks of another candidate or attempt")
    if words.error is not None:
        return _complained(view, words.error)
    if not view.succeeded:
        return _died(view)
    return await _fetched(providers, candidate, view, words)


def _under_way(view: JobView) -> JobReport:
    stuck = f"Job {view.name} cannot start: {view.waiting}{_CURES.get(view.stuck, '')}" if view.stuck else ""
    return JobReport(
        uid=view.uid,
        active=True,
        succeeded=False,
        started=view.started,
        waiting=view.waiting,
        stuck=stuck,
        retryable=view.stuck not in _HOPELESS,
    )


def _failed(view: JobView, failure: str, *, retryable: bool = True) -> JobReport:
    return JobReport(uid=view.uid, active=False, succeeded=view.succeeded, failure=failure, retryable=retryable)


def _died(view: JobView) -> JobReport:
    """Return the cluster's reason, with the cure where there is one."""
    cure = _CURES.get(view.failure, "")
    return _failed(view, f"Job {view.name} failed: {view.failure or 'no reason given'}{cure}")


def _complained(view: JobView, error: JobFailure) -> JobReport:
    """Return the Job's complaint. One about a field of the plan or candidate is not cured by another attempt."""
    where = f" ({error.field})" if error.field else ""
    return _failed(view, f"{error.reason}{where}: {error.message}", retryable=not error.field)


async def _fetched(
    providers: Providers, candidate: Candidate, view: JobView, words: Termination
) -> JobReport | Problem:
    name = "" if candidate.status.model is None else candidate.status.model.registry
    registry = providers.registries.get(name)
    if registry is None:
        text = f"spec.model.registry: no registry is called {name} any more: configure it again"
        return Problem(reason=Reason.REGISTRY_MISSING, message=text)
    try:
        content = await registry.artifact(words.run_id or "", words.artifact_path or "", limit=RESULT_LIMIT)
    except Unavailable as error:
        return Problem(reason=Reason.REGISTRY_UNAVAILABLE, message=f"the result document cannot be fetched: {error}")
    except SluiceError as error:
        return _failed(view, f"the result document cannot be used: {error}")
    return _checked(view, words, content)


def _checked(view: JobView, words: Termination, content: bytes) -> JobReport:
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    if not hmac.compare_digest(digest, words.sha256 or ""):
        return _failed(view, "the result document is not the one that the Job wrote: its SHA-256 differs")
    try:
        result = parse(content)
    except InvalidResult as error:
        return _failed(view, str(error))
    return JobReport(
        uid=view.uid,
        active=False,
        succeeded=True,
        result=result.model_dump(mode="json", by_alias=True),
        run_id=words.run_id or "",
        result_digest=digest,
    )
