"""Trying a plan on history: counts of raw samples, thinning, injected faults, and the engine's own verdicts."""

import random
from collections.abc import Iterator, Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from sluice.api.live import Better, Traffic
from sluice.core.analysis.pretend import ARMS
from sluice.core.analysis.samples import Series
from sluice.core.backtest.chronicle import Chronicle, Library
from sluice.core.backtest.summary import summary
from sluice.core.backtest.trial import Injection, Setup, Trial, thinned, try_out, worsened
from sluice.core.history import Portion, Reels
from sluice.core.rehearsal import Outcome, Rehearsal
from tests.support import objects as make
from tests.support.recordings import AT, Fleet, World, traffic

QUARTER, HALF = make.step(25, maxDurationSeconds=1200), make.step(50, margin="2", maxDurationSeconds=1200)
PLAN = traffic(steps=[QUARTER, HALF])
SLOW = traffic(steps=[QUARTER, HALF], metrics=[make.metric(name="latency", signal="Latency")])
BOTH = traffic(steps=[QUARTER, HALF], metrics=[make.metric(), make.metric(name="latency", signal="Latency")])
ONE_BAD_POD = (Fleet(pods=3), Fleet(pods=1, failing=0.06, name="bad"))


def dice(seed: object = 1) -> random.Random:
    return random.Random(str(seed))  # noqa: S311 -- dice


def setup(world: World, plan: Traffic = PLAN, injection: Injection | None = None, **fields: float) -> Setup:
    library = Library(plan.metrics)
    for portion in world.portions():
        library.add(portion)
    return Setup(plan, library.of("main"), injection, **fields)


def trials(prepared: Setup, count: int, seed: int = 1) -> list[Trial]:
    return [try_out(prepared, AT + 60 * run, dice(f"{seed}/{run}")) for run in range(count)]


# From raw samples to counts


def chronicle(*series: Series) -> Chronicle:
    found = Chronicle(PLAN.metrics[0], "main")
    found.add(Portion(0.0, 1000.0, series))
    found.close()
    return found


def counter(pod: str, code: str, *samples: tuple[float, float]) -> Series:
    return Series({"predictor_name": "main", "pod": pod, "code": code, "service": "predictions"}, samples)


def rows(found: Chronicle) -> Mapping[str, list[list[float]]]:
    return {
        name: [list(row) for place in range(len(found.ends)) if (row := pod.row(place)) is not None]
        for name, pod in found.pods.items()
    }


@pytest.mark.parametrize(
    ("series", "ends", "want"),
    [
        pytest.param(
            [counter("p", "200", (0, 5), (15, 8), (30, 9)), counter("p", "500", (0, 1), (15, 1), (30, 3))],
            [15, 30],
            {"main/p": [[3, 0], [3, 2]]},
            id="what was gained, not what was there",
        ),
        pytest.param(
            [counter("p", "200", (0, 5), (15, 2)), counter("p", "500", (0, 9), (15, 1))],
            [15],
            {"main/p": [[3, 1]]},
            id="a process that began again",
        ),
        pytest.param(
            [counter("p", "200", (0, 0), (15, 4), (30, 8)), counter("q", "200", (7, 0), (22, 1), (37, 3))],
            [22, 37],
            {"main/p": [[4, 0], [4, 0]], "main/q": [[1, 0], [2, 0]]},
            id="pods scraped in turn",
        ),
        pytest.param(
            [counter("p", "200", (0, 0), (15, 4), (30, 8), (45, 9)), counter("q", "200", (16, 0), (31, 5))],
            [15, 31, 45],
            {"main/p": [[4, 0], [4, 0], [1, 0]], "main/q": [[5, 0]]},
            id="a pod that comes late and goes early",
        ),
        pytest.param([], [], {}, id="nothing"),
    ],
)
def test_rounds(series: list[Series], ends: list[float], want: Mapping[str, list[list[float]]]) -> None:
    found = chronicle(*series)
    assert (list(found.ends), rows(found)) == (ends, want)


def test_portions_do_not_matter() -> None:
    world = World(hours=1, fleets=(Fleet(stagger=3.0),))
    whole, parts = Chronicle(PLAN.metrics[0], "main"), Chronicle(PLAN.metrics[0], "main")
    for portion in world.portions(3600):
        whole.add(portion)
    for portion in World(hours=1, fleets=(Fleet(stagger=3.0),)).portions(3600):
        for begin in range(0, 3600, 97):
            parts.add(_cut(portion, AT + begin, AT + begin + 97))
    whole.close()
    parts.close()
    assert (rows(parts), parts.ends) == (rows(whole), whole.ends)


