"""The verdict depends on the samples, not on when they were read, in what portions, or on a restart in between."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from hypothesis import event, given, settings
from hypothesis import strategies as st

from sluice.api.verdict import Verdict
from sluice.core.analysis import progress
from sluice.core.analysis.breach import Breach
from sluice.core.analysis.counter_spec import CounterSpec
from sluice.core.analysis.counts import Counts
from sluice.core.analysis.engine import advance, window_seconds
from sluice.core.analysis.error_rate import ErrorRate
from sluice.core.analysis.evidence import Channel, Evidence
from sluice.core.analysis.latency import Latency
from sluice.core.analysis.panel import look
from sluice.core.analysis.ratio import Ratio
from sluice.core.analysis.rounds import Round
from sluice.core.analysis.settings import HardLimit, Settings
from sluice.core.analysis.signals import Signal
from sluice.core.analysis.state import State
from sluice.core.analysis.verdict import MetricVerdict
from tests.support.analysis import context, feed, step, through
from tests.support.scraped import Scraped

END = 120.0
PLAN = Settings(restarts=2, restart_seconds=40, warm_up_seconds=3)


@dataclass(frozen=True)
class Life:
    """One pod: when it lives, how it is scraped, and when its process crashes."""

    arm: str
    born: float
    gone: float
    offset: float
    interval: float
    failing: int
    crashes: frozenset[int]
    missed: frozenset[int]


lives = st.builds(
    Life,
    arm=st.sampled_from(["candidate", "stable", "stable"]),
    born=st.sampled_from([0.0, 0.0, 31.0]),
    gone=st.sampled_from([END, END, 77.0]),
    offset=st.floats(0, 4.9),
    interval=st.sampled_from([1.0, 5.0, 5.0, 30.0]),
    failing=st.integers(0, 3),
    crashes=st.frozensets(st.integers(0, 25), max_size=3),
    missed=st.frozensets(st.integers(0, 25), max_size=8),
)


def world(pods: list[Life]) -> Scraped:
    found = Scraped()
    events = []
    for number, life in enumerate(pods):
        scrapes = range(int((life.gone - life.born) // life.interval) + 1)
        events += [(life.born + life.offset + life.interval * place, number, place) for place in scrapes]
    for time, number, place in sorted(events):
        life, name = pods[number], f"p-{number}"
        if place in life.crashes and name in found.arms:
            found.crash(name)
        requests = 7 + place % 5
        found.serve(life.arm, name, ok=requests, failed=life.failing)
        found.took(life.arm, name, {0.03: requests, 0.2 * life.failing: life.failing})
        found.count(life.arm, name, visits_total=requests, carts_total=life.failing)
        if place not in life.missed:
            found.scrape(time, [name])
    return found


CARTS = Ratio(CounterSpec("carts_total"), CounterSpec("visits_total"))
METRICS = st.sampled_from(
    [
        (ErrorRate(), PLAN),
        (ErrorRate(), replace(PLAN, hard_limit=HardLimit(0.1))),
        (Latency(), PLAN),
        (Latency(), replace(PLAN, hard_limit=HardLimit(0.05, "0.25"))),
        (CARTS, PLAN),
        (CARTS, replace(PLAN, higher=True)),
        (CARTS, replace(PLAN, higher=True, matures_seconds=20)),
    ]
)


@settings(max_examples=70, deadline=None, derandomize=True)
@given(pods=st.lists(lives, min_size=2, max_size=5), cuts=st.lists(st.floats(0, END), max_size=12), metric=METRICS)
def test_one_by_one_in_portions_and_through_checkpoints(
    pods: list[Life], cuts: list[float], metric: tuple[Signal, Settings]
) -> None:
    given_world, end = world(pods), END + 10
    signal, plan = metric
    at_once = feed(given_world, [end], settings=plan, signal=signal)
    in_portions = feed(given_world, [*sorted(cuts), end], settings=plan, signal=signal)
    every_other = feed(given_world, [*map(float, range(1, int(end), 4)), end], settings=plan, signal=signal)
    assert evidence(in_portions) == evidence(every_other) == evidence(at_once)


TOGETHER = Settings(alpha=0.05, share=0.25)
FOUR: Mapping[str, Signal] = {"errors": ErrorRate(), "again": ErrorRate(), "carts": CARTS, "once more": CARTS}


def guilty(given_world: Scraped, reads: Iterable[float]) -> tuple[bool, bool]:
    """Whether some look on all metrics is a failure, and whether one of them is alone."""
    states: Mapping[str, State] = {}
    for now in reads:
        contexts = {name: context(now, settings=TOGETHER, signal=signal) for name, signal in FOUR.items()}
        read = dict.fromkeys(FOUR, given_world.series(until=now))
        panel = look({name: through(state) for name, state in states.items()}, read, contexts)
        if panel.verdict is Verdict.FAIL:
            return True, any(one.verdict is Verdict.FAIL for one in panel.verdicts.values())
        states = panel.states
    return False, False


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    worse=st.integers(5, 12),
    failing=st.lists(st.integers(0, 2), min_size=12, max_size=12),
    cuts=st.lists(st.floats(0, 130), max_size=8),
)
def test_guilt_of_several_metrics_together(worse: int, failing: list[int], cuts: list[float]) -> None:
    """Worse for a while, then spotless: four metrics that say the same are guilty together before any of them alone."""
    given_world = Scraped()
    for place, bad in enumerate([*[failed + worse // 4 for failed in failing], *[0] * 12]):
        for arm, failed, requests in (("candidate", bad, 20), ("stable", 9, 180)):
            given_world.serve(arm, arm, ok=requests - failed, failed=failed)
            given_world.count(arm, arm, visits_total=requests, carts_total=failed)
        given_world.scrape(5.0 * place)
    found = [guilty(given_world, reads) for reads in ([131], [*sorted(cuts), 131], range(1, 132, 5))]
    event(f"guilty, some alone: {found[-1]}")
    assert len({any_guilty for any_guilty, _ in found}) == 1


steady = lives.map(lambda life: replace(life, interval=min(life.interval, 5.0), missed=frozenset()))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(pods=st.lists(steady, min_size=2, max_size=4))
def test_a_read_needs_to_reach_back_no_further_than_its_window(pods: list[Life]) -> None:
    given_world, outcomes = world(pods), []
    for reach in (lambda *_: END, lambda state, now: window_seconds(state, now, PLAN)):
        state = State()
        for now in range(1, int(END), 3):
            series = given_world.series(until=now, since=now - reach(state, now))
            state, verdict = advance(state, series, context(now, settings=PLAN))
        outcomes.append(evidence((state, verdict)))
    assert outcomes[0] == outcomes[1]


def evidence(outcome: tuple[State, MetricVerdict]) -> tuple[object, ...]:
    """Everything that a decision rests on."""
    state, verdict = outcome
    return state.evidence, state.end, state.seen, verdict


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    rounds=st.lists(
        st.tuples(st.integers(0, 10**9), st.integers(0, 10**9), st.floats(0, 1), st.floats(0, 1)), max_size=20
    )
)
def test_no_numbers_overflow(rounds: list[tuple[int, int, float, float]]) -> None:
    against, favour = Breach(), progress.fresh()
    for place, (mine, theirs, bad, worse) in enumerate(rounds):
        counts = Counts(float(int(mine * bad)), float(mine), float(int(theirs * worse)), float(theirs))
        done = Round(5.0 * place, 5.0 * place + 5, counts)
        against, favour = against.grow(done, PLAN), favour.extend(done, step())
    state = State(evidence=Evidence({"": Channel(against, favour)}))
    assert through(state) == state
    assert progress.log_evidence(favour, step()) < float("inf")
