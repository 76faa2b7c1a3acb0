"""One read for all candidates that tick together, and nobody else held by a provider or a counter that fails."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import pytest

from sluice.core.analysis.samples import Series
from sluice.core.analysis.signals import CounterSpec
from sluice.ports import CounterQuery, Unavailable
from sluice.runtime import lane, sampling
from sluice.runtime.lane import Found
from sluice.runtime.sampling import NotRead, SharedReads

ERRORS, CARTS = CounterSpec("errors_total"), CounterSpec("carts_total")
HUNG = Unavailable("it does not answer in time", reason="Timeout")


def query(target: str = "reviews", spec: CounterSpec = ERRORS, seconds: int = 90) -> CounterQuery:
    return CounterQuery(namespace="models", target=target, spec=spec, seconds=seconds)


@dataclass
class Provider:
    """Answers with the number of the read, or fails, or keeps everybody waiting, by counter."""

    reads: list[frozenset[CounterQuery]] = field(default_factory=list)
    failing: dict[CounterSpec, Exception] = field(default_factory=dict)
    held: defaultdict[CounterSpec, asyncio.Event] = field(default_factory=lambda: defaultdict(_open))
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self, queries: Collection[CounterQuery], at: float) -> Mapping[CounterQuery, Found]:
        assert at == 1000.0
        self.reads.append(frozenset(queries))
        self.asked.set()
        number = len(self.reads)
        (spec,) = {each.spec for each in queries}
        await self.held[spec].wait()
        if spec in self.failing:
            if not isinstance(self.failing[spec], Unavailable):
                raise self.failing[spec]
            return dict.fromkeys(queries, self.failing[spec])  # type: ignore[arg-type]
        return {each: answer(number) for each in queries}


def _open() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


def answer(number: int) -> tuple[Series, ...]:
    return (Series({}, ((0.0, float(number)),)),)


@dataclass
class Place:
    """A provider and the reads that workers share."""

    provider: Provider = field(default_factory=Provider)
    noted: list[Found] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.shared = SharedReads(self.provider, self.noted.append, now=lambda: 1000.0)

    async def get(self, *queries: CounterQuery) -> list[Found]:
        """Come again as often as it takes."""
        while True:
            try:
                found = await self.shared.read(queries, 0.0)
            except NotRead as wait:
                await wait.arrival
            else:
                return [found[each] for each in queries]

    async def asked(self, *queries: CounterQuery) -> asyncio.Future[None]:
        """Ask once, for what is not there; return when to come again."""
        with pytest.raises(NotRead) as caught:
            await self.shared.read(queries, 0.0)
        return caught.value.arrival


@pytest.fixture
def place() -> Place:
    return Place()


async def test_a_thousand_candidates_that_tick_together_share_one_read_of_each_counter(place: Place) -> None:
    each = [(query(f"t-{number}"), query(f"t-{number}", CARTS)) for number in range(1000)]
    found = await asyncio.gather(*(place.get(*pair) for pair in each))
    assert sorted(len(read) for read in place.provider.reads) == [1000, 1000]
    assert {len(pair) for pair in found} == {2}
    assert len(place.noted) == 2000


async def test_samples_are_handed_out_once_and_then_read_anew(place: Place) -> None:
    assert [await place.get(query()), await place.get(query())] == [[answer(1)], [answer(2)]]


async def test_who_asks_while_a_read_is_under_way_shares_the_next(place: Place) -> None:
    held = place.provider.held[ERRORS]
    held.clear()
    first = asyncio.ensure_future(place.get(query("a")))
    await place.provider.asked.wait()
    others = [asyncio.ensure_future(place.get(query(name))) for name in ("b", "c")]
    await asyncio.sleep(0)
    held.set()
    assert await asyncio.gather(*others) == [[answer(2)], [answer(2)]]
    assert await first == [answer(1)]
    assert place.provider.reads == [{query("a")}, {query("b"), query("c")}]


async def test_a_longer_window_later_is_still_the_same_question(place: Place) -> None:
    arrival = await place.asked(query(seconds=90))
    assert await place.get(query(seconds=91)) == [answer(1)]
    await arrival


async def test_reads_of_a_counter_are_apart_however_often_somebody_asks(place: Place) -> None:
    loop = asyncio.get_running_loop()
    begun = loop.time()
    for _ in range(4):
        await place.get(query())
    assert loop.time() - begun >= 3 * lane.APART
    assert len(place.provider.reads) == 4


async def test_a_counter_that_hangs_holds_only_those_who_want_it(place: Place) -> None:
    place.provider.held[CARTS].clear()
    stuck = asyncio.ensure_future(place.get(query("a"), query("a", CARTS)))
    for _ in range(5):
        await place.get(query("b"))
    assert not stuck.done()
    place.provider.held[CARTS].set()
    assert len(await stuck) == 2


async def test_a_counter_that_fails_hurts_only_its_own_metric(place: Place) -> None:
    place.provider.failing[CARTS] = HUNG
    assert (await place.get(query(), query(spec=CARTS)))[1] is HUNG
    assert await place.get(query("b")) != [HUNG]


async def test_a_counter_that_failed_and_hangs_delays_nothing_any_more(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "GRACE", 0.0)
    place.provider.failing[CARTS] = HUNG
    await place.get(query(spec=CARTS))
    place.provider.held[CARTS].clear()
    for _ in range(3):
        errors, carts = await place.get(query(), query(spec=CARTS))
        assert (isinstance(errors, tuple), carts) == (True, HUNG)
    assert sum(query(spec=CARTS) in read for read in place.provider.reads) == 2


async def test_what_arrives_after_the_last_error_was_used_is_not_used_later(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "GRACE", 0.0)
    place.provider.failing[CARTS] = HUNG
    await place.get(query(spec=CARTS))
    place.provider.held[CARTS].clear()
    await place.get(query(spec=CARTS))
    question = place.shared._lane(query(spec=CARTS))._open["models", "reviews"]
    del place.provider.failing[CARTS]
    place.provider.held[CARTS].set()
    await question.answered
    assert await place.get(query(spec=CARTS)) == [answer(3)]


async def test_an_error_that_arrives_late_is_no_answer_to_the_next_tick(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "GRACE", 0.0)
    place.provider.failing[ERRORS] = HUNG
    await place.get(query())
    place.provider.held[ERRORS].clear()
    await place.get(query())
    question = place.shared._lane(query())._open["models", "reviews"]
    place.provider.held[ERRORS].set()
    await question.answered
    await place.asked(query())


async def test_a_counter_that_answers_again_is_used_at_once(place: Place) -> None:
    place.provider.failing[ERRORS] = HUNG
    assert await place.get(query()) == [HUNG]
    del place.provider.failing[ERRORS]
    assert await place.get(query()) == [answer(2)]


async def test_a_bug_in_a_provider_is_an_error_of_its_candidates(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    place.provider.failing[ERRORS] = ZeroDivisionError()
    (found,) = await place.get(query())
    assert isinstance(found, Unavailable)
    assert (found.reason, "ZeroDivisionError" in caplog.text) == ("Other", True)


async def test_answers_that_nobody_comes_for_are_dropped(place: Place) -> None:
    await (await place.asked(query()))
    lane = place.shared._lane(query())
    assert not lane.drop(before=0.0)
    assert lane.drop(before=float("inf"))
    assert not lane.is_ready(query())
