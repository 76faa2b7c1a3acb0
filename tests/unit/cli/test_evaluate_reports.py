"""What `sluice evaluate` leaves behind: the table, the page, JUnit and JSON, of results of given looks."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import polars as pl
import pytest

from sluice.api.evaluation_result import parse_document
from sluice.api.plan import Evaluation
from sluice.cli.evaluate_reports import Reports
from sluice.cli.report_junit import junit
from sluice.cli.report_table import lines
from sluice.report.items import FAILED, Example
from sluice.report.page import page
from tests.support import evaluations as make
from tests.support.evaluated import found
from tests.support.markup import Markup

Json = dict[str, Any]
WORSE = {
    "candidate": make.estimate(0.216, 0.19, 0.25),
    "champion": make.estimate(0.145, 0.12, 0.18),
    "difference": make.estimate(0.071, 0.051, 0.092),
}
TEXTS = ["it broke", "never again", "lovely", "<b>fine</b>", "x" * 300, "nice"]
LABELS = ["negative", "negative", "positive", "positive", "positive", "positive"]
CHAMPION = ["negative", "negative", "positive", "positive", "positive", "negative"]
CANDIDATE = ["positive", "positive", "positive", "negative", None, "positive"]


@pytest.fixture
def tables(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes the table of items, and the data set with its texts."""

    def written(**columns: list[Any]) -> Path:
        known: Mapping[str, list[Any]] = {"label": LABELS, "candidate": CANDIDATE, "champion": CHAMPION}
        frame = pl.DataFrame({"item": range(len(LABELS)), **known, **columns})
        frame.write_parquet(tmp_path / "items-holdout.parquet")
        pl.DataFrame({"id": list("abcdef"), "text": TEXTS, "label": LABELS}).write_parquet(tmp_path / "holdout.parquet")
        return tmp_path

    return written


def cell_gate(**fields: Any) -> Json:
    return make.cell_gate(**({"vsChampion": {"maxRise": "0.02"}} | fields))


ACCURACY = make.gate(min="0.6", vsChampion={"maxDrop": "0.01"})
WITHIN: Json = {"vsChampion": {"maxDrop": "0.01"}}
BOTH = make.evaluation(ACCURACY, cell_gate())
SENTENCE = "Fail: 1 of 2 gates failed: cell: negative→positive rose from 14.5 % to 21.6 % (95 % lower bound of the rise"
WANT = f"""\
  candidate   models:/shop/2   {make.CANDIDATE}
  champion    models:/shop/1   {make.CHAMPION}

GATE       CHAMPION → CANDIDATE   BOUNDS               LIMIT                N       VERDICT
accuracy   65.0 % → 66.0 %        63.0 % … 69.0 %      min 60.0 %           1,000   Pass
                                  -0.5 … +2.5 points   maxDrop 1.0 points
cell       14.5 % → 21.6 %        +5.1 … +9.2 points   maxRise 2.0 points   450     Fail

Bounds are one-sided, each at 95 %. N: the items that count for the metric.
Note: the candidate failed on 1 items
wrote out/report.html"""


def test_the_table() -> None:
    made = found(BOTH, make.measurement(), make.cell_measurement(**WORSE), warnings=["the candidate failed on 1 items"])
    first, *rest = lines(made, [Path("out/report.html")])
    assert first.startswith(SENTENCE)
    assert "\n".join(rest) == WANT


SLICED = make.sliced(
    *(make.part(f"language={number:02}") for number in range(11)),
    make.part("language=de", difference=make.estimate(-0.05, -0.06, -0.04)),
)


def test_slices_are_shown_the_worst_first() -> None:
    made = found(make.evaluation(make.gate(**WITHIN, slices={"by": [{"column": "language"}]})), SLICED)

    table = [" ".join(line.split()) for line in lines(made, [])]
    assert table[6:8] == [
        "language=de 65.0 % → 66.0 % -6.0 … -4.0 points maxDrop 1.0 points 200 Fail",
        "language=00 65.0 % → 66.0 % -0.5 … +2.5 points maxDrop 1.0 points 200 Pass",
    ]
    assert "and 2 slices more, none of them worse" in table
    (case,) = ET.fromstring(junit(made)).iter("failure")  # noqa: S314 -- our own
    assert case.text is not None
    assert len(case.text.splitlines()) == 14
    assert case.text.splitlines()[2] == "language=de: 65.0 % → 66.0 %; -6.0 … -4.0 points; 200 items: Fail"
    (gate,) = Reports(made, Path()).document()["gates"]
    assert gate["slices"][:2] == [
        {"name": "language=de", "verdict": "Fail"},
        {"name": "language=00", "verdict": "Pass"},
    ]


