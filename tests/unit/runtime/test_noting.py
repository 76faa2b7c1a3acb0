"""What the operator says of its metrics providers: closed words, and a cadence that is measured now and then."""

import re
from pathlib import Path

import pytest

from sluice.adapters import prometheus
from sluice.core.analysis.samples import Series
from sluice.ports import Unavailable
from sluice.runtime.noting import READ_OUTCOMES, Notes
from sluice.runtime.telemetry import Telemetry


@pytest.fixture
def telemetry() -> Telemetry:
    return Telemetry(clock=lambda: 0.0, heartbeat_seconds=60)


def value(telemetry: Telemetry, name: str, **labels: str) -> float | None:
    return telemetry.registry.get_sample_value(name, {"provider": "default", **labels})


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        pytest.param("", "ok", id="an answer"),
        pytest.param("Timeout", "Timeout", id="a reason that is known"),
        pytest.param("Whatever", "Other", id="a reason that is not"),
    ],
)
def test_queries_are_counted_by_how_they_end(telemetry: Telemetry, reason: str, outcome: str) -> None:
    Notes(telemetry, "default").query(0.5, reason)
    assert value(telemetry, "sluice_prometheus_query_seconds_sum", outcome=outcome) == 0.5


def test_every_reason_of_the_adapter_is_a_known_outcome() -> None:
    folder = Path(prometheus.__file__).parent
    sources = "".join(file.read_text() for file in sorted(folder.glob("prom*.py")))
    reasons = set(re.findall(r'reason="(\w+)"', sources)) | set(re.findall(r'\(?"([A-Z]\w+)", "it', sources))
    assert {"Timeout", "Refused", "Unauthorized", "PartialAnswer"} <= reasons
    assert reasons <= READ_OUTCOMES


def test_the_cadence_is_measured_now_and_then(telemetry: Telemetry) -> None:
    now = [1000.0]
    notes = Notes(telemetry, "default", now=lambda: now[0])
    notes.samples((Series({}, ((985, 1.0), (990, 1.0), (995, 1.0))),))
    seen = [value(telemetry, f"sluice_scrape_{what}_seconds") for what in ("interval", "lag")]
    assert seen == [5.0, 5.0]
    now[0] = 1001.0
    notes.samples((Series({}, ((900, 1.0), (1000, 1.0))),))
    assert value(telemetry, "sluice_scrape_interval_seconds") == 5.0
    now[0] = 1006.0
    for nothing in ((), (Series({}, ((1000, 1.0),)),), Unavailable("refused")):
        notes.samples(nothing)
    notes.samples((Series({}, ((990, 1.0), (1000, 1.0))),))
    assert value(telemetry, "sluice_scrape_interval_seconds") == 10.0
