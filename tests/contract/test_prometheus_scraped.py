"""What a real Prometheus scraped from pods that crash, go, lag and lie."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from sluice.adapters.prometheus import PrometheusMetrics
from tests.support.prometheus import METRIC, exporter, prometheus
from tests.support.readings import asking, one, query


async def test_a_scraped_pod_that_crashes_and_goes(tmp_path: Path) -> None:
    labels = 'namespace="models",deployment_name="reviews",predictor_name="main",service="predictions"'
    with exporter() as pod, prometheus(tmp_path, pod.address) as url:
        async with asking(url) as real:

            async def shown(value: int) -> list[float]:
                """Show a counter until a read has it."""
                pod.text = f'{METRIC}{{{labels},code="200"}} {value}\n'
                return await until(real, lambda values: bool(values) and values[-1] == value)

            await shown(5)
            await shown(9)
            values = await shown(2)
            pod.text = ""
            gone = await until(real, bool)
    assert [value for value in dict.fromkeys(values) if value in {5, 9, 2}] == [5, 9, 2]
    assert set(gone) == {5, 9, 2}


async def until(real: PrometheusMetrics, seen: Callable[[list[float]], bool]) -> list[float]:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + 20
    while loop.time() < deadline:
        found = await one(real, query(), time.time())
        assert isinstance(found, tuple), found
        values = [value for each in found for _, value in each.samples]
        if seen(values):
            return values
        await asyncio.sleep(0.1)
    raise AssertionError("the sample never arrived")
