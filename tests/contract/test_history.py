"""History out of a real Prometheus: recorded portion by portion, replayed, and what stands in the way said plainly."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from sluice.adapters.prometheus import Endpoint
from sluice.adapters.prometheus_history import PrometheusHistory
from sluice.cli.main import app
from sluice.cli.reader import Session
from sluice.cli.recording_file import Rollout, Step, opened
from sluice.core.analysis.samples import Series
from sluice.core.history import Origin, Portion, counters_of, merged
from tests.support import candidates as make_status
from tests.support import objects as make
from tests.support.prometheus import answer, fill, prometheus, server
from tests.support.recordings import AT, Fleet, World, traffic
from tests.unit.cli.conftest import NOW, Looks

METRICS = [make.metric(), make.metric(name="latency", signal="Latency")]
WORLD = World(fleets=(Fleet(pods=2), Fleet("c-1", pods=1, since=600.0, failing=0.2)), hours=1.5)
SPAN = ["--from", "2023-11-14T22:13:20Z", "--to", "2023-11-14T23:43:20Z"]
Samples = dict[tuple[tuple[str, str], ...], tuple[tuple[float, float], ...]]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a Prometheus that has scraped the world."""
    directory = tmp_path_factory.mktemp("history")
    fill(directory, [Series(dict(key), samples) for key, samples in joined(WORLD.portions()).items()])
    with prometheus(directory) as address:
        yield address


def joined(portions: Iterable[Portion]) -> Samples:
    """Return all samples by series."""
    found: Samples = {}
    for portion in portions:
        for one in portion.series:
            key = tuple(sorted(one.labels.items()))
            found[key] = found.get(key, ()) + one.samples
    return found


