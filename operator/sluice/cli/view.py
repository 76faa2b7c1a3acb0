"""A candidate as the command line shows it: read leniently, because the operator may be newer than this program."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from sluice.api.candidate import ModelCandidateSpec, ModelCandidateStatus
from sluice.api.conditions import Condition, ConditionType, find
from sluice.api.phase import TERMINAL, Phase
from sluice.core.timeline import printable
from sluice.ports import Rejected


@dataclass(frozen=True, kw_only=True)
class View:
    """One candidate, parsed."""

    namespace: str
    name: str
    uid: str
    created: datetime
    spec: ModelCandidateSpec
    status: ModelCandidateStatus

    @property
    def model(self) -> str:
        """Return name and version (or the alias that is not resolved yet)."""
        wanted = self.spec.model
        version = self.status.model.version if self.status.model else wanted.version or f"@{wanted.alias}"
        return f"{wanted.name}/{version}"

    @property
    def over(self) -> bool:
        """Return whether the candidate's life is over and its traffic settled."""
        return self.status.phase in TERMINAL

    def condition(self, kind: ConditionType) -> Condition | None:
        """Return the condition of this type, or None."""
        return find(self.status.conditions, kind)

    def waits_for(self) -> str:
        """Return what the candidate waits for, in a sentence; empty when its life is over."""
        if self.over:
            return ""
        for kind in (ConditionType.SUSPENDED, ConditionType.RECONCILING):
            found = self.condition(kind)
            if found is not None and found.status == "True":
                return f"{found.reason}: {printable(found.message)}"
        return "the operator has not seen it yet: is it running, and does it watch this namespace?"


def viewed(raw: Mapping[str, Any]) -> View:
    """Return the view of an object of the API server. Raises Rejected when it is of a newer version than we know."""
    meta = raw["metadata"]
    try:
        spec = ModelCandidateSpec.model_validate(raw["spec"])
        status = ModelCandidateStatus.model_validate(raw.get("status") or {})
    except ValidationError as error:
        field = ".".join(map(str, error.errors()[0]["loc"]))
        raise Rejected(
            f"{meta['namespace']}/{meta['name']} holds what this version of sluice does not know ({field}): update it"
        ) from error
    return View(
        namespace=meta["namespace"],
        name=meta["name"],
        uid=meta["uid"],
        created=datetime.fromisoformat(meta["creationTimestamp"]),
        spec=spec,
        status=status,
    )


def of_phase(phase: Phase) -> str:
    """Return the colour of a phase."""
    if phase not in TERMINAL:
        return "cyan"
    return {Phase.PROMOTED: "green", Phase.SUPERSEDED: "dim", Phase.ABORTED: "yellow"}.get(phase, "red")
