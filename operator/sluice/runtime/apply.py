"""Carries a plan out: its actions in order, each behind the fence, then one status write, then the news.

The first action that fails ends the pass without a status write: all actions are absolute, and the next pass asks for
them again.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from sluice.api.candidate import HistoryEntry, PinnedModel
from sluice.api.conditions import Reason
from sluice.api.phase import Phase
from sluice.core.naming import FINALIZER, owner_uid
from sluice.core.observed import Candidate, Observed
from sluice.core.plan import (
    Action,
    ClearFinalizer,
    CountUse,
    DeleteOrphan,
    NoteInRegistry,
    PatchTarget,
    PinPlan,
    Plan,
    SetFinalizer,
    StartJob,
    StopJob,
)
from sluice.core.record import Record
from sluice.core.refusal import refused
from sluice.ports import Conflict, Event, NotFound, Ref, Registry, Rejected, SluiceError, Unavailable
from sluice.runtime.counting import count
from sluice.runtime.invalid import dump
from sluice.runtime.telemetry import Telemetry, outcome_of
from sluice.runtime.world import World

log = logging.getLogger(__name__)

_WARNINGS = frozenset(
    {
        Reason.BREACHED,
        Reason.DRIFTED,
        Reason.EVALUATION_ERROR,
        Reason.EVALUATION_STUCK,
        Reason.GATES_FAILED,
        Reason.NO_DATA,
        Reason.NO_DATA_TIMEOUT,
        Reason.ROLLED_BACK,
        Reason.ROLLING_BACK,
        Reason.STEP_INCONCLUSIVE,
        Reason.TICK_LATE,
        Reason.TICK_TOO_SHORT,
        Reason.WRITE_REFUSED,
    }
)
_COMPLAINTS = (
    "Missing",
    "Invalid",
    "Unsupported",
    "Unready",
    "Unavailable",
    "Unservable",
    "NotRolled",
    "Mismatch",
    "TooLarge",
)


@dataclass
class _Pass:
    """One pass over one candidate: its raw form moves on with each write."""

    raw: Mapping[str, Any]
    observed: Observed
    record: Record

    @property
    def candidate(self) -> Candidate:
        return self.observed.candidate

    @property
    def version(self) -> str:
        return str(self.raw["metadata"]["resourceVersion"])

    def ref(self, name: str, uid: str = "") -> Ref:
        return Ref(namespace=self.candidate.namespace, name=name, uid=uid)

    def me(self) -> Ref:
        return self.ref(self.candidate.name, self.candidate.uid)


@dataclass(frozen=True)
class Applied:
    """What a pass left: the candidate, what is on record of its status, and the plan that was carried out."""

    raw: Mapping[str, Any]
    record: Record
    plan: Plan


@dataclass(frozen=True)
class Applier:
    """Writes to the world what a plan asks for."""

    world: World
    telemetry: Telemetry
    fence: Callable[[], None]

    async def apply(self, raw: Mapping[str, Any], observed: Observed, plan: Plan, record: Record) -> Applied:
        """Carry the plan out, given what is on record of the status. Raises Conflict, Unavailable, NotFound."""
        current = _Pass(raw, observed, record)
        try:
            for action in plan.actions:
                await self._counted(current, action)
        except Rejected as error:
            plan = refused(observed, str(error))
        await self._write_status(current, plan)
        for entry in plan.news:
            await self._tell(current, entry)
        count(self.telemetry, observed, plan)
        return Applied(current.raw, current.record, plan)

    async def _counted(self, current: _Pass, action: Action) -> None:
        name = type(action).__name__
        try:
            self.fence()
            await self._act(current, action)
        except SluiceError as error:
            self.telemetry.writes.labels(name, outcome_of(error)).inc()
            log.warning("write failed", extra={**_who(current), "action": name, "cause": str(error)})
            raise
        self.telemetry.writes.labels(name, "ok").inc()
        log.info("written", extra={**_who(current), "action": name, **_details(action)})

    async def _act(self, current: _Pass, action: Action) -> None:
        target = current.ref(current.candidate.spec.target_ref.name)
        match action:
            case SetFinalizer():
                await self._set_finalizer(current, present=True)
            case ClearFinalizer():
                await self._set_finalizer(current, present=False)
            case PinPlan(manifest=manifest):
                await self._pin(current, manifest)
            case StartJob():
                await self._start(current, action)
            case StopJob(name=name, uid=uid):
                await self.world.jobs.delete_job(current.ref(name, uid))
            case PatchTarget():
                await self._patch(target, action)
            case DeleteOrphan(name=name):
                await self.world.targets.delete_workload(target, name)
            case NoteInRegistry():
                await self._note(action)
            case CountUse(model=model, datasets=datasets):
                await self._registry(model).count_use(model, datasets)
            case _:
                assert_never(action)

    async def _set_finalizer(self, current: _Pass, *, present: bool) -> None:
        found = list(current.raw["metadata"].get("finalizers") or ())
        wanted = [name for name in found if name != FINALIZER] + ([FINALIZER] if present else [])
        if sorted(found) != sorted(wanted):
            current.raw = await self.world.writer.set_finalizers(current.me(), current.version, wanted)

    async def _pin(self, current: _Pass, manifest: Mapping[str, Any]) -> None:
        name = manifest["metadata"]["name"]
        try:
            await self.world.objects.create_revision(manifest)
        except Conflict:
            found = await self.world.objects.revision(current.ref(name))
            if owner_uid(found) != current.candidate.uid:
                raise Rejected(f"ControllerRevision {name} exists and is not ours: delete it") from None

    async def _start(self, current: _Pass, action: StartJob) -> None:
        name = action.job["metadata"]["name"]
        try:
            await self.world.jobs.create_job(action.job, action.config, action.network)
        except Conflict:
            found = await self.world.jobs.job(current.ref(name))
            if found.owner_uid != current.candidate.uid:
                raise Rejected(f"Job {name} exists and is not ours: delete it") from None

    async def _patch(self, target: Ref, action: PatchTarget) -> None:
        try:
            await self.world.targets.patch(target, action.generation, action.operations)
        except (Unavailable, Rejected) as error:
            if action.route_if_unavailable is None:
                raise
            log.warning(
                "the target cannot be written: writing the route", extra={"target": target.name, "cause": str(error)}
            )
            await self.world.targets.write_route(target, action.route_if_unavailable)
            self.telemetry.writes.labels("RouteFallback", "ok").inc()

    async def _note(self, action: NoteInRegistry) -> None:
        registry = self._registry(action.model)
        await registry.tag(action.model, action.tags)
        if action.alias:
            await registry.set_alias(action.model, action.alias)

    def _registry(self, model: PinnedModel) -> Registry:
        registry = self.world.providers.registries.get(model.registry)
        if registry is None:
            raise Unavailable(f"registry {model.registry} is no longer configured")
        return registry

    async def _write_status(self, current: _Pass, plan: Plan) -> None:
        if current.raw.get("status") and not current.record.due(plan.status, current.observed.now):
            return
        self.fence()
        try:
            current.raw = await self.world.writer.write_status(current.me(), current.version, dump(plan.status))
            current.record = Record(plan.status, current.observed.now)
        except NotFound:
            if not current.candidate.deleting:
                raise
        self._count_transition(current.candidate.status.phase, plan.status.phase)

    def _count_transition(self, before: Phase, after: Phase) -> None:
        if before is not after:
            self.telemetry.transitions.labels(after.value).inc()

    async def _tell(self, current: _Pass, entry: HistoryEntry) -> None:
        told = {"phase": entry.phase, "reason": entry.reason, "weight": entry.weight}
        log.info("decision", extra={**_who(current), **told, "detail": entry.message})
        kind = "Warning" if _is_warning(entry.reason) else "Normal"
        await self.world.events.emit(current.raw, Event(type=kind, reason=entry.reason, message=entry.message))


def _is_warning(reason: Reason) -> bool:
    return reason in _WARNINGS or reason.value.endswith(_COMPLAINTS)


def _who(current: _Pass) -> dict[str, Any]:
    return {"namespace": current.candidate.namespace, "candidate": current.candidate.name}


def _details(action: Action) -> dict[str, Any]:
    match action:
        case PatchTarget(intent=intent, generation=generation):
            return {"intent": intent, "generation": generation}
        case DeleteOrphan(name=name) | StopJob(name=name):
            return {"object": name}
        case _:
            return {}
