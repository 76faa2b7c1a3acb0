"""The one way in: take a key, read everything, decide, carry out, write the status, look again later."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sluice.core.observed import Candidate, Observed
from sluice.core.plan import Plan
from sluice.core.reconcile import reconcile
from sluice.core.record import Record
from sluice.core.steady import breached, steady
from sluice.ports import Conflict, NotFound, Ref, SluiceError
from sluice.runtime.apply import Applied, Applier
from sluice.runtime.index import Key
from sluice.runtime.invalid import refuse_object
from sluice.runtime.looks import Look, Looks, look_of
from sluice.runtime.observe import observe, resample
from sluice.runtime.pacing import rhythm_of, until_slot
from sluice.runtime.parsing import InvalidObject, parse_candidate
from sluice.runtime.sampling import NotRead
from sluice.runtime.telemetry import Telemetry, outcome_of
from sluice.runtime.workqueue import FIRST, WorkQueue
from sluice.runtime.world import World

log = logging.getLogger(__name__)

PATIENCE = 5.0
"""Seconds that an idle worker waits before it gives a sign of life."""
INVALID_AGAIN = 300.0


class CandidateGone(NotFound):
    """The candidate itself is no more: nothing is left to look at."""


@dataclass(frozen=True)
class Reconciler:
    """Ties reading, deciding and writing together for one candidate at a time."""

    world: World
    applier: Applier
    now: Callable[[], datetime]
    decide: Callable[[Observed], Plan] = reconcile
    looks: Looks = field(default_factory=Looks)

    async def reconcile(self, key: Key) -> float | None:
        """Look at one candidate once; return in how many seconds to look again.

        Raises what the ports raise, and NotRead when it is to be done again as soon as samples are there.
        """
        try:
            requeue = None if self.looks.is_outdated(key) else await self._glance(key)
            return await self._look(key) if requeue is None else requeue
        except NotRead:
            raise
        except BaseException:
            self.looks.forget(key)
            raise

    async def _glance(self, key: Key) -> float | None:
        """Judge new samples with the objects of the last look; None unless that leads to more waiting, or to a breach.

        Whatever else it would lead to is decided on objects that are read anew, and so are objects that may be old;
        both with these samples. So is what cannot be written, for something is no longer what it was.
        """
        last, now = self.looks.last(key), self.now()
        if last is None:
            return None
        begun = self.looks.begin(key, now)
        observed = replace(await resample(self.world, last.observed, now), **begun._asdict())
        plan = self.decide(observed) if self.looks.is_current(key, now) else None
        if plan is not None and (steady(observed, plan) or breached(observed, plan)):
            with contextlib.suppress(Conflict):
                applied = await self.applier.apply(last.raw, observed, plan, last.record)
                return self._remember(key, applied, observed, last.taken)
        self.looks.keep(key, replace(last, observed=observed))
        return None

    async def _look(self, key: Key) -> float | None:
        """Read everything that the decision needs, and carry out what follows from it."""
        self.looks.renew(key)
        now, raw = self.now(), await self._read(key)
        try:
            candidate = parse_candidate(raw)
        except InvalidObject as error:
            await refuse_object(self.world, raw, str(error), now)
            self.looks.forget(key)
            return INVALID_AGAIN
        begun = self.looks.begin(key, now)
        observed, record = await self._observe(candidate, self.looks.last(key))
        try:
            if observed.samples is None:
                observed = await resample(self.world, observed, observed.now)
        except NotRead:
            self.looks.await_samples(key, look_of(raw, observed, record, now))
            raise
        observed = replace(observed, **begun._asdict())
        applied = await self.applier.apply(raw, observed, self.decide(observed), record)
        return self._remember(key, applied, observed, now)

    async def _observe(self, candidate: Candidate, last: Look | None) -> tuple[Observed, Record]:
        """Go on from the evidence of the last look, which may be ahead of the record, unless the record is another."""
        if last is None or candidate.uid != last.observed.candidate.uid or candidate.status != last.record.status:
            return await observe(self.world, candidate, self.now()), Record(candidate.status)
        known = replace(candidate, status=last.observed.candidate.status)
        observed = await observe(self.world, known, self.now())
        return replace(observed, samples=last.observed.samples), last.record

    def _remember(self, key: Key, applied: Applied, observed: Observed, taken: datetime) -> float | None:
        if steady(observed, applied.plan):
            candidate = replace(observed.candidate, status=applied.plan.status)
            known, last = replace(observed, candidate=candidate, samples=None), self.looks.last(key)
            look = replace(
                look_of(applied.raw, known, applied.record, taken),
                tick=applied.plan.requeue or 0.0,
                missed=observed.missed_ticks,
                rhythm=rhythm_of(observed, last.rhythm if last else None),
            )
            self.looks.keep(key, look)
        else:
            self.looks.forget(key)
        return applied.plan.requeue

    async def _read(self, key: Key) -> Mapping[str, Any]:
        try:
            return await self.world.objects.candidate(Ref(namespace=key.namespace, name=key.name))
        except NotFound as error:
            raise CandidateGone(str(error)) from error


@dataclass(frozen=True)
class Worker:
    """Takes keys from the queue for ever; whatever one reconcile does, the next one goes on."""

    number: int
    queue: WorkQueue[Key]
    reconciler: Reconciler
    telemetry: Telemetry
    quick: bool = False
    """Whether it only looks at samples, and at what they lead to: a breach waits for nobody's objects."""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Shared by all: passes begin one by one, and in between whatever arrived is taken in, or a write would wait for
    the judgements of all others."""

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self.step(PATIENCE)

    async def step(self, patience: float) -> None:
        """Give a sign of life, then reconcile the next key that comes due within `patience` seconds, if any."""
        self.telemetry.beat(self.number)
        key = await self.queue.take(patience, quick=self.quick)
        if key is None:
            return
        try:
            async with self.turn:
                await asyncio.sleep(0)
            await self._once(key)
        finally:
            self.queue.release(key)

    async def _once(self, key: Key) -> None:
        begun = self.telemetry.clock()
        try:
            outcome = await self._attempt(key, begun)
        except NotRead as wait:
            wait.arrival.add_done_callback(lambda _: self.queue.add(key, FIRST, quick=True))
            return
        self.telemetry.seconds.observe(self.telemetry.clock() - begun)
        self.telemetry.reconciles.labels(outcome).inc()

    async def _attempt(self, key: Key, begun: float) -> str:
        """Reconcile once and see to the next time; return the outcome's word."""
        try:
            async with asyncio.timeout(self.telemetry.heartbeat_seconds / 2):
                requeue = await self.reconciler.reconcile(key)
        except NotRead:
            raise
        except CandidateGone:
            self.queue.forgive(key)
            return "gone"
        except (SluiceError, TimeoutError) as error:
            return self._again(key, error)
        except Exception:
            log.exception("reconcile failed", extra={"namespace": key.namespace, "candidate": key.name})
            self.queue.retry(key)
            return "error"
        self.queue.forgive(key)
        if requeue is not None:
            self._later(key, requeue, begun)
        return "ok"

    def _again(self, key: Key, error: SluiceError | TimeoutError) -> str:
        delay = self.queue.retry(key, at_once=isinstance(error, Conflict))
        details = {"namespace": key.namespace, "candidate": key.name, "cause": str(error), "again_in": delay}
        log.log(logging.DEBUG if isinstance(error, Conflict) else logging.WARNING, "not reconciled", extra=details)
        return outcome_of(error)

    def _later(self, key: Key, wanted: float, begun: float) -> None:
        """Have it looked at again, counted from when the pass began, or its own time would stretch the tick.

        Ticks of steps in force begin with those of others, so that they share their reads. All else waits for at least
        half of what it wants, so that a world in which everything takes long is not asked without a break.
        """
        look = self.reconciler.looks.last(key)
        if wanted and look is not None:
            now, name = self.reconciler.now().timestamp(), f"{key.namespace}/{key.name}"
            self.queue.add(key, until_slot(now, wanted, name, look.rhythm), quick=True)
        else:
            self.queue.add(key, max(wanted - (self.telemetry.clock() - begun), wanted / 2))