def _cut(portion: Portion, begin: float, end: float) -> Portion:
    cut = (Series(one.labels, tuple(s for s in one.samples if begin <= s[0] < end)) for one in portion.series)
    return Portion(begin, end, tuple(one for one in cut if one.samples))


# Thinning and injecting

cells = some.lists(some.integers(0, 1000), min_size=2, max_size=5).map(lambda found: sorted(found, reverse=True))


@given(of=cells, keep=some.floats(0, 1), seed=some.integers())
def test_a_part_of_the_requests_has_no_more_of_anything_and_stays_nested(of: list[int], keep: float, seed: int) -> None:
    found = list(thinned(dice(seed), of, keep))
    assert found == sorted(found, reverse=True)
    assert all(0 <= some_of <= all_of for some_of, all_of in zip(found, of, strict=True))


def test_a_part_of_the_requests_has_its_part_of_the_events() -> None:
    luck, draws = dice(), 4000
    found = [thinned(luck, (100, 20, 5), 0.3) for _ in range(draws)]
    means = [sum(column) / draws for column in zip(*found, strict=True)]
    assert means == pytest.approx([30, 6, 1.5], rel=0.05)


@pytest.mark.parametrize(
    ("injection", "better", "want"),
    [
        pytest.param(Injection(factor=2), Better.LOWER, [100, 40, 10], id="twice the errors"),
        pytest.param(Injection(factor=1.3), Better.LOWER, [100, 26, 6.5], id="a part more"),
        pytest.param(Injection(factor=50), Better.LOWER, [100, 100, 100], id="never more than requests"),
        pytest.param(Injection(more=0.1), Better.LOWER, [100, 28, 14.5], id="points more"),
        pytest.param(Injection(factor=2), Better.HIGHER, [100, 10, 2.5], id="half the carts"),
        pytest.param(Injection(more=0.1), Better.HIGHER, [100, 10, 2.5], id="points fewer carts"),
    ],
)
def test_what_is_injected(injection: Injection, better: Better, want: list[float]) -> None:
    luck, draws = dice(), 4000
    found = [worsened(luck, (100, 20, 5), injection, better) for _ in range(draws)]
    assert [sum(column) / draws for column in zip(*found, strict=True)] == pytest.approx(want, rel=0.05)


# Verdicts


def full_path(world: World, plan: Traffic, seed: object, began: float) -> Trial:
    """Roll out as `try_out` does with this seed, but by raw samples of the pods, relabelled, read anew at each look."""
    metric, luck = plan.metrics[0], dice(seed)
    reels = Reels(plan.metrics)
    for portion in world.portions():
        reels.add(portion)
    raw = reels.read(0.0, world.end)[metric.name]
    order = {pod: luck.random() for pod in sorted({series.labels["pod"] for series in raw})}
    times = sorted({time for series in raw for time, _ in series.samples if time > began})
    rehearsal, passed, requests, outcome, now = Rehearsal(plan, ARMS, began), [], 0.0, None, began
    look = None
    for now in times:
        step, start = rehearsal.step, rehearsal.began
        look = rehearsal.look({metric.name: tuple(_relabelled(raw, order, plan, (step, start, now)))}, now)
        outcome = rehearsal.follow(look)
        if outcome is not None or rehearsal.step != step:
            requests += look.metrics[metric.name].step.candidate_requests
            passed += [now - start] if outcome in {None, Outcome.PROMOTED} else []
        if outcome is not None:
            break
    said = look.metrics if look is not None else {}
    return Trial(began, outcome or Outcome.UNFINISHED, rehearsal.step, now - began, requests, said, tuple(passed))


def _relabelled(
    raw: Sequence[Series], order: Mapping[str, float], plan: Traffic, at: tuple[int, float, float]
) -> Iterator[Series]:
    step, start, now = at
    names = sorted(order, key=lambda name: order[name])
    players = names[: round(plan.steps[step].weight / 100 * len(names))]
    for series in raw:
        arm = ARMS.candidate if series.labels["pod"] in players else ARMS.stable
        samples = tuple(sample for sample in series.samples if max(start, now - 300) <= sample[0] <= now)
        yield Series({**series.labels, "predictor_name": arm}, samples)


