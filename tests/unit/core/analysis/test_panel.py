"""Several metrics of one candidate: what they come to together."""

from collections.abc import Mapping

import pytest

from sluice.api.verdict import Verdict
from sluice.core.analysis.counter_spec import CounterSpec
from sluice.core.analysis.engine import Context
from sluice.core.analysis.error_rate import ErrorRate
from sluice.core.analysis.panel import Panel, look
from sluice.core.analysis.ratio import Ratio
from sluice.core.analysis.settings import Settings
from sluice.core.analysis.signals import Signal
from sluice.core.analysis.state import State
from sluice.core.analysis.verdict import Finding, MetricVerdict, together
from tests.support.analysis import context, counts
from tests.support.scraped import Scraped

HALF = Settings(share=0.5)
HALF_NEEDED = 2.3
"""log10 of the evidence at which one of two that count alike is guilty alone."""
SIGNALS: Mapping[str, Signal] = {
    "errors": ErrorRate(),
    "refunds": Ratio(CounterSpec("refunds_total"), CounterSpec("orders_total")),
}


def contexts(now: float) -> Mapping[str, Context]:
    return {name: context(now, settings=HALF, signal=signal) for name, signal in SIGNALS.items()}


def seen(world: Scraped, *reads: float) -> Panel:
    """Look at these times; stop where the verdict is a failure."""
    panel = Panel({}, {}, Verdict.NO_DATA)
    for now in reads:
        series = world.series(until=now)
        panel = look(panel.states, dict.fromkeys(SIGNALS, series), contexts(now))
        if panel.verdict is Verdict.FAIL:
            break
    return panel


def served(bad: float, stable_bad: float, *, of: float, rounds: int = 40, world: Scraped | None = None) -> Scraped:
    """Both arms have these shares of errors, and as many refunds; the stable one has nine times the requests."""
    found, began = world or Scraped(), 0 if world is None else 205
    for tick in range(began, began + 5 * rounds + 1, 5):
        for arm, pod, rate, requests in (("candidate", "c-0", bad, of), ("stable", "s-0", stable_bad, 9 * of)):
            failed = rate * requests
            found.serve(arm, pod, ok=requests - failed, failed=failed)
            found.count(arm, pod, refunds_total=failed, orders_total=requests)
        found.scrape(tick)
    return found


def alone(panel: Panel) -> set[Verdict]:
    return {one.verdict for one in panel.verdicts.values()}


def test_two_may_be_guilty_together_and_neither_alone() -> None:
    panel = seen(served(0.0195, 0.015, of=500), 201)
    assert alone(panel) == {Verdict.PASS}
    assert panel.verdict is Verdict.FAIL


def test_a_trivial_difference_is_beyond_doubt_and_still_no_guilt() -> None:
    """0.26 % against 0.20 %: certain after so many requests, and less than anybody minds."""
    panel = seen(served(0.0026, 0.002, of=500_000), 201)
    assert min(one.against for one in panel.verdicts.values()) > HALF_NEEDED
    assert alone(panel) == {Verdict.PASS}
    assert panel.verdict is Verdict.PASS


def test_guilt_that_passes_within_a_look_is_not_missed() -> None:
    """Worse for a while, then better: who looks once at the end finds what who looks at each scrape found."""
    world = served(0.005, 0.015, of=500, world=served(0.0195, 0.015, of=500))
    assert seen(world, *range(1, 407, 5)).verdict is Verdict.FAIL
    assert seen(world, 406).verdict is Verdict.FAIL
    assert seen(served(0.005, 0.015, of=500), 201).verdict is not Verdict.FAIL


def test_one_that_is_not_read_keeps_its_state_and_says_why() -> None:
    world = served(0.01, 0.01, of=50)
    first = seen(world, 101)
    second = look(first.states, {"errors": world.series(), "refunds": "the provider is away"}, contexts(201))
    assert second.states["refunds"] == first.states["refunds"]
    assert second.states["errors"] != first.states["errors"]
    assert (second.verdict, second.verdicts["refunds"].message) == (Verdict.NO_DATA, "the provider is away")


def test_metrics_begin_without_a_state_and_without_samples() -> None:
    panel = look({}, {}, contexts(50))
    assert panel.states == {name: State(step=0) for name in SIGNALS}
    assert {one.finding for one in panel.verdicts.values()} == {Finding.NO_SAMPLES}


def said(verdict: Verdict, *, required: bool = True) -> MetricVerdict:
    return MetricVerdict(
        verdict=verdict,
        finding=Finding.PASSED,
        message="",
        step=counts(),
        total=counts(),
        ratio=None,
        against=0.0,
        against_needed=2.3,
        favour=0.0,
        favour_needed=1.3,
        rounds=0,
        newest=None,
        requests_needed=None,
        seconds_needed=None,
        required=required,
    )


def optional(verdict: Verdict) -> MetricVerdict:
    return said(verdict, required=False)


PASS, FAIL, WAIT = said(Verdict.PASS), said(Verdict.FAIL), said(Verdict.INCONCLUSIVE)
BLIND, BROKEN = said(Verdict.NO_DATA), said(Verdict.ERROR)


@pytest.mark.parametrize(
    ("verdicts", "want"),
    [
        pytest.param([PASS, PASS], Verdict.PASS, id="all pass"),
        pytest.param([PASS, WAIT], Verdict.INCONCLUSIVE, id="one waits"),
        pytest.param([WAIT, BLIND], Verdict.NO_DATA, id="one is blind"),
        pytest.param([BROKEN, BLIND], Verdict.ERROR, id="one is broken"),
        pytest.param([BLIND, FAIL, PASS], Verdict.FAIL, id="one breach fails whatever the others say"),
        pytest.param([], Verdict.NO_DATA, id="no metrics: nothing passes"),
        pytest.param([PASS, optional(Verdict.INCONCLUSIVE)], Verdict.PASS, id="one that is not required need not pass"),
        pytest.param([PASS, optional(Verdict.NO_DATA)], Verdict.PASS, id="nor have data"),
        pytest.param([PASS, optional(Verdict.FAIL)], Verdict.FAIL, id="but its breach counts"),
        pytest.param([WAIT, optional(Verdict.PASS)], Verdict.INCONCLUSIVE, id="and its pass does not help"),
        pytest.param([optional(Verdict.PASS)], Verdict.NO_DATA, id="nothing required: nothing passes"),
    ],
)
def test_metrics_together(verdicts: list[MetricVerdict], want: Verdict) -> None:
    assert together(verdicts) is want