VALUES = {
    "candidate": make.estimate(12.5, 11.0, 14.0),
    "champion": make.estimate(10.0, 9.0, 11.0),
    "difference": make.estimate(2.5, 1.5, 3.5),
}


@pytest.mark.parametrize(
    ("gate", "measured", "want"),
    [
        pytest.param(
            make.gate(name="error", metric="mae", vsChampion={"maxRise": "5"}),
            make.measurement(name="error", metric="mae", **VALUES),
            ("+1.500 … +3.500", "maxRise 5", 5.0),
            id="a number in the data's own unit",
        ),
        pytest.param(
            make.gate(name="error", metric="mae", vsChampion={"maxRise": "0.1", "relative": True}),
            make.measurement(name="error", metric="mae", **VALUES),
            ("+1.500 … +3.500", "maxRise 10.0 % of the champion's", 1.0),
            id="a part of the champion's value",
        ),
        pytest.param(
            make.gate(name="error", metric="mae", vsChampion={"minGain": "1"}),
            make.measurement(name="error", metric="mae", **VALUES),
            ("+1.500 … +3.500", "minGain 1", -1.0),
            id="a gain where less is better lies below",
        ),
        pytest.param(
            make.gate(vsChampion={"minGain": "0.02"}),
            make.measurement(),
            ("-0.5 … +2.5 points", "minGain 2.0 points", 0.02),
            id="a gain where more is better lies above",
        ),
        pytest.param(
            make.gate(max="0.9"), make.measurement(), ("63.0 % … 69.0 %", "max 90.0 %", 0.9), id="a fixed limit"
        ),
    ],
)
def test_bounds_and_limits_are_on_one_scale(gate: Json, measured: Json, want: tuple[str, str, float]) -> None:
    ((rule,),) = [row.rules for row in found(make.evaluation(gate), measured).rows]
    assert (rule.bounds, rule.wanted, round(rule.limit, 9)) == want


@pytest.mark.parametrize(
    ("gate", "bounds", "want"),
    [
        pytest.param({"vsChampion": {"maxDrop": "0.01"}}, (-0.005, 0.025), "good", id="no drop beyond the limit"),
        pytest.param({"vsChampion": {"maxDrop": "0.01"}}, (-0.03, 0.025), "held", id="the limit lies between"),
        pytest.param({"vsChampion": {"maxDrop": "0.01"}}, (-0.03, -0.02), "bad", id="a drop beyond the limit"),
        pytest.param({"vsChampion": {"minGain": "0.02"}}, (0.03, 0.04), "good", id="a gain"),
        pytest.param({"vsChampion": {"minGain": "0.02"}}, (0.0, 0.01), "bad", id="too small a gain"),
        pytest.param({"vsChampion": {"maxGain": "0.02"}}, (0.03, 0.04), "bad", id="too great a gain"),
        pytest.param({"metric": "mae", "vsChampion": {"minGain": "0.02"}}, (-0.04, -0.03), "good", id="less is better"),
        pytest.param({"metric": "mae", "vsChampion": {"maxGain": "0.02"}}, (-0.04, -0.03), "bad", id="much less"),
        pytest.param({"metric": "mae", "vsChampion": {"maxRise": "0.02"}}, (0.03, 0.04), "bad", id="a rise"),
        pytest.param(
            {"severity": "Advisory", "vsChampion": {"maxDrop": "0.01"}}, (-0.03, -0.02), "held", id="advice only"
        ),
    ],
)
def test_a_rule_is_coloured_by_its_own_bounds(gate: Json, bounds: tuple[float, float], want: str) -> None:
    evaluation = make.evaluation(make.gate(**gate), make.gate(name="other", min="0.1"))
    lower, upper = bounds
    measured = make.measurement(
        metric=gate.get("metric", "accuracy"), difference=make.estimate((lower + upper) / 2, lower, upper)
    )
    row, _ = found(evaluation, measured, make.measurement(name="other")).rows
    assert [row.kind_of(rule) for rule in row.rules] == [want]
    assert row.kind == want


