"""`sluice backtest`: what is printed, the page, and how bad input ends."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from sluice.cli.backtest_page import page
from sluice.cli.backtest_report import as_json, lines
from sluice.cli.backtesting import Backtest, Question, backtest
from sluice.cli.sources import Asked
from sluice.core.backtest.trial import Trial
from sluice.core.rehearsal import Outcome
from tests.support import objects as make
from tests.support.markup import Markup
from tests.support.recordings import AT, Fleet, World, recorded, traffic
from tests.unit.cli.conftest import NOW, Sluice

STEPS = [make.step(25, maxDurationSeconds=600), make.step(50, margin="2", maxDurationSeconds=900)]
METRICS = [make.metric(), make.metric(name="latency", signal="Latency")]
PlanAt = Callable[..., Path]


@pytest.fixture
def plan_at(tmp_path: Path) -> PlanAt:
    """Return a function that writes a plan of short steps with changed traffic."""

    def written(**changed: object) -> Path:
        path = tmp_path / "plan.yaml"
        fields = make.traffic(**{"steps": STEPS, **changed})
        path.write_text(yaml.safe_dump(make.plan(traffic=fields)), encoding="utf-8")
        return path

    return written


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """Return an hour of four pods, recorded."""
    return recorded(tmp_path / "history.jsonl.gz", World(hours=1), traffic(metrics=METRICS))


def trial(outcome: Outcome, seconds: float, *steps: float, requests: float = 500.0, began: float = 0.0) -> Trial:
    return Trial(AT + began, outcome, len(steps), seconds, requests, {}, steps)


@pytest.fixture
def found(plan_at: PlanAt, history: Path) -> Callable[..., Backtest]:
    """Return a function that makes a backtest with these trials, whatever the engine says of the history."""

    def made(*trials: Trial, inject: str = "") -> Backtest:
        question = Question(plan=plan_at(), asked=Asked(recorded=history), runs=1, inject=inject)
        tried = backtest(question, NOW)
        fields = {name: getattr(tried, name) for name in tried.__dataclass_fields__}
        return Backtest(**{**fields, "trials": trials})

    return made


TRIALS = [
    *(
        trial(Outcome.PROMOTED, 300.0 + 10 * place, 100.0, 200.0 + 10 * place, began=60.0 * place)
        for place in range(17)
    ),
    trial(Outcome.BREACHED, 200.0, 120.0, requests=900.0, began=1100.0),
    trial(Outcome.UNDECIDED, 600.0, began=1200.0),
    trial(Outcome.UNFINISHED, 50.0, began=3500.0),
]
# ruff: noqa: E501 -- a table is read as it is printed
WANT = """\
careful: 1 of 19 rollouts of what serves today would have been rolled back (95 % interval 0.13 % to 26.03 %); 17 promoted, after 6 min (median; nine in ten of them within 8 min)
  models/reviews, predictor main: 60 min from 2023-11-14T22:13:20Z, seed 1
  errors: events in 0.9853 % of requests, pods at once: 4, dispersion 1.00

OUTCOME                        TRIALS   SHARE     95 % INTERVAL
promoted                       17       89.47 %   66.86 % to 98.7 %
rolled back on evidence        1        5.26 %    0.13 % to 26.03 %
taken back without a verdict   0        0 %       0 % to 17.65 %
no verdict in a step's time    1        5.26 %    0.13 % to 26.03 %

STEP   WEIGHT   PASSED IN (MEDIAN)   90 % WITHIN   LIMIT
1      25 %     100 s                100 s         10 min
2      50 %     5 min                6 min         15 min

