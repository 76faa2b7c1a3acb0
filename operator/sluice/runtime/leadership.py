"""Which replica may write: a Lease, renewed while leading, and a fence that closes before the Lease can be lost.

The fence goes by this process's own monotonic clock, counted from before the renewal was sent: it is closed
`DURATION - RENEW_WITHIN` seconds before any other replica may take over, longer than one API call may last.

A process that is started again in its pod waits for nothing: who led from there before has ended.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sluice.ports import Conflict, Leases, NotFound, Ref, Unavailable

log = logging.getLogger(__name__)

DURATION = 15.0
RENEW_WITHIN = 10.0
RETRY = 2.0


def identity_in(pod: str, suffix: str) -> str:
    """Return how a process in a pod calls itself; the suffix tells it from those that ran there before."""
    return f"{pod}_{suffix}"


class LeadershipLost(Unavailable):
    """This process may not write any more."""


@dataclass
class Leadership:
    """One replica's view of the Lease."""

    leases: Leases
    ref: Ref
    identity: str
    clock: Callable[[], float]
    """Monotonic seconds."""
    pod: str = ""
    """The pod in which this process is the only one of its kind; empty: there may be others."""
    _held_until: float = field(default=float("-inf"), init=False)
    _seen: tuple[Any, ...] = field(default=(), init=False)
    _seen_at: float = field(default=0.0, init=False)

    def held(self, now: float) -> bool:
        """Return whether this replica leads at this monotonic time."""
        return now < self._held_until

    def fence(self) -> None:
        """Raise LeadershipLost when this replica may not write."""
        if not self.held(self.clock()):
            raise LeadershipLost(f"{self.identity} does not lead")

    async def acquire(self) -> None:
        """Wait until this replica leads."""
        while not await self.contend():  # noqa: ASYNC110 -- the Lease is on another machine
            await asyncio.sleep(RETRY)
        log.info("leading", extra={"identity": self.identity})

    async def keep(self) -> None:
        """Renew for as long as it works; return once the Lease is lost."""
        while self.held(self.clock()):
            await asyncio.sleep(RETRY)
            if not await self.contend() and self.replaced():
                break
        self._held_until = float("-inf")
        log.error("leadership lost", extra={"identity": self.identity})

    async def contend(self) -> bool:
        """Take or renew the Lease once; return whether that worked."""
        asked_at = self.clock()
        try:
            await self._write(asked_at)
        except (Conflict, Unavailable) as error:
            log.debug("lease not written", extra={"cause": error.reason})
            return False
        self._held_until = asked_at + RENEW_WITHIN
        self._seen = (self.identity, None, None)
        return True

    def replaced(self) -> bool:
        """Return whether another replica was seen to hold the Lease since this one last wrote it."""
        return bool(self._seen) and self._seen[0] not in ("", self.identity)

    async def release(self) -> None:
        """Give the Lease up, so that the other replica need not wait."""
        if not self.held(self.clock()):
            return
        self._held_until = float("-inf")
        lease = await self.leases.read(self.ref)
        if lease["spec"].get("holderIdentity") == self.identity:
            spec = {**lease["spec"], "holderIdentity": "", "leaseDurationSeconds": 1}
            await self.leases.replace(self.ref, lease["metadata"]["resourceVersion"], spec)

    async def _write(self, now: float) -> None:
        try:
            lease = await self.leases.read(self.ref)
        except NotFound:
            await self.leases.create(self.ref, self._spec({}))
            return
        spec: Mapping[str, Any] = lease.get("spec") or {}
        self._look(spec, now)
        if self.replaced() and not self._restarted() and now < self._seen_at + DURATION:
            raise Conflict(f"led by {spec.get('holderIdentity')}")
        await self.leases.replace(self.ref, lease["metadata"]["resourceVersion"], self._spec(spec))

    def _restarted(self) -> bool:
        """Return whether the Lease is that of this process's predecessor in its pod."""
        return bool(self.pod) and str(self._seen[0]).startswith(identity_in(self.pod, ""))

    def _look(self, spec: Mapping[str, Any], now: float) -> None:
        """Note when the Lease last changed, by our own clock: the holder's clock is not trusted."""
        seen = (spec.get("holderIdentity") or "", spec.get("renewTime"), spec.get("leaseTransitions"))
        if seen != self._seen:
            self._seen, self._seen_at = seen, now

    def _spec(self, old: Mapping[str, Any]) -> dict[str, Any]:
        now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        mine = old.get("holderIdentity") == self.identity
        changes = int(old.get("leaseTransitions") or 0)
        return {
            "holderIdentity": self.identity,
            "leaseDurationSeconds": int(DURATION),
            "acquireTime": old.get("acquireTime") or now if mine else now,
            "renewTime": now,
            "leaseTransitions": changes if mine else changes + 1,
        }