@pytest.mark.parametrize(
    ("measured", "want"),
    [
        pytest.param(make.cell_measurement(), ("Pass", "system-out", {}), id="proved"),
        pytest.param(make.cell_measurement(**WORSE), ("Fail", "failure", {"failures": "1"}), id="disproved"),
        pytest.param(
            make.cell_measurement(difference=make.estimate(0.0, -0.05, 0.05)),
            ("Inconclusive", "error", {"errors": "1"}),
            id="not proved is not skipped: CI shows skipped as fine",
        ),
        pytest.param(
            make.cell_measurement(denominator=10),
            ("NoData", "error", {"errors": "1"}),
            id="too little data is not fine",
        ),
        pytest.param(make.measurement(), ("Error", "error", {"errors": "1"}), id="not measured is not fine"),
    ],
)
def test_junit_has_a_case_a_gate(measured: Json, want: tuple[str, str, Json]) -> None:
    verdict, tag, counts = want
    root = ET.fromstring(junit(found(make.evaluation(cell_gate()), measured)).encode())  # noqa: S314 -- our own text
    case = root.find("testsuite/testcase")
    assert case is not None
    assert [child.tag for child in case] == [tag]
    assert case[0].get("type", f"{verdict}.").startswith(f"{verdict}.")
    assert (case.get("classname"), case.get("name")) == ("careful.holdout", "cell")
    known = {"tests": "1", "failures": "0", "errors": "0", "skipped": "0"}
    assert {name: root.get(name) for name in known} == known | counts


def test_gates_that_stop_nothing_are_told_from_those_that_do() -> None:
    advisory = make.gate(min="0.9", severity="Advisory")
    later = make.gate(name="later", min="0.1", tier=1)
    gates = make.evaluation(advisory, cell_gate(), later)
    made = found(gates, make.measurement(), make.cell_measurement(**WORSE), make.measurement(name="later"))
    root = ET.fromstring(junit(made).encode())  # noqa: S314 -- our own text
    assert [(row.outcome, row.kind) for row in made.rows] == [
        ("Fail (advisory)", "held"),
        ("Fail", "bad"),
        ("not judged", "none"),
    ]
    assert [case[0].tag for case in root.iter("testcase")] == ["system-out", "failure", "skipped"]
    assert (root.get("failures"), root.get("errors"), root.get("skipped")) == ("1", "0", "1")
    assert '<span class="badge none">not judged</span>' in page(made)


def test_the_document_holds_judgement_and_result(tmp_path: Path) -> None:
    made = found(BOTH, make.measurement(), make.cell_measurement(**WORSE))
    written = Reports(made, tmp_path).write()
    document = json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))
    assert [path.name for path in written] == ["report.html", "junit.xml", "result.json"]
    assert (document["verdict"], document["decisionDigest"]) == ("Fail", made.judgement.decision_digest)
    assert [(gate["name"], gate["verdict"], gate["reason"]) for gate in document["gates"]] == [
        ("accuracy", "Pass", "Cleared"),
        ("cell", "Fail", "Missed"),
    ]
    assert parse_document(document["result"]) == made.result


# Items


def test_items_tell_who_is_taken_for_what(tables: Callable[..., Path]) -> None:
    made = found(BOTH, make.measurement(), make.cell_measurement(**WORSE), folder=tables())
    (items,) = made.items
    assert items.confusion is not None
    assert items.confusion.predicted == ["negative", "positive", FAILED]
    assert items.confusion.candidate == {
        ("negative", "positive"): 2,
        ("positive", "positive"): 2,
        ("positive", "negative"): 1,
        ("positive", FAILED): 1,
    }
    assert (items.worse, items.better) == (4, 1)
    assert [(one.item, one.label, one.candidate) for one in items.examples] == [
        (0, "negative", "positive"),
        (1, "negative", "positive"),
        (3, "positive", "negative"),
        (4, "positive", FAILED),
    ]
    assert [one.text for one in items.examples] == ["it broke", "never again", "<b>fine</b>", "x" * 199 + "…"]


def test_reliability_is_how_often_a_model_is_right_when_it_is_so_sure(tables: Callable[..., Path]) -> None:
    sure: Json = {
        "candidate_score_negative": [0.1, 0.1, 0.35, 0.9, None, 0.3],
        "candidate_score_positive": [0.9, 0.9, 0.65, 0.1, None, 0.7],
    }
    made = found(BOTH, make.measurement(), make.cell_measurement(**WORSE), folder=tables(**sure))
    (items,) = made.items
    bins = {arm: [(one.confidence, one.right, one.items) for one in bins] for arm, bins in items.reliability.items()}
    assert bins == {"candidate": [(0.65, 1.0, 1), (0.7, 1.0, 1), (pytest.approx(0.9), 0.0, 3)]}


def test_scores_that_are_no_probabilities_have_no_reliability(tables: Callable[..., Path]) -> None:
    scores = {"candidate_score_negative": [-3.0] * 6, "candidate_score_positive": [1.5] * 6}
    made = found(BOTH, make.measurement(), make.cell_measurement(**WORSE), folder=tables(**scores))
    assert [items.reliability for items in made.items] == [{}]


