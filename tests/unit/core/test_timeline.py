"""One line a decision."""

from datetime import UTC, datetime

import pytest

from sluice.api.candidate import GateStatus, HistoryEntry, MetricStatus
from sluice.core.timeline import elapsed, gate_line, line, lines, metric_line, part_of
from tests.support import candidates

START = datetime(2026, 11, 24, 6, tzinfo=UTC)


def history_entry(seconds: int, phase: str, reason: str, message: str, weight: int = 0) -> HistoryEntry:
    return HistoryEntry.model_validate(candidates.entry(seconds, phase, reason, message, weight))


def test_a_decision_is_one_line() -> None:
    entry = history_entry(42, "Shifting", "StepPassed", "errors: no worse than allowed", 25)
    assert line(entry, START) == "   +00:42  Shifting      25 %  StepPassed          errors: no worse than allowed"


def test_lines_stand_under_each_other() -> None:
    history = [
        history_entry(0, "Pending", "Accepted", "|"),
        history_entry(3599, "RollingBack", "RegistryUnavailable", "|", 100),
    ]
    assert len({text.index("|") for text in lines(history, START)}) == 1


@pytest.mark.parametrize(
    ("message", "want"),
    [
        pytest.param("two\nlines", "two lines", id="line breaks are spaces"),
        pytest.param("\x1b[31mred\x1b[0m", "[31mred [0m", id="a terminal gets no escape sequences"),
        pytest.param("a\u202eb", "a b", id="no characters that turn the text around"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_messages_of_strangers_stay_on_their_line(message: str, want: str) -> None:
    entry = history_entry(1, "Failed", "EvaluationError", message)
    assert line(entry, START) == f"   +00:01  Failed         0 %  EvaluationError     {want}".rstrip()


@pytest.mark.parametrize(
    ("seconds", "want"),
    [
        pytest.param(-3, "+00:00", id="another clock"),
        pytest.param(0.9, "+00:00", id="less than a second"),
        pytest.param(59, "+00:59", id="a minute less a second"),
        pytest.param(3599, "+59:59", id="an hour less a second"),
        pytest.param(3600, "+1:00:00", id="an hour"),
        pytest.param(86_399, "+23:59:59", id="a day less a second"),
        pytest.param(180_000, "+2d 02:00", id="days"),
    ],
)
def test_durations(seconds: float, want: str) -> None:
    assert elapsed(seconds) == want


def test_a_gate_is_one_line() -> None:
    gate = GateStatus.model_validate(candidates.gate("accuracy", "Pass", "0.91 against 0.90"))
    assert gate_line(gate) == "Pass         accuracy: 0.91 against 0.90"


@pytest.mark.parametrize(
    ("metric", "want"),
    [
        pytest.param(
            candidates.metric("Inconclusive", "needs more requests"),
            "Inconclusive errors: candidate 3/400, stable 4/1600; "
            "evidence against 0.10 of 2.00, for 1.30 of 1.50; needs more requests",
            id="evidence",
        ),
        pytest.param(
            candidates.metric("Fail", "worse", ratio="3.00", ratioInterval="1.20 to 9.10"),
            "Fail         errors: candidate 3/400, stable 4/1600, ratio 3.00 (1.20 to 9.10); "
            "evidence against 0.10 of 2.00, for 1.30 of 1.50; worse",
            id="a ratio with its interval",
        ),
        pytest.param(
            candidates.metric("Inconclusive", "", ratio="3.00", required=False),
            "Inconclusive errors (not required): candidate 3/400, stable 4/1600, ratio 3.00; "
            "evidence against 0.10 of 2.00, for 1.30 of 1.50",
            id="a metric that the step does not need",
        ),
        pytest.param(
            {"name": "errors", "verdict": "NoData"},
            "NoData       errors: candidate -, stable -; evidence against -, for -",
            id="nothing yet",
        ),
    ],
)
def test_a_metric_is_one_line(metric: dict[str, str], want: str) -> None:
    assert metric_line(MetricStatus.model_validate(metric)) == want


@pytest.mark.parametrize(
    ("text", "want"),
    [
        pytest.param("1.20 of 2.40", 0.5, id="half of what is needed"),
        pytest.param("-0.01 of 2.00", -0.005, id="against what is asked"),
        pytest.param("", None, id="nothing"),
        pytest.param("1.2", None, id="no limit"),
        pytest.param("1 of 0", None, id="a limit of nothing"),
        pytest.param("a of b", None, id="words"),
        pytest.param("-inf of 2.00", None, id="against all of it"),
    ],
)
def test_parts(text: str, want: float | None) -> None:
    assert part_of(text) == want