Note: the trials overlap (2.0x the history's time): their interval is too narrow
Note: the history ended in 1 trials, they are left out: go further back
Note: 1 trials had no verdict in step 1: give it more time, or see `sluice plan-check`\
"""


def test_the_report(found: Callable[..., Backtest]) -> None:
    assert "\n".join(lines(found(*TRIALS))) == WANT


def test_the_report_of_an_injected_fault(found: Callable[..., Backtest]) -> None:
    caught = [trial(Outcome.BREACHED, 100.0 + place, requests=1000.0 + 10 * place) for place in range(20)]
    first, *_ = lines(found(*caught, inject="errors=2x"))
    assert first == (
        "careful: a candidate with 2x the events in errors was caught in 20 of 20 trials,"
        " after 1,090 of its requests and 109 s (median; nine in ten of them within 1,170 and 117 s)"
    )


def test_json_holds_the_same(found: Callable[..., Backtest]) -> None:
    document = json.loads(as_json(found(*TRIALS)))
    assert document["outcomes"]["Breached"] == {"trials": 1, "share": 0.052632, "low": 0.001332, "high": 0.260281}
    assert document["promotedSeconds"] == {"p10": 310.0, "p50": 380.0, "p90": 450.0}
    assert (document["trials"], document["unfinished"], len(document["notes"])) == (20, 1, 3)


# The page


def test_the_page_is_whole_and_fetches_nothing(found: Callable[..., Backtest]) -> None:
    text, markup = page(found(*TRIALS)), Markup()
    markup.feed(text)
    assert (markup.open, markup.fetched) == ([], [])
    assert re.findall(r"https?:|url\(|@import", text) == []
    assert '<meta name="viewport"' in text
    assert text.count("<svg") == text.count('role="img"') == 6
    assert not re.search(r"\bnan\b|\binf\b|None", text)


@pytest.mark.parametrize(
    "trials",
    [
        pytest.param([trial(Outcome.UNFINISHED, 0.0)], id="nothing ended"),
        pytest.param([trial(Outcome.UNDECIDED, 600.0)], id="nothing was decided"),
        pytest.param([trial(Outcome.BREACHED, 0.0)], id="caught at once"),
    ],
)
def test_pages_of_little(found: Callable[..., Backtest], trials: list[Trial]) -> None:
    made = found(*trials)
    assert not re.search(r"\bnan\b|\binf\b|None", page(made) + "\n".join(lines(made)))


def test_what_a_stranger_named_is_text(tmp_path: Path, history: Path) -> None:
    plan = make.plan(name="<script>alert(1)</script>", traffic=make.traffic(steps=STEPS))
    path = tmp_path / "named.yaml"
    path.write_text(yaml.safe_dump(plan), encoding="utf-8")
    tried = backtest(Question(plan=path, asked=Asked(recorded=history), runs=2), NOW)
    assert "<script>" not in page(tried)


# The command


def test_the_command_says_the_same_twice_and_writes_the_page(
    sluice: Sluice, plan_at: PlanAt, history: Path, tmp_path: Path
) -> None:
    html = tmp_path / "page.html"
    arguments = ["backtest", str(plan_at(metrics=METRICS)), "--recorded", str(history), "--runs", "5", "--seed", "7"]
    first, second = (sluice(*arguments, "--html", str(html)) for _ in range(2))
    assert (first.exit_code, first.stderr) == (0, "")
    assert first.stdout == second.stdout
    assert first.stdout.startswith("careful: ")
    assert html.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_of_several_predictors_the_one_with_most_history_is_tried(
    sluice: Sluice, plan_at: PlanAt, tmp_path: Path
) -> None:
    world = World(fleets=(Fleet(), Fleet("c-1", pods=1, since=1800.0)))
    path = recorded(tmp_path / "two.jsonl", world, traffic())
    arguments = ["backtest", str(plan_at()), "--recorded", str(path), "--runs", "1"]
    assert "predictor main" in sluice(*arguments).stdout
    assert "predictor c-1" in sluice(*arguments, "--predictor", "c-1").stdout
    unknown = sluice(*arguments, "--predictor", "c-9")
    assert (unknown.exit_code, unknown.stdout) == (2, "")
    assert "--predictor: the history has no samples of c-9: use one of c-1, main" in unknown.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["--inject", "0.5x"], "'0.5x' makes nothing worse: say 2x, or +0.5%", id="better"),
        pytest.param(["--inject", "1x"], "'1x' makes nothing worse", id="the same"),
        pytest.param(["--inject", "9999x"], "'9999x' makes nothing worse", id="absurd factor"),
        pytest.param(["--inject", "+0%"], "'+0%' makes nothing worse", id="nothing more"),
        pytest.param(["--inject", "+500%"], "'+500%' makes nothing worse", id="absurd share"),
        pytest.param(["--inject", "nan"], "'nan' makes nothing worse", id="no number"),
        pytest.param(["--inject", "carts=2x"], "no live metric 'carts': use one of errors", id="unknown metric"),
        pytest.param(["--runs", "0"], "--runs: 0 is not between 1 and 100,000", id="no runs"),
        pytest.param(["--runs", "1000000000"], "--runs: 1000000000 is not", id="absurd runs"),
        pytest.param(["--rps-share", "0"], "--rps-share: 0 is not a part of the traffic", id="no traffic"),
        pytest.param(["--rps-share", "nan"], "--rps-share: nan is not a part", id="no share"),
        pytest.param(["--html", "/nowhere/page.html"], "/nowhere/page.html cannot be written", id="no folder"),
        pytest.param(["-o", "xml"], "choose one of table, json", id="no such format"),
    ],
)
def test_options_that_make_no_sense(
    sluice: Sluice, plan_at: PlanAt, history: Path, arguments: list[str], says: str
) -> None:
    result = sluice("backtest", str(plan_at()), "--recorded", str(history), "--runs", "1", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param([], "--target NAMESPACE/NAME and --provider-url URL", id="no source"),
        pytest.param(["--target", "reviews"], "--target NAMESPACE/NAME and --provider-url URL", id="no provider"),
        pytest.param(
            ["--target", "a/b", "--provider-url", "ftp://x"], "say the address of a Prometheus", id="no address"
        ),
        pytest.param(
            ["--target", "reviews", "--provider-url", "http://x"], "'reviews' is no target", id="no namespace"
        ),
        pytest.param(
            ["--target", 'a/b"}', "--provider-url", "http://x"],
            "is no target: say NAMESPACE/NAME",
            id="a hostile target",
        ),
        pytest.param(["--target", "a/b", "--provider-url", "http://x"], "--since 30d, or --from TIME", id="no time"),
        pytest.param(
            ["--target", "a/b", "--provider-url", "http://x", "--since", "soon"],
            "'soon' is no time to go back",
            id="no span",
        ),
        pytest.param(
            ["--target", "a/b", "--provider-url", "http://x", "--from", "soon"],
            "'soon' is no time: say 2026",
            id="no moment",
        ),
        pytest.param(
            ["--target", "a/b", "--provider-url", "http://x", "--from", "2026-11-25T00:00:00Z"],
            "--from must be before --to",
            id="the future",
        ),
        pytest.param(
            ["--target", "a/b", "--provider-url", "http://x", "--since", "999d"], "by at most 400 days", id="too long"
        ),
        pytest.param(
            ["--target", "a/b", "--provider-url", "http://127.0.0.1:1", "--since", "1h"],
            "it refuses connections (Refused): check --provider-url",
            id="nobody there",
        ),
        pytest.param(
            ["--recorded", "case.jsonl", "--since", "1h"],
            "--recorded holds target and time already: leave",
            id="two sources",
        ),
        pytest.param(["--recorded", "/nowhere/case.jsonl"], "there is no file /nowhere/case.jsonl", id="no file"),
    ],
)
def test_sources_that_are_none(sluice: Sluice, plan_at: PlanAt, arguments: list[str], says: str) -> None:
    result = sluice("backtest", str(plan_at()), *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("world", "arguments", "says"),
    [
        pytest.param(
            World(fleets=()), [], "there is no sample of models/reviews from 2023-11-14T22:13:20Z", id="empty"
        ),
        pytest.param(World(hours=0.02), [], "errors has 4 scrapes of predictor main, too few", id="hardly any"),
        pytest.param(
            World(fleets=(Fleet(failing=0.0),)), ["--inject", "2x"], "2x of no events is none: say +0.5%", id="spotless"
        ),
    ],
)
def test_histories_that_do_not_suffice(
    sluice: Sluice, plan_at: PlanAt, tmp_path: Path, world: World, arguments: list[str], *, says: str
) -> None:
    path = recorded(tmp_path / "history.jsonl", world, traffic())
    result = sluice("backtest", str(plan_at()), "--recorded", str(path), *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr


def test_a_recording_cut_off_is_refused(sluice: Sluice, plan_at: PlanAt, history: Path) -> None:
    history.write_bytes(history.read_bytes()[:-40])
    result = sluice("backtest", str(plan_at()), "--recorded", str(history))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "is cut off" in result.stderr
    assert "record it again with `sluice record`" in result.stderr