def test_items_that_a_failed_gate_is_about_come_first(tables: Callable[..., Path]) -> None:
    cell = {"actual": "positive", "predicted": "negative"}
    evaluation = make.evaluation(cell_gate(params=cell))
    made = found(evaluation, make.cell_measurement(params=cell, **WORSE), folder=tables())
    assert [one.item for one in made.items[0].examples] == [3, 0, 1, 4]


def test_without_champion_all_that_is_wrong_is_shown(tables: Callable[..., Path]) -> None:
    folder = tables()
    table = pl.read_parquet(folder / "items-holdout.parquet").drop("champion")
    table.write_parquet(folder / "items-holdout.parquet")
    measured = make.alone(make.measurement())
    made = found(make.evaluation(make.gate(min="0.6")), measured, folder=folder, champion=None)
    assert made.items[0].examples[0] == Example(
        item=0, label="negative", champion="", candidate="positive", text="it broke"
    )
    assert "4 items are wrong." in page(made)


@pytest.mark.parametrize(
    "columns",
    [
        pytest.param({"candidate": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]}, id="numbers are no classes"),
        pytest.param({"label": [f"class {number}" for number in range(6)], "champion": list("ghijkl")}, id="too many"),
    ],
)
def test_what_has_no_few_classes_has_no_matrix(columns: Json, tables: Callable[..., Path]) -> None:
    made = found(BOTH, make.measurement(), make.cell_measurement(), folder=tables(**columns))
    assert made.items == []
    assert "Who is taken for what" not in page(made)


def test_of_numbers_the_items_are_shown_whose_error_grew_most(tables: Callable[..., Path]) -> None:
    numbers = {
        "label": ["1", "2", "3", "4", "5", "6"],
        "champion": ["1", "2", "3", "5", None, "6.5"],
        "candidate": ["1", "2.5", "5", "4", "5", None],
    }
    gate = make.gate(metric="mae", vsChampion={"maxRise": "1"})
    made = found(make.evaluation(gate), make.measurement(metric="mae"), folder=tables(**numbers))
    (items,) = made.items
    assert (items.confusion, items.worse, items.better) == (None, 3, 2)
    assert [(one.item, one.champion, one.candidate) for one in items.examples] == [
        (5, "6.5", FAILED),
        (2, "3", "5"),
        (1, "2", "2.5"),
    ]
    assert "3 items have a greater error than with the champion, 2 a smaller one." in page(made)


def test_rankings_have_neither(tables: Callable[..., Path]) -> None:
    gate = make.gate(metric="mrr", min="0.1")
    dataset = {"name": "holdout", "uri": "mlflow-artifacts:/1/h.parquet", "digest": make.HOLDOUT}
    ranked = Evaluation.model_validate({"datasets": [dataset | {"columns": {"query": "q"}}], "gates": [gate]})
    assert found(ranked, make.measurement(metric="mrr"), folder=tables()).items == []


def test_data_that_cannot_be_read_again_costs_only_the_texts(tables: Callable[..., Path]) -> None:
    folder = tables()
    (folder / "holdout.parquet").write_bytes(b"garbage")
    made = found(BOTH, make.measurement(), make.cell_measurement(**WORSE), folder=folder)
    assert [(one.item, one.text) for one in made.items[0].examples] == [(0, ""), (1, ""), (3, ""), (4, "")]


# The page


def test_the_page_is_whole_and_fetches_nothing(tables: Callable[..., Path]) -> None:
    text, markup = page(found(BOTH, make.measurement(), make.cell_measurement(**WORSE), folder=tables())), Markup()
    markup.feed(text)
    assert (markup.open, markup.fetched) == ([], [])
    assert re.findall(r"https?:|url\(|@import", text) == []
    assert '<meta name="viewport"' in text
    assert text.count("<svg") == text.count('role="img"') == 2
    assert "&lt;b&gt;fine&lt;/b&gt;" in text
    assert not re.search(r"\bnan\b|\binf\b|None", text)


@pytest.mark.parametrize(
    "measured",
    [
        pytest.param(make.measurement(), id="nothing was measured for the gate"),
        pytest.param(make.alone(make.cell_measurement(denominator=0)) | {"candidate": None}, id="no item counts"),
    ],
)
def test_pages_of_little(measured: Json) -> None:
    made = found(make.evaluation(cell_gate()), measured)
    assert "not measured" in page(made)
    assert not re.search(r"\bnan\b|\binf\b|None", page(made) + "\n".join(lines(made, [])) + junit(made))


def test_what_a_stranger_named_is_text(tables: Callable[..., Path]) -> None:
    hostile = "<script>alert(1)</script>"
    folder = tables(label=[hostile] * 6, champion=[hostile] * 6)
    made = found(BOTH, make.measurement(), make.cell_measurement(**WORSE), folder=folder, warnings=[hostile])
    assert "<script>" not in page(made)
