"""A candidate whose spec cannot be read: it gets a condition that names the field and the cure, and is left alone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from sluice.api.candidate import HistoryEntry, ModelCandidateStatus
from sluice.api.conditions import Condition, ConditionType, Reason, find, put
from sluice.api.phase import Phase
from sluice.core.plan import Plan
from sluice.core.turn import clip, timestamp


def problems(error: ValidationError) -> str:
    """Return one clause per wrong field: `spec.model: set exactly one of version and alias`. No input is echoed."""
    clauses = []
    for one in error.errors(include_input=False, include_url=False)[:5]:
        field = ".".join(str(part) for part in one["loc"]) or "spec"
        clauses.append(f"{field}: {one['msg'].removeprefix('Value error, ')}")
    return "; ".join(clauses)


def refuse(status: Mapping[str, Any], generation: int, now: datetime, message: str) -> Plan:
    """Return the plan that only says `SpecInvalid`, once per message; the readable part of the status is kept."""
    kept = _readable(status)
    text = clip(f"{message}: mend the field and create the candidate again")
    told = find(kept.conditions, ConditionType.STALLED)
    conditions = kept.conditions
    for kind, value in (
        (ConditionType.READY, "False"),
        (ConditionType.RECONCILING, "False"),
        (ConditionType.STALLED, "True"),
    ):
        new = {
            "type": kind,
            "status": value,
            "observed_generation": generation,
            "last_transition_time": timestamp(now),
            "reason": Reason.SPEC_INVALID,
            "message": text,
        }
        conditions = put(conditions, Condition.model_validate(new))
    kept = kept.model_copy(update={"observed_generation": generation, "conditions": conditions})
    if told is not None and told.reason is Reason.SPEC_INVALID:
        return Plan(status=kept)
    entry = HistoryEntry(time=timestamp(now), phase=kept.phase, reason=Reason.SPEC_INVALID, message=text)
    return Plan(status=kept.model_copy(update={"history": (*kept.history, entry)[-50:]}), news=(entry,))


def _readable(status: Mapping[str, Any]) -> ModelCandidateStatus:
    """Return the status as far as it can be read: an unreadable one starts afresh in Pending."""
    try:
        return ModelCandidateStatus.model_validate(status)
    except ValidationError:
        return ModelCandidateStatus(phase=Phase.PENDING)
