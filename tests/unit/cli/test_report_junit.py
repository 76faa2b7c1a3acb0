"""JUnit of an evaluation: a suite of gates, and each suite of the plan with a test a case."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from sluice.api.suite_result import MOST_CASES
from sluice.cli.report_junit import junit
from tests.support import evaluations as make
from tests.support.evaluated import found

Json = dict[str, Any]
Test = tuple[str, str]
GATE = make.cell_gate(vsChampion={"maxRise": "0.02"})
PASSED, SKIPPED = make.case(name="test_long"), make.case("Skipped", "test_later", "not yet")
FAILED, BROKEN = make.case("Failed", "test_short", "it says <positive>"), make.case("Error", "test_odd", "no model")
COUNTS = ("tests", "failures", "errors", "skipped")


def written(ran: Json | None, *gates: Json, **fields: Any) -> ET.Element:
    evaluation = make.evaluation(GATE, *gates, suites=[make.suite(**fields)])
    made = found(evaluation, make.cell_measurement(), suites=[] if ran is None else [ran])
    return ET.fromstring(junit(made).encode())  # noqa: S314 -- our own text


def shown(suite: ET.Element) -> list[Test]:
    """Return each test's name, and the element that says what became of it."""
    return [(case.get("name", ""), "".join(part.tag for part in case)) for case in suite.iter("testcase")]


@pytest.mark.parametrize(
    ("ran", "want"),
    [
        pytest.param(make.ran(PASSED), [("test_long", "system-out")], id="it passed"),
        pytest.param(
            make.ran(FAILED, BROKEN, SKIPPED, PASSED),
            [
                ("test_short", "failure"),
                ("test_odd", "error"),
                ("test_later", "skipped"),
                ("test_long", "system-out"),
            ],
            id="a failure, an error, one left out, and one that passed",
        ),
        pytest.param(
            make.ran(SKIPPED),
            [("test_later", "skipped"), ("behaviour", "error")],
            id="nothing but skipped cases proves nothing",
        ),
        pytest.param(
            make.ran(PASSED, error="the tests ended early (SIGKILL: out of memory?)"),
            [("test_long", "system-out"), ("behaviour", "error")],
            id="it ended early",
        ),
        pytest.param(
            make.ran(PASSED, digest=make.HOLDOUT),
            [("test_long", "system-out"), ("behaviour", "error")],
            id="another suite than the plan's ran",
        ),
        pytest.param(make.ran(error="no test was collected"), [("behaviour", "error")], id="it collected nothing"),
        pytest.param(None, [("behaviour", "error")], id="it did not run"),
    ],
)
def test_each_case_of_a_suite_is_a_test(ran: Json | None, want: list[Test]) -> None:
    root = written(ran)
    gates, suite = root
    assert ((gates.get("name"), suite.get("name")), shown(gates)) == (
        ("careful", "careful.behaviour"),
        [("cell", "system-out")],
    )
    assert shown(suite) == want
    kinds = [kind for _, kind in want]
    counts = [len(want), *(kinds.count(kind) for kind in ("failure", "error", "skipped"))]
    assert [suite.get(name) for name in COUNTS] == [str(count) for count in counts]
    assert [root.get(name) for name in COUNTS] == [str(count) for count in (counts[0] + 1, *counts[1:])]


def test_a_case_says_why_it_failed() -> None:
    (failure,) = written(make.ran(FAILED, PASSED)).iter("failure")
    assert failure.attrib == {"type": "Failed", "message": "it says <positive>"}


def test_cases_that_the_result_only_counts_are_one_test_an_outcome() -> None:
    failed = [make.case("Failed", f"test_{number}") for number in range(MOST_CASES)]
    _, suite = written(make.ran(*failed) | {"failed": MOST_CASES + 2, "passed": 1_500})
    assert shown(suite)[MOST_CASES:] == [("2 more: Failed", "failure"), ("1,500 more: Passed", "system-out")]


def test_a_suite_that_only_advises_fails_nothing() -> None:
    _, suite = written(make.ran(FAILED, BROKEN), severity="Advisory")
    assert shown(suite) == [("test_short", "system-out"), ("test_odd", "system-out")]
    assert [case.findtext("system-out") for case in suite] == ["Failed: it says <positive>", "Error: no model"]


def test_a_suite_of_a_tier_that_was_not_reached_is_skipped() -> None:
    _, suite = written(make.ran(FAILED, PASSED), make.gate(min="0.9"), tier=1)
    assert shown(suite) == [("test_short", "skipped"), ("test_long", "skipped")]
