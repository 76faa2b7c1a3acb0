"""The parts of gates and suites on the page, in JUnit and in the table: slices, cases, the reliability curve."""

from sluice.cli.report_junit import junit
from sluice.cli.report_table import lines
from sluice.report.items import Bin
from sluice.report.page import page
from sluice.report.reliability import reliability
from tests.support import evaluations as make
from tests.support.evaluated import found
from tests.support.markup import Markup

GATE = make.cell_gate(vsChampion={"maxRise": "0.02"})
SUITE = make.suite()
RAN = make.ran(make.case("Failed", "test_short", "it says <positive>"), make.case("Passed"), make.case("Skipped", "s"))


def test_a_suite_stands_beside_the_gates_with_its_cases() -> None:
    made = found(make.evaluation(GATE, suites=[SUITE]), make.cell_measurement(), suites=[RAN])
    assert "test_short: Failed it says <positive>" in Markup.of(page(made)).text
    assert any(line.startswith("behaviour   1 of 2 cases, 1 skipped") for line in lines(made, []))


def test_a_suite_that_did_not_run_is_no_pass() -> None:
    made = found(make.evaluation(GATE, suites=[SUITE]), make.cell_measurement())
    assert (made.rows[1].values, made.rows[1].kind) == ("not run", "bad")


def test_slices_are_drawn_the_worst_first() -> None:
    gate = make.gate(vsChampion={"maxDrop": "0.05"}, slices={"by": [{"column": "language"}]})
    worse = {"difference": make.estimate(-0.2, -0.3, -0.1), "candidate": make.estimate(0.45, 0.4, 0.5)}
    measured = make.sliced(make.part("language=en"), make.part("language=de", **worse), n=400, denominator=400)
    made = found(make.evaluation(gate), measured)
    ((row,), shown) = made.rows, Markup.of(page(made)).text
    assert [(part.name, part.kind, part.values) for part in row.slices] == [
        ("language=de", "bad", "65.0 % → 45.0 %"),
        ("language=en", "good", "65.0 % → 66.0 %"),
    ]
    assert "all (400) language=de (200) language=en (200)" in shown
    assert "language=de: 65.0 % → 45.0 %; -30.0 … -10.0 points; 200 items: Fail" in junit(made)


def test_the_curve_leaves_out_bins_that_say_little() -> None:
    bins = [Bin(confidence=0.72, right=0.8, items=9), Bin(confidence=0.9, right=0.5, items=10)]
    assert reliability({"candidate": bins[:1]}) == ""
    drawn = reliability({"candidate": bins, "champion": bins[1:]})
    assert (drawn.count("<circle"), drawn.count("<polyline")) == (2, 3)
