"""What happens to an object that cannot be read: a condition and an event that name the field; nothing else moves."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from sluice.api.candidate import ModelCandidateStatus
from sluice.api.conditions import Condition, ConditionType, Reason, find, put
from sluice.core.turn import clip, timestamp
from sluice.ports import Event, Ref
from sluice.runtime.world import World

log = logging.getLogger(__name__)


async def refuse_object(world: World, raw: Mapping[str, Any], message: str, now: datetime) -> None:
    """Say once, on the object, that it is invalid. A status that cannot be read is left as it is."""
    meta = raw["metadata"]
    text = clip(f"{message}: create the candidate again with a valid spec")
    try:
        status = ModelCandidateStatus.model_validate(raw.get("status") or {})
    except ValidationError:
        log.error("status is unreadable", extra={"candidate": meta["name"], "cause": message})  # noqa: TRY400 -- no bug
        return
    known = find(status.conditions, ConditionType.STALLED)
    if known is not None and known.reason is Reason.SPEC_INVALID and known.message == text:
        return
    ref = Ref(namespace=meta["namespace"], name=meta["name"], uid=meta["uid"])
    invalid = _invalid(status, text, int(meta.get("generation") or 0), timestamp(now))
    await world.writer.write_status(ref, meta["resourceVersion"], dump(invalid))
    log.error("candidate is invalid", extra={"candidate": meta["name"], "cause": message})
    await world.events.emit(raw, Event(type="Warning", reason=Reason.SPEC_INVALID, message=text))


def _invalid(status: ModelCandidateStatus, message: str, generation: int, time: str) -> ModelCandidateStatus:
    conditions = status.conditions
    for kind, value in (
        (ConditionType.READY, "False"),
        (ConditionType.RECONCILING, "False"),
        (ConditionType.STALLED, "True"),
    ):
        new = Condition.model_validate(
            {
                "type": kind,
                "status": value,
                "observed_generation": generation,
                "last_transition_time": time,
                "reason": Reason.SPEC_INVALID,
                "message": message,
            }
        )
        conditions = put(conditions, new)
    return status.model_copy(update={"conditions": conditions, "observed_generation": generation})


def dump(status: ModelCandidateStatus) -> dict[str, Any]:
    """Return a status as the API server stores it."""
    return status.model_dump(mode="json", by_alias=True, exclude_none=True)