def sluice(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def plan(tmp_path: Path) -> str:
    """Write a plan and return its path."""
    path = tmp_path / "plan.yaml"
    path.write_text(yaml.safe_dump(make.plan(traffic=make.traffic(metrics=METRICS))), encoding="utf-8")
    return str(path)


def origin(end: float = WORLD.end) -> Origin:
    counters = counters_of(traffic(metrics=METRICS))
    return Origin(namespace="models", target="reviews", begin=AT, end=end, counters=counters)


def test_every_sample_is_read_once(url: str) -> None:
    history = PrometheusHistory(Endpoint(url=url, timeout_seconds=10))
    assert joined(history.portions(origin())) == joined(anew().portions())


def anew() -> World:
    """Return the world once more: it moves on with what is taken from it."""
    return World(fleets=WORLD.fleets, hours=WORLD.hours)


def test_answers_that_are_too_large_are_asked_for_in_smaller_portions(url: str) -> None:
    history = PrometheusHistory(Endpoint(url=url, timeout_seconds=10, max_bytes=8_000))
    portions = list(history.portions(origin()))
    assert len(portions) > 10
    assert joined(portions) == joined(anew().portions())


def test_a_recording_is_replayed_and_tried(url: str, plan: str, tmp_path: Path) -> None:
    out = str(tmp_path / "case.jsonl.gz")
    asked = ["--target", "models/reviews", "--provider-url", url, *SPAN]
    recorded = sluice("record", plan, *asked, "--out", out)
    assert (recorded.exit_code, recorded.stderr) == (0, "")
    assert recorded.stdout.endswith("of models/reviews from 2023-11-14T22:13:20Z to 2023-11-14T23:43:20Z\n")
    assert joined(merged(opened(Path(out)).portions())) == joined(anew().portions())
    replayed = sluice("replay", out, plan)
    assert (replayed.exit_code, replayed.stdout.split()[-1]) == (1, "Breached")
    again, live = (sluice("backtest", plan, *source, "--runs", "3") for source in (["--recorded", out], asked))
    assert (again.exit_code, again.stdout) == (0, live.stdout)


def rollout_of(*history: dict[str, object], target: str = "reviews") -> Session:
    """Return a session with one candidate, which had this history."""
    traffic_status = make_status.traffic(5, predictor="c-1", stable="main")
    stored = make_status.stored(
        "reviews-43", status=make_status.status("RolledBack", history=list(history), traffic=traffic_status)
    )
    stored["spec"]["targetRef"]["name"] = target
    stored["metadata"]["namespace"] = "models"
    return Session(connect=lambda _: Looks([stored], namespace="models"), now=lambda: NOW)


def entry(time: str, reason: str, weight: int = 0) -> dict[str, object]:
    return {**make_status.entry(0, "Shifting", reason, "said", weight), "time": time}


def test_the_rollout_of_a_candidate_is_recorded_with_its_times_and_steps(url: str, plan: str, tmp_path: Path) -> None:
    out = tmp_path / "case.jsonl"
    history = [
        entry("2023-11-14T22:30:00Z", "Accepted"),
        entry("2023-11-14T22:31:00Z", "StepStarted", 5),
        entry("2023-11-14T22:45:00Z", "Breached"),
    ]
    arguments = ["record", plan, "--candidate", "reviews-43", "--provider-url", url, "--out", str(out)]
    result = CliRunner().invoke(app, arguments, obj=rollout_of(*history))
    assert (result.exit_code, result.stderr) == (0, "")
    header = opened(out).header
    began = datetime(2023, 11, 14, 22, 31, tzinfo=UTC).timestamp()
    assert header.rollout == Rollout(candidate="c-1", stable="main", steps=(Step(index=0, began=began),))
    assert (header.origin.begin, header.origin.end) == (began - 960, began + 1740)
    assert "the steps are those of the rollout" in sluice("replay", str(out), plan).stdout


@pytest.mark.parametrize(
    ("history", "arguments", "says"),
    [
        pytest.param([entry("2023-11-14T22:30:00Z", "Accepted")], [], "had no live traffic yet", id="no step yet"),
        pytest.param(
            [entry("2023-11-14T22:30:00Z", "StepStarted", 7)],
            [],
            "had 7 % of traffic, no step of this plan",
            id="another plan",
        ),
        pytest.param(
            [entry("2023-11-14T22:30:00Z", "StepStarted", 5)],
            ["--target", "models/other"],
            "reviews-43 is a candidate of reviews, not of other",
            id="another target",
        ),
    ],
)
def test_a_rollout_that_cannot_be_recorded_is_said(
    plan: str, tmp_path: Path, history: list[dict[str, object]], arguments: list[str], *, says: str
) -> None:
    out = str(tmp_path / "case.jsonl")
    asked = [
        "record",
        plan,
        "--candidate",
        "reviews-43",
        "--provider-url",
        "http://127.0.0.1:1",
        "--out",
        out,
        *arguments,
    ]
    result = CliRunner().invoke(app, asked, obj=rollout_of(*history))
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["--target", "models/other", *SPAN], "there is no sample of models/other", id="another target"),
        pytest.param(
            ["--target", "other/reviews", *SPAN], "there is no sample of other/reviews", id="another namespace"
        ),
        pytest.param(
            ["--target", "models/reviews", "--from", "2020-01-01", "--to", "2020-01-02"],
            "from 2020-01-01T00:00:00Z to 2020-01-02T00:00:00Z: check the target's name",
            id="another time",
        ),
    ],
)
def test_nothing_is_no_recording(url: str, plan: str, tmp_path: Path, *, arguments: list[str], says: str) -> None:
    out = tmp_path / "case.jsonl"
    result = sluice("record", plan, "--provider-url", url, "--out", str(out), *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr
    assert list(tmp_path.iterdir()) == [tmp_path / "plan.yaml"]


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        pytest.param(401, "who are you", "it wants other credentials (Unauthorized)", id="credentials"),
        pytest.param(200, "<html>", "its answer is not Prometheus's JSON (NotPrometheus)", id="another server"),
        pytest.param(503, "", "it is overloaded or starting (Overloaded)", id="overloaded"),
    ],
)
def test_a_provider_that_does_not_answer_is_said(
    plan: str, tmp_path: Path, status: int, body: str, *, says: str
) -> None:
    def behave(handler: BaseHTTPRequestHandler) -> None:
        answer(handler, status, body)

    with server(behave) as address:
        asked = ["--target", "models/reviews", "--provider-url", f"http://{address}", *SPAN]
        result = sluice("record", plan, *asked, "--out", str(tmp_path / "case.jsonl"))
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr
    assert "check --provider-url (and SLUICE_PROVIDER_TOKEN)" in result.stderr


def test_the_token_is_sent_and_never_shown(plan: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def behave(handler: BaseHTTPRequestHandler) -> None:
        seen.append(handler.headers["Authorization"])
        answer(handler, 403, "")

    monkeypatch.setenv("SLUICE_PROVIDER_TOKEN", "secret-7")
    with server(behave) as address:
        asked = ["--target", "models/reviews", "--provider-url", f"http://{address}", *SPAN]
        result = sluice("record", plan, *asked, "--out", str(tmp_path / "case.jsonl"))
    assert set(seen) == {"Bearer secret-7"}
    assert "secret-7" not in result.output + result.stderr