@pytest.mark.parametrize(
    ("plan", "fleets", "ends"),
    [
        pytest.param(PLAN, (Fleet(),), {Outcome.PROMOTED}, id="errors, all alike"),
        pytest.param(PLAN, ONE_BAD_POD, {Outcome.BREACHED, Outcome.PROMOTED}, id="errors, one bad pod"),
        pytest.param(SLOW, (Fleet(),), {Outcome.PROMOTED}, id="latency, all alike"),
    ],
)
def test_rounds_give_the_verdicts_of_raw_samples(plan: Traffic, fleets: tuple[Fleet, ...], ends: set[Outcome]) -> None:
    """To the last digit: same looks, same counts, same evidence, same end."""
    prepared, found = setup(World(fleets=fleets, hours=1), plan), set()
    for seed in range(6):
        short = try_out(prepared, AT + 300, dice(seed))
        assert short == full_path(World(fleets=fleets, hours=1), plan, seed, AT + 300)
        found.add(short.outcome)
    assert found <= ends


@pytest.mark.parametrize("seed", range(4))
def test_scrapes_in_turn_end_the_same_within_a_few_scrapes(seed: int) -> None:
    """Rounds are cut a little elsewhere than the engine would: the end is the same, its time about so."""
    fleets = (Fleet(pods=3, stagger=3.0), Fleet(pods=1, failing=0.2, name="bad", stagger=3.0))
    short = try_out(setup(World(fleets=fleets)), AT + 300, dice(seed))
    full = full_path(World(fleets=fleets), PLAN, seed, AT + 300)
    assert short.outcome == full.outcome
    assert abs(short.seconds - full.seconds) <= 75


@settings(max_examples=5, deadline=None)
@given(seed=some.integers(0, 2**32))
def test_the_same_seed_gives_the_same_trials(seed: int) -> None:
    prepared = setup(World(hours=1, fleets=(Fleet(pods=3),)), BOTH)
    assert trials(prepared, 3, seed) == trials(prepared, 3, seed)


def test_other_seeds_give_other_trials() -> None:
    prepared = setup(World(hours=1))
    assert trials(prepared, 3, 1) != trials(prepared, 3, 2)


@pytest.mark.parametrize(
    "fleet",
    [
        pytest.param(Fleet(pods=4), id="several pods"),
        pytest.param(Fleet(pods=1, rps=100.0), id="one pod, dealt out"),
        pytest.param(Fleet(pods=4, failing=lambda time: 0.3 if 1200 < time < 1500 else 0.01), id="a bad five minutes"),
    ],
)
def test_what_serves_today_is_hardly_ever_rolled_back(fleet: Fleet) -> None:
    found = summary(trials(setup(World(hours=2, fleets=(fleet,))), 60), 2)
    assert found.outcomes[Outcome.BREACHED].hits <= 2
    assert found.outcomes[Outcome.PROMOTED].hits >= 50


@pytest.mark.parametrize("pods", [1, 4])
def test_the_candidate_has_the_share_of_its_step(pods: int) -> None:
    (first, *_) = trials(
        setup(World(hours=1, fleets=(Fleet(pods=pods),)), traffic(steps=[make.step(10, floor="0.001")])), 1
    )
    counts = first.metrics["errors"].step
    assert counts.share == pytest.approx(0.1, abs=0.01)


def test_an_injected_fault_is_caught_and_a_greater_one_sooner() -> None:
    world = World(hours=2)
    twice, five = (summary(trials(setup(world, injection=Injection(factor=times)), 20), 2) for times in (2, 5))
    assert twice.outcomes[Outcome.BREACHED].hits >= 15
    assert five.outcomes[Outcome.BREACHED].hits == 20
    assert five.caught_requests is not None
    assert twice.caught_requests is not None
    assert five.caught_requests.median < twice.caught_requests.median


def test_a_fault_may_be_injected_into_one_metric() -> None:
    prepared = setup(World(hours=2), BOTH, Injection(factor=5, metric="latency"))
    found = trials(prepared, 5)
    assert {one.metrics["latency"].finding for one in found} == {"Breached"}


def test_less_traffic_takes_longer() -> None:
    all_of, tenth = (summary(trials(setup(World(hours=3), share=share), 10), 2) for share in (1.0, 0.1))
    assert all_of.promoted is not None
    assert tenth.promoted is not None
    assert tenth.promoted.median > 3 * all_of.promoted.median


def test_history_that_ends_first_is_said() -> None:
    prepared = setup(World(hours=0.1), traffic(minDwellSeconds=600))
    assert {one.outcome for one in trials(prepared, 2)} == {Outcome.UNFINISHED}
