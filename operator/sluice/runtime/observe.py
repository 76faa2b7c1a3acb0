"""All reads of one reconcile, and only those that its phase needs.

What a person or another system must put right becomes a `Problem` that names field and cure; an API server without an
answer ends the reconcile, which is tried again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from pydantic import ValidationError

from sluice.api.candidate import ModelRef, PinnedModel
from sluice.api.conditions import Reason
from sluice.api.phase import IN_FLIGHT
from sluice.core.admission import champion_ref
from sluice.core.gates.reuse import counted
from sluice.core.judgement import step_in_force
from sluice.core.naming import MODEL_ANNOTATION, owner_uid
from sluice.core.needs import Need, needs
from sluice.core.observed import Candidate, JobReport, LivePlan, Observed, Rival
from sluice.core.queue import ahead
from sluice.core.target import Problem, Target
from sluice.ports import NotFound, Ref, Registry, Rejected, SluiceError, Unavailable
from sluice.runtime.parsing import (
    InvalidObject,
    parse_plan,
    parse_revision,
    parse_rival,
)
from sluice.runtime.reading import Samples, samples_of
from sluice.runtime.results import report_of
from sluice.runtime.world import World

V = TypeVar("V")


async def observe(world: World, candidate: Candidate, now: datetime) -> Observed:
    """Return the snapshot for one decision, but for its samples."""
    return await _Reading(world, candidate, now).take(needs(candidate))


async def resample(world: World, observed: Observed, now: datetime) -> Observed:
    """Return a snapshot with the samples since the checkpoint, if the decision needs any; objects are those of before.

    Raises NotRead while they are on their way.
    """
    wanted = Need.SAMPLES in needs(observed.candidate)
    samples = await _Reading(world, observed.candidate, now).samples(observed.plan) if wanted else None
    return replace(observed, now=now, samples=samples)


@dataclass(frozen=True)
class _Reading:
    """All reads on behalf of one candidate."""

    world: World
    candidate: Candidate
    now: datetime

    async def take(self, wanted: frozenset[Need]) -> Observed:
        """Read what is wanted, side by side; what depends on that comes after it."""
        rivals, plan, target, model, job = await asyncio.gather(
            _if(Need.RIVALS in wanted, self._rivals),
            _if(Need.PLAN in wanted, self._plan),
            _if(Need.TARGET in wanted, self._target),
            _if(Need.MODEL in wanted and self.candidate.status.model is None, self._model),
            _if(Need.JOB in wanted, self._job),
        )
        mine = Need.CHAMPION in wanted and ahead(self.candidate, rivals or ()) is None
        return Observed(
            now=self.now,
            settings=self.world.settings,
            candidate=self.candidate,
            rivals=rivals or (),
            plan=plan,
            target=target,
            model=model,
            job=job,
            champion=await self._champion(target) if mine else None,
            uses=await self._uses(plan) if mine and Need.USES in wanted else None,
        )

    def _ref(self, name: str, uid: str = "") -> Ref:
        return Ref(namespace=self.candidate.namespace, name=name, uid=uid)

    async def _rivals(self) -> tuple[Rival, ...]:
        """Return the rivals: whose turn it is depends on a fresh look; being superseded may come a moment later."""
        mine = self.candidate.spec.target_ref.name
        fresh = self.candidate.status.phase not in IN_FLIGHT
        found = await self.world.objects.candidates(self.candidate.namespace, mine, fresh=fresh)
        return tuple(parse_rival(raw) for raw in found if raw["metadata"]["uid"] != self.candidate.uid)

    async def _plan(self) -> LivePlan | Problem:
        name, pinned = self.candidate.spec.plan_ref.name, self.candidate.status.plan
        try:
            if pinned is None:
                return parse_plan(await self.world.objects.plan(self._ref(name)))
            return self._pinned_plan(await self.world.objects.revision(self._ref(pinned.revision)), name)
        except NotFound:
            what = f"RolloutPlan {name}" if pinned is None else f"ControllerRevision {pinned.revision}"
            return Problem(reason=Reason.PLAN_MISSING, message=f"spec.planRef.name: {what} does not exist: create it")
        except InvalidObject as error:
            return Problem(reason=Reason.PLAN_INVALID, message=f"RolloutPlan {name}: {error}: correct the plan")

    def _pinned_plan(self, revision: Mapping[str, Any], name: str) -> LivePlan:
        """Return the plan that a revision holds. Raises InvalidObject for one that somebody else made."""
        if owner_uid(revision) != self.candidate.uid:
            raise InvalidObject(f"ControllerRevision {revision['metadata']['name']} is not this candidate's")
        return parse_revision(revision, name)

    async def _target(self) -> Target | Problem:
        name = self.candidate.spec.target_ref.name
        where = f"spec.targetRef.name: SeldonDeployment {name}"
        try:
            return await self.world.targets.read(self._ref(name))
        except NotFound:
            return Problem(reason=Reason.TARGET_MISSING, message=f"{where} does not exist: create it")
        except Rejected as error:
            return Problem(reason=Reason.TARGET_UNSUPPORTED, message=f"{where} cannot be used: {error}")

    async def _model(self) -> PinnedModel | Problem:
        return await self._resolve(self.candidate.spec.model)

    async def _resolve(self, model: ModelRef) -> PinnedModel | Problem:
        registry = self._registry(model.registry)
        if isinstance(registry, Problem):
            return registry
        return await _or_problem(registry.resolve(model), f"spec.model: {model.name} in registry {model.registry}")

    def _registry(self, name: str) -> Registry | Problem:
        registry = self.world.providers.registries.get(name)
        if registry is not None:
            return registry
        known = ", ".join(sorted(self.world.providers.registries)) or "none"
        text = f"spec.model.registry: no registry is called {name}: use one of {known}"
        return Problem(reason=Reason.REGISTRY_MISSING, message=text)

    async def _champion(self, target: Target | Problem | None) -> PinnedModel | Problem | None:
        if not isinstance(target, Target):
            return None
        try:
            wanted = champion_ref(target, self.candidate.spec.model, self.world.settings.champion_alias)
        except ValidationError:
            text = f"annotation {MODEL_ANNOTATION} of the serving predictor is not registry/name/version: correct it"
            return Problem(reason=Reason.TARGET_UNSUPPORTED, message=text)
        return await self._resolve(wanted)

    async def _uses(self, plan: LivePlan | Problem | None) -> Mapping[str, int] | Problem | None:
        """Return which use of the plan's data sets the pinned version's is, as far as that is counted."""
        model = self.candidate.status.model
        if not isinstance(plan, LivePlan) or model is None:
            return None
        datasets = [one.digest for one in counted(plan.spec.evaluation)]
        registry = self._registry(model.registry) if datasets else None
        if registry is None or isinstance(registry, Problem):
            return registry or {}
        where = f"the uses of data sets, tags of {model.name} in registry {model.registry}"
        return await _or_problem(registry.uses(model, datasets), where)

    async def _job(self) -> JobReport | Problem | None:
        evaluation = self.candidate.status.evaluation
        if evaluation is None:
            return None
        try:
            view = await self.world.jobs.job(self._ref(evaluation.job_name))
        except NotFound:
            text = f"Job {evaluation.job_name} does not exist (yet)"
            return Problem(reason=Reason.EVALUATION_WAITING, message=text)
        return await report_of(self.world.providers, self.candidate, view)

    async def samples(self, plan: LivePlan | Problem | None) -> Samples:
        """Return the samples since the checkpoint of the status; None while no step is in force."""
        traffic = self.candidate.status.traffic
        if not isinstance(plan, LivePlan) or traffic is None or step_in_force(traffic) is None:
            return None
        return await samples_of(self.world.providers.metrics, self.candidate, plan.spec.traffic, self.now)


async def _if(wanted: bool, read: Callable[[], Awaitable[V]]) -> V | None:  # noqa: FBT001 -- reads as its name
    return await read() if wanted else None


async def _or_problem(asking: Awaitable[V], where: str) -> V | Problem:
    try:
        return await asking
    except NotFound as error:
        return Problem(reason=Reason.MODEL_MISSING, message=f"{where}: {error}: register it, or correct the name")
    except Unavailable as error:
        return Problem(reason=Reason.REGISTRY_UNAVAILABLE, message=f"{where}: {error}: waiting for the registry")
    except SluiceError as error:
        reason = Reason.MODEL_TOO_LARGE if error.reason == "TooLarge" else Reason.MODEL_UNSERVABLE
        return Problem(reason=reason, message=f"{where}: {error}")
