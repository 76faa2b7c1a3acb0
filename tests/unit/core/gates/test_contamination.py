"""Truth table of gates on contamination: counted, about the data and no model, and only by the plan's digest list."""

import pytest

from sluice.api.verdict import Verdict
from sluice.core.gates.judge import judge
from tests.support.evaluations import (
    CHAMPION,
    LIST,
    SUITE,
    alone,
    document,
    estimate,
    evaluation,
    gate,
    measurement,
    pinned,
    source,
)

PASS, FAIL, NO_DATA, ERROR = Verdict.PASS, Verdict.FAIL, Verdict.NO_DATA, Verdict.ERROR
NEARLY = {"similarity": "0.8"}


Judged = tuple[Verdict, str, str]
IS = "share of items in the training data is"


def judged(
    seen: int, items: int = 2000, listed: str | None = LIST, champion: str | None = CHAMPION, most: str | None = None
) -> Judged:
    """Return verdict, reason and sentence for so many items of 2,000 in the training data."""
    plan = evaluation(gate(name="leaked", metric="contaminatedShare", params=NEARLY, minSamples=None, max=most))
    share = seen / max(1, items)
    value = estimate(share, share, share, "counted") if items else None
    made = measurement(
        name="leaked", metric="contaminatedShare", params=NEARLY, n=2000, denominator=items, candidate=value
    )
    read = {key: value for key, value in source(rows=2000, training=listed).items() if value is not None}
    found = {"datasets": [read]} | ({} if champion else {"champion": None})
    reference = None if champion is None else pinned(champion)
    judgement = judge(plan, document(alone(made), **found), candidate=pinned(), champion=reference)
    return judgement.gates[0].verdict, judgement.reasons[0], judgement.gates[0].message


@pytest.mark.parametrize(
    ("most", "seen", "verdict", "want"),
    [
        pytest.param("", 0, PASS, f"{IS} 0.0 % (0 of 2,000) (counted 0.0 %, at most 0.0 allowed)", id="none"),
        pytest.param("", 1, FAIL, f"{IS} 0.05 % (1 of 2,000) (counted 0.05 %, at most 0.0 allowed)", id="one"),
        pytest.param("0.01", 12, PASS, f"{IS} 0.6 % (12 of 2,000) (counted 0.6 %, at most 1.0 allowed)", id="few"),
        pytest.param("0.005", 12, FAIL, f"{IS} 0.6 % (12 of 2,000) (counted 0.6 %, at most 0.5 allowed)", id="more"),
    ],
)
def test_the_share_is_counted(most: str, seen: int, verdict: Verdict, want: str) -> None:
    assert judged(seen, most=most or None)[::2] == (verdict, want)


def test_no_champion_is_needed() -> None:
    assert judged(0, champion=None)[0] == PASS
    assert judged(12, champion=None)[0] == FAIL


def test_a_set_without_texts_proves_nothing() -> None:
    assert judged(0, items=0) == (NO_DATA, "TooFewItems", "only 0 items with a text, minSamples requires 1")


@pytest.mark.parametrize("listed", [None, SUITE])
def test_another_list_is_no_evidence(listed: str | None) -> None:
    want = "data set holdout was looked up in another digest list than training of the plan"
    assert judged(0, listed=listed) == (ERROR, "DatasetMismatch", want)
