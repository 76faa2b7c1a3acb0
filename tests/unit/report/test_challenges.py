"""Challenge sets on the page: which cases fail and which are new, what was expected; of hidden ones only how many."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sluice.api.challenge_result import ChallengeInfo
from sluice.report.asked_cases import AskedCase
from sluice.report.challenges import challenge
from sluice.report.items import table_path
from sluice.report.page import page
from tests.support import evaluations as make
from tests.support.evaluated import found
from tests.support.markup import Markup

Json = dict[str, Any]
NONE: Json = {"visible": 0, "hidden": 0}


def asked(**fields: Any) -> Json:
    known = {"name": "negation", "digest": make.SUITE, "setName": "words", "setVersion": "3", "cases": 9, "hidden": 2}
    return known | {"repeats": 1, "minPassRate": "1", "failed": NONE, "newlyFailed": NONE} | fields


def failing(*names: str, hidden: int = 0, more: int = 0) -> Json:
    return {"visible": len(names) + more, "hidden": hidden, "ids": list(names)}


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        pytest.param(
            {},
            "Challenge set negation words, version 3: 9 cases, 2 of them hidden. The candidate passes all.",
            id="all",
        ),
        pytest.param(
            {"failed": failing("mild", "praise", hidden=2), "newlyFailed": failing("praise", hidden=1)},
            "The candidate fails 4 (2 hidden), and newly 2 (1 hidden): those the champion passes. "
            "praise: newly failed mild: failed",
            id="new failures come first, hidden ones are a number",
        ),
        pytest.param(
            {"failed": failing("mild", more=60), "newlyFailed": None, "hidden": 0},
            "9 cases. The candidate fails 61. mild: failed And 60 more.",
            id="without a champion, of many only the first",
        ),
        pytest.param(
            {"repeats": 5, "minPassRate": "0.8"},
            "each asked 5 times and passed with a share of 0.8 right. The candidate passes all.",
            id="asked more than once",
        ),
    ],
)
def test_a_challenge_set_in_words(fields: Json, says: str) -> None:
    assert Markup.of(challenge(ChallengeInfo.model_validate(asked(**fields)), {})).text.endswith(says)


def test_a_case_says_what_was_expected_and_how_often_each_model_is_right() -> None:
    info = ChallengeInfo.model_validate(asked(failed=failing("praise"), repeats=5, minPassRate="0.8"))
    case = AskedCase(expected="<good> or fine", repeats=5, candidate_right=1, champion_right=5)
    shown = challenge(info, {"praise": case})
    assert Markup.of(shown).text.endswith("expected <good> or fine; right of 5: the champion 5, the candidate 1")
    assert "&lt;good&gt;" in shown


def test_the_page_has_the_cases_of_the_table(tmp_path: Path) -> None:
    columns = {"case": ["praise"], "expected": ["positive"], "repeats": [1], "candidate_right": [0]}
    pl.DataFrame(columns).write_parquet(table_path(tmp_path, "negation"))
    sets = [asked(failed=failing("praise"))]
    made = found(make.evaluation(make.gate(min="0.1")), make.measurement(), folder=tmp_path, challengeSets=sets)
    assert "praise: failed expected positive" in Markup.of(page(made)).text
