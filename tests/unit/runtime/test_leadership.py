"""Leader election over an in-memory Lease and a clock that the test moves."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from typing_extensions import override

from sluice.adapters.memory import MemoryLeases
from sluice.adapters.memory_clock import MemoryClock
from sluice.ports import Ref, Unavailable
from sluice.runtime.leadership import DURATION, RENEW_WITHIN, Leadership, LeadershipLost, identity_in

LEASE = Ref(namespace="sluice-system", name="sluice-operator")


@pytest.fixture
def clock() -> MemoryClock:
    return MemoryClock()


@pytest.fixture
def leases() -> MemoryLeases:
    return MemoryLeases()


def replica(name: str, leases: MemoryLeases, clock: MemoryClock) -> Leadership:
    return Leadership(leases=leases, ref=LEASE, identity=name, clock=clock.seconds)


def leads(one: Leadership, clock: MemoryClock) -> bool:
    return one.held(clock.seconds())


async def test_the_first_takes_the_lease_and_the_second_waits(leases: MemoryLeases, clock: MemoryClock) -> None:
    first, second = replica("a", leases, clock), replica("b", leases, clock)
    assert [await first.contend(), await second.contend()] == [True, False]
    assert [leads(first, clock), leads(second, clock)] == [True, False]


async def test_a_leader_that_renews_keeps_the_lease(leases: MemoryLeases, clock: MemoryClock) -> None:
    first, second = replica("a", leases, clock), replica("b", leases, clock)
    for _ in range(20):
        assert await first.contend()
        assert not await second.contend()
        clock.advance(2)
    assert leads(first, clock)
    assert (await leases.read(LEASE))["spec"]["leaseTransitions"] == 1


async def test_the_fence_closes_before_another_may_lead(leases: MemoryLeases, clock: MemoryClock) -> None:
    first, second = replica("a", leases, clock), replica("b", leases, clock)
    await first.contend()
    await second.contend()
    clock.advance(RENEW_WITHIN)
    with pytest.raises(LeadershipLost):
        first.fence()
    assert not await second.contend(), "the first one's last write may still be under way"
    clock.advance(DURATION - RENEW_WITHIN)
    assert await second.contend()
    second.fence()
    assert (await leases.read(LEASE))["spec"]["leaseTransitions"] == 2


async def test_a_leader_that_was_paused_finds_itself_replaced(leases: MemoryLeases, clock: MemoryClock) -> None:
    first, second = replica("a", leases, clock), replica("b", leases, clock)
    await first.contend()
    await second.contend()
    clock.advance(DURATION)
    assert await second.contend()
    assert not await first.contend()
    with pytest.raises(LeadershipLost):
        first.fence()


async def test_without_an_api_server_the_lease_runs_out(leases: MemoryLeases, clock: MemoryClock) -> None:
    leader = replica("a", leases, clock)
    await leader.contend()
    leases.problem = Unavailable("no answer")
    clock.advance(RENEW_WITHIN - 1)
    assert not await leader.contend()
    assert leads(leader, clock)
    clock.advance(1)
    assert not leads(leader, clock)


async def test_a_new_leader_does_not_take_a_hiccup_for_a_loss(leases: MemoryLeases, clock: MemoryClock) -> None:
    first, second = replica("a", leases, clock), replica("b", leases, clock)
    await first.contend()
    await second.contend()
    clock.advance(DURATION)
    assert await second.contend()
    leases.problem = Unavailable("no answer")
    assert not await second.contend()
    assert (second.replaced(), leads(second, clock)) == (False, True)


async def test_the_other_replicas_clock_is_not_trusted(leases: MemoryLeases, clock: MemoryClock) -> None:
    future = {"holderIdentity": "a", "renewTime": "2099-01-01T00:00:00Z", "leaseDurationSeconds": 15}
    await leases.create(LEASE, future)
    second = replica("b", leases, clock)
    assert not await second.contend()
    clock.advance(DURATION)
    assert await second.contend(), "seen unchanged for a whole duration by our own clock"


async def test_a_lease_given_up_is_taken_at_once(leases: MemoryLeases, clock: MemoryClock) -> None:
    first, second = replica("a", leases, clock), replica("b", leases, clock)
    await first.contend()
    await second.contend()
    await first.release()
    assert not leads(first, clock)
    assert await second.contend()


async def test_a_process_that_is_started_again_in_its_pod_leads_at_once(
    leases: MemoryLeases, clock: MemoryClock
) -> None:
    def in_pod(pod: str, suffix: str) -> Leadership:
        return replace(replica(identity_in(pod, suffix), leases, clock), pod=pod)

    assert await in_pod("sluice-1", "aaaa").contend()
    assert not await in_pod("sluice-2", "bbbb").contend(), "another pod's leader may live"
    assert not await in_pod("sluice", "cccc").contend(), "nor is it one whose name begins alike"
    assert not await replica(identity_in("sluice-1", "dddd"), leases, clock).contend(), "on a host there may be several"
    assert await in_pod("sluice-1", "eeee").contend()
    assert (await leases.read(LEASE))["spec"]["leaseTransitions"] == 2


async def test_two_that_contend_in_one_moment_do_not_both_lead(leases: MemoryLeases, clock: MemoryClock) -> None:
    await leases.create(LEASE, {"holderIdentity": ""})
    seen = await leases.read(LEASE)
    assert await replica("a", leases, clock).contend()

    class Late(MemoryLeases):
        @override
        async def read(self, ref: Ref) -> Mapping[str, Any]:
            return dict(seen) if ref == LEASE else {}

        replace = leases.replace

    assert not await replica("b", Late(), clock).contend()


async def test_keep_returns_when_the_lease_is_another_s(leases: MemoryLeases, clock: MemoryClock) -> None:
    leader = replica("a", leases, clock)
    await leader.contend()
    clock.advance(RENEW_WITHIN)
    await leader.keep()
    assert not leads(leader, clock)
