"""What a real Prometheus scraped from pods that crash, go, lag and lie."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isnan
from pathlib import Path

import pytest

from sluice.adapters import prometheus_native
from sluice.adapters.prometheus import PrometheusMetrics
from sluice.core.analysis.cadence import cadence
from sluice.core.analysis.samples import Series
from sluice.ports import CounterQuery, SluiceError
from tests.support.native import native_histogram
from tests.support.prometheus import METRIC, Exporter, exporter, prometheus
from tests.support.readings import asking, one, query


@dataclass
class Scraped:
    """A pod of a target of its own, and the provider whose Prometheus scrapes it."""

    pod: Exporter
    metrics: PrometheusMetrics
    target: str

    def show(self, *lines: str) -> None:
        """Have the pod show these lines: own labels, value and perhaps a time, after the labels that all have."""
        labels = f'namespace="models",deployment_name="{self.target}",predictor_name="main",service="predictions"'
        self.pod.text = "".join(f"{METRIC}{{{labels},{line}\n" for line in lines)

    async def until(self, seen: Callable[[Sequence[Series]], bool]) -> Sequence[Series]:
        """Read until something is seen."""
        async with asyncio.timeout(30):
            while True:
                found = await one(self.metrics, query(self.target), time.time())
                assert isinstance(found, tuple), found
                if seen(found):
                    return found
                await asyncio.sleep(0.05)

    async def error(self, wanted: CounterQuery) -> SluiceError:
        """Read until there is an error."""
        async with asyncio.timeout(30):
            while True:
                found = await one(self.metrics, wanted, time.time())
                if isinstance(found, SluiceError):
                    return found
                await asyncio.sleep(0.05)

    async def shown(self, line: str) -> Sequence[Series]:
        """Show a counter until a read has its value."""
        self.show(line)
        value = float(line.split("} ")[1].split(maxsplit=1)[0])
        return await self.until(lambda found: value in values(found)[-1:])


def values(found: Sequence[Series]) -> list[float]:
    """Return the values of all samples in the order of their times, repetitions left out."""
    samples = sorted(sample for each in found for sample in each.samples)
    return list(dict.fromkeys(value for _, value in samples))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Exporter, str]]:
    with exporter() as pod, prometheus(tmp_path_factory.mktemp("prometheus"), pod.address) as url:
        yield pod, url


@pytest.fixture
async def scraped(running: tuple[Exporter, str], request: pytest.FixtureRequest) -> AsyncIterator[Scraped]:
    pod, url = running
    pod.text, pod.protobuf, pod.status = "", b"", 200
    async with asking(url) as real:
        yield Scraped(pod, real, request.node.name)


async def test_a_pod_that_crashes_begins_anew_in_the_same_series(scraped: Scraped) -> None:
    for value in (5, 9, 2):
        found = await scraped.shown(f'code="200"}} {value}')
    assert (len(found), values(found)) == (1, [5, 9, 2])


async def test_a_pod_that_goes_leaves_its_samples_and_no_stale_marker(scraped: Scraped) -> None:
    await scraped.shown('pod="a"} 5')
    found = await scraped.shown('pod="b"} 7')
    await scraped.until(lambda now: _newest(now, "b") > _newest(found, "b"))
    again = await scraped.shown('pod="b"} 8')
    old = [each for each in again if each.labels["pod"] == "a"]
    assert (values(old), _newest(again, "a")) == ([5], _newest(found, "a"))


def _newest(found: Sequence[Series], pod: str) -> float:
    return max(each.newest for each in found if each.labels["pod"] == pod)


async def test_a_scrape_gap_is_a_gap_and_nothing_in_it(scraped: Scraped) -> None:
    before = await scraped.shown('code="200"} 5')
    scraped.pod.status = 500
    gone = max(each.newest for each in before) + 1.5
    await scraped.until(lambda _: time.time() > gone)
    scraped.pod.status = 200
    (found,) = await scraped.shown('code="200"} 9')
    assert max(later - earlier for (earlier, _), (later, _) in pairwise(found.samples)) > 1
    assert values([found]) == [5, 9]


async def test_late_and_repeated_samples_are_not_there_twice(scraped: Scraped) -> None:
    now = int(time.time() * 1000)
    await scraped.shown(f'code="200"}} 1 {now - 4000}')
    await scraped.shown(f'code="200"}} 3 {now - 2000}')
    for mark, line in (("late", f"2 {now - 3000}"), ("repeated", f"3 {now - 2000}"), ("changed", f"4 {now - 2000}")):
        scraped.show(f'code="200"}} {line}', f'code="{mark}"}} 1')
        found = await scraped.until(lambda now, mark=mark: mark in {each.labels["code"] for each in now})  # type: ignore[misc]
    samples = next(each.samples for each in found if each.labels["code"] == "200")
    assert [(round(at * 1000) - now, value) for at, value in samples] == [(-4000, 1), (-2000, 3)]


async def test_what_is_no_number_arrives_as_it_is(scraped: Scraped) -> None:
    scraped.show('code="200"} NaN', 'code="500"} +Inf')
    found = {each.labels["code"]: each.samples[-1][1] for each in await scraped.until(lambda now: len(now) == 2)}
    assert (isnan(found["200"]), found["500"]) == (True, float("inf"))


async def test_a_replica_pair_is_two_series_that_tell_who_scraped(tmp_path: Path) -> None:
    with exporter() as pod, prometheus(tmp_path, pod.address, pod.address) as url:
        async with asking(url) as real:
            scraped = Scraped(pod, real, "reviews")
            scraped.show('code="200"} 5')
            found = await scraped.until(lambda now: len(now) == 2)
    assert {each.labels["job"] for each in found} == {"pods-0", "pods-1"}


async def test_the_scrape_interval_is_measured(scraped: Scraped) -> None:
    scraped.show('code="200"} 5')
    found = await scraped.until(lambda now: bool(now) and len(now[0].samples) > 5)
    measured = cadence(found, max(each.newest for each in found) + 3)
    assert measured is not None
    assert measured.interval is not None
    assert round(measured.interval, 1) == 0.2
    assert measured.lag == pytest.approx(3, abs=1e-3)


@pytest.mark.parametrize("suffix", ["", "_bucket", "_count"])
async def test_a_native_histogram_is_named_also_where_its_classic_series_are_wanted(
    scraped: Scraped, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prometheus_native, "EVERY_SECONDS", 0.0)
    base = METRIC.removesuffix("_count")
    labels = {"namespace": "models", "deployment_name": scraped.target, "service": "predictions", "pod": "p-0"}
    scraped.pod.protobuf = native_histogram(base, labels, 3)
    error = await scraped.error(query(scraped.target, metric=base + suffix))
    assert error.reason == "NativeHistogram"
