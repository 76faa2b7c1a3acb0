"""Raw objects into values. Total: whatever an object holds, the outcome is a value or `InvalidObject`."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from sluice.api.candidate import ModelCandidateSpec, ModelCandidateStatus
from sluice.api.phase import Phase
from sluice.api.plan import RolloutPlanSpec
from sluice.core.naming import FINALIZER
from sluice.core.observed import Candidate, LivePlan, Rival

M = TypeVar("M", bound=BaseModel)
_SHOWN_ERRORS = 3
_KEPT_PLANS = 256
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class InvalidObject(Exception):  # noqa: N818 -- it is the object that is wrong
    """An object that Sluice cannot use; the message names the field and what is wrong with it."""


def parse_candidate(raw: Mapping[str, Any]) -> Candidate:
    """Return the candidate that an object holds. Raises InvalidObject."""
    meta = raw["metadata"]
    return Candidate(
        namespace=meta["namespace"],
        name=meta["name"],
        uid=meta["uid"],
        generation=int(meta.get("generation") or 0),
        created=created(raw),
        deleting="deletionTimestamp" in meta,
        has_finalizer=FINALIZER in (meta.get("finalizers") or ()),
        spec=_model(ModelCandidateSpec, raw.get("spec"), "spec"),
        status=_model(ModelCandidateStatus, raw.get("status") or {}, "status"),
    )


def parse_plan(raw: Mapping[str, Any]) -> LivePlan:
    """Return the plan that a RolloutPlan holds. Raises InvalidObject."""
    meta = raw["metadata"]
    return _plan(str(meta["name"]), int(meta.get("generation") or 0), raw.get("spec"))


def parse_revision(raw: Mapping[str, Any], name: str) -> LivePlan:
    """Return the plan `name` that a ControllerRevision pins. Raises InvalidObject."""
    data = raw.get("data")
    spec = data.get("spec") if isinstance(data, Mapping) else None
    return _plan(name, int(raw.get("revision") or 0), spec)


def parse_rival(raw: Mapping[str, Any]) -> Rival:
    """Return another candidate as the queue sees it; a phase that is unknown counts as Pending."""
    meta = raw["metadata"]
    return Rival(
        name=meta["name"],
        uid=meta["uid"],
        created=created(raw),
        phase=phase_of(raw),
        deleting="deletionTimestamp" in meta,
    )


def target_name(raw: Mapping[str, Any]) -> str:
    """Return the name of the target that a raw candidate names, or ""."""
    return _text(raw, "spec", "targetRef", "name")


def plan_name(raw: Mapping[str, Any]) -> str:
    """Return the name of the plan that a raw candidate names, or ""."""
    return _text(raw, "spec", "planRef", "name")


def phase_of(raw: Mapping[str, Any]) -> Phase:
    """Return a raw candidate's phase; unknown ones count as Pending."""
    found = _text(raw, "status", "phase")
    return Phase(found) if found in set(Phase) else Phase.PENDING


def created(raw: Mapping[str, Any]) -> datetime:
    """Return when an object was created."""
    try:
        return datetime.fromisoformat(str(raw["metadata"].get("creationTimestamp")))
    except ValueError:
        return _EPOCH


def _plan(name: str, generation: int, spec: object) -> LivePlan:
    return _same_plan(name, generation, json.dumps(spec))


@lru_cache(maxsize=_KEPT_PLANS)
def _same_plan(name: str, generation: int, spec: str) -> LivePlan:
    """Return the plan, one for all who were given the same: each candidate has a pinned copy of its own."""
    raw = json.loads(spec)
    return LivePlan(name=name, generation=generation, spec=_model(RolloutPlanSpec, raw, "spec"), raw=raw)


def _text(raw: object, *keys: str) -> str:
    for key in keys:
        raw = raw.get(key) if isinstance(raw, Mapping) else None
    return raw if isinstance(raw, str) else ""


def _model(kind: type[M], value: object, root: str) -> M:
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        raise InvalidObject(sentence(error, root)) from error


def sentence(error: ValidationError, root: str) -> str:
    """Return which fields are wrong and why, without echoing their values."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    parts = [".".join([root, *map(str, one["loc"])]) + f": {one['msg']}" for one in found[:_SHOWN_ERRORS]]
    more = f" (and {len(found) - _SHOWN_ERRORS} more)" if len(found) > _SHOWN_ERRORS else ""
    return "; ".join(parts) + more
