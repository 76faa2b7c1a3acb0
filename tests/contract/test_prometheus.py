"""The metrics port on a real Prometheus and on its fake: whose series, which window, and nobody else's."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from threading import Event
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sluice.adapters.memory_metrics import MemoryMetrics
from sluice.core.analysis.samples import Series
from sluice.ports import CounterQuery, MetricsProvider, SluiceError
from tests.support.prometheus import METRIC, fill, prometheus, server
from tests.support.readings import AT, asking, one, plain, query, reason, series

ODD = ('a"b', "a\\b", "a\nb", "a.b", "a|b", "ä", "a{}", "axb", "a", "b", '"} or vector(1) #', "a\tb", "$", ".*")
CARTS = "shop_carts_total"
BUCKETS = METRIC.replace("_count", "_bucket")
STORED = (
    series(1, 2, 5, 5, 9),
    series(0, 1, code="500"),
    series(7, 8, predictor_name="candidate", pod="p-1"),
    series(7, 3, 4, deployment_name="search"),
    series(1, 1, namespace="other"),
    series(1, 1, namespace="other", deployment_name="billing"),
    series(1, 1, service="feedback"),
    series(1, float("nan"), float("inf"), 2, deployment_name="strange"),
    *(series(1, 2, deployment_name=name, code="odd") for name in ODD),
)
MORE = (
    *(series(1, 2, metric=BUCKETS, le=bound) for bound in ("0.005", "0.1", "+Inf")),
    *(series(1, 3, metric=BUCKETS, le=bound, predictor_name="candidate") for bound in ("0.01", "+Inf")),
    *(series(1, 2, metric=CARTS, site=name, shop="reviews") for name in ODD),
    series(5, 6, metric=CARTS, site="a", shop="search"),
)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    directory = tmp_path_factory.mktemp("prometheus")
    fill(directory, STORED + MORE)
    with prometheus(directory) as url:
        yield url


@pytest.fixture(params=["prometheus", "memory"])
async def provider(request: pytest.FixtureRequest, filled: str) -> AsyncIterator[MetricsProvider]:
    if request.param == "memory":
        yield MemoryMetrics([*STORED, *MORE])
        return
    async with asking(filled) as real:
        yield real


@pytest.mark.parametrize(
    ("wanted", "want"),
    [
        pytest.param(query(), STORED[:3], id="all codes and pods of one target"),
        pytest.param(query("billing", namespace="other"), STORED[5:6], id="another namespace"),
        pytest.param(query("billing"), (), id="never a target of another namespace"),
        pytest.param(query("nobody"), (), id="an absent target is an empty answer"),
        pytest.param(query("strange"), STORED[7:8], id="NaN and Inf arrive as they are"),
        pytest.param(
            query(seconds=5),
            tuple(Series(each.labels, each.samples[-2:]) for each in STORED[:3]),
            id="a window holds both its ends",
        ),
        *(
            pytest.param(query(name), STORED[8 + place : 9 + place], id=f"a target called {name!r}")
            for place, name in enumerate(ODD)
        ),
        *(
            pytest.param(
                query(metric=CARTS, labels=(("site", name),), target_label="shop"),
                MORE[5 + place : 6 + place],
                id=f"a counter of the team's own with a label {name!r}",
            )
            for place, name in enumerate(ODD)
        ),
        pytest.param(query(metric=BUCKETS), MORE[:5], id="classic histograms, with bounds that differ between arms"),
        pytest.param(query(labels=(("namespace", "other"),)), (), id="a label that contradicts the namespace"),
        pytest.param(query(labels=(("deployment_name", "search"),)), (), id="a label that contradicts the target"),
        pytest.param(query(target_label="absent"), (), id="a target label that no series has"),
    ],
)
async def test_raw_samples(provider: MetricsProvider, wanted: CounterQuery, want: tuple[Series, ...]) -> None:
    assert plain(await one(provider, wanted)) == plain(want)


async def test_many_queries_in_one_read_have_each_its_own_answer(provider: MetricsProvider) -> None:
    wanted = {
        query(): STORED[:3],
        query("search"): STORED[3:4],
        query(namespace="other"): STORED[4:5],
        query("billing", namespace="other"): STORED[5:6],
        query("search", namespace="other"): (),
        query("search", seconds=5): (Series(STORED[3].labels, STORED[3].samples[-2:]),),
        query(metric=CARTS, labels=(("site", "a"),), target_label="shop"): MORE[13:14],
        query("search", metric=CARTS, labels=(("site", "a"),), target_label="shop"): MORE[-1:],
        **{query(name): STORED[8 + place : 9 + place] for place, name in enumerate(ODD)},
    }
    found = await provider.read(wanted, AT)
    assert {each: plain(series_) for each, series_ in found.items()} == {k: plain(v) for k, v in wanted.items()}


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(query(""), id="an empty target would match series without the label"),
        pytest.param(query(namespace=""), id="so would an empty namespace"),
        pytest.param(query(seconds=0), id="a window of nothing"),
    ],
)
async def test_an_unsafe_query_is_rejected_and_hurts_no_other(provider: MetricsProvider, wanted: CounterQuery) -> None:
    found = await provider.read((wanted, query()), AT)
    assert isinstance(found[wanted], SluiceError)
    assert await reason(provider, wanted) == "InvalidSelector"
    assert plain(found[query()]) == plain(STORED[:3])


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param({"metric": "up or vector(1)"}, id="a metric that is an expression"),
        pytest.param({"metric": "up{}"}, id="a metric that brings its own braces"),
        pytest.param({"labels": (("a=~'.*',b", "x"),)}, id="a label that is more than a name"),
        pytest.param({"labels": (("__name__", "up"),)}, id="a label that is the metric's name"),
        pytest.param({"labels": (("site", ""),)}, id="an empty value, which matches series without the label"),
        pytest.param({"target_label": "a|b"}, id="a target label that is no name"),
    ],
)
async def test_an_unsafe_counter_never_reaches_the_server(filled: str, spec: dict[str, Any]) -> None:
    async with asking(filled) as real:
        assert await reason(real, query(**spec)) == "InvalidSelector"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.frozensets(st.text(min_size=1, max_size=8) | st.sampled_from(ODD), min_size=1, max_size=4),
    value=st.text(min_size=1, max_size=8) | st.sampled_from(ODD),
)
def test_no_name_and_no_value_widens_the_selection(filled: str, names: frozenset[str], value: str) -> None:
    own = {query(name): tuple(each for each in STORED[8:] if each.labels["deployment_name"] == name) for name in names}
    cart = query(metric=CARTS, labels=(("site", value),), target_label="shop")
    carts = tuple(each for each in MORE[5:-1] if each.labels["site"] == value)

    async def ask() -> object:
        async with asking(filled) as real:
            return await real.read((*own, cart), AT)

    found = asyncio.run(ask())
    assert isinstance(found, dict)
    assert {each: plain(answer) for each, answer in found.items()} == {
        each: plain(answer) for each, answer in {**own, cart: carts}.items()
    }


async def test_a_provider_that_hangs_does_not_delay_another(filled: str) -> None:
    released = Event()
    with server(lambda _: _wait(released)) as address:
        async with asking(f"http://{address}", timeout_seconds=30) as hanging, asking(filled) as other:
            stuck = [asyncio.ensure_future(one(hanging, query())) for _ in range(40)]
            assert plain(await one(other, query())) == plain(STORED[:3])
            assert not any(each.done() for each in stuck)
            released.set()
            for each in stuck:
                each.cancel()


def _wait(released: Event) -> None:
    released.wait(30)


async def test_a_counter_that_cannot_be_read_hurts_no_other(filled: str) -> None:
    async with asking(filled) as real:
        bad = query(labels=(("__name__", "x"),))
        found = await real.read((bad, query(), replace(query(), seconds=10**9)), AT)
    assert isinstance(found[bad], SluiceError)
    assert plain(found[query()]) == plain(STORED[:3])
