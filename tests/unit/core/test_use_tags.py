"""Uses of pinned data sets: counted once a model, never twice with one number, whatever else is in the tags."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.core.use_tags import due, use_tag, uses

SET, OTHER_SET = "sha256:" + "e" * 64, "sha256:" + "f" * 64
A, B, C = ("sha256:" + letter * 64 for letter in "abc")


def tag(model: str, value: str, dataset: str = SET) -> dict[str, str]:
    return {use_tag(dataset, model): value}


@pytest.mark.parametrize(
    ("tags", "number", "added"),
    [
        pytest.param({}, None, "1", id="a set that nobody used"),
        pytest.param({"team": "reviews", "sluice.verdict": "Promoted"}, None, "1", id="other tags say nothing"),
        pytest.param(tag(A, "1") | tag(B, "2"), None, "3", id="the third model on it"),
        pytest.param(tag(A, "1") | tag(C, "2"), 2, None, id="counted already: the number stays"),
        pytest.param(tag(A, "7"), None, "8", id="numbers that somebody deleted are not given again"),
        pytest.param(tag(A, "1") | tag(B, "1"), None, "3", id="two of one number are two uses"),
        pytest.param(tag(A, "a lot") | tag(B, "-3"), None, "3", id="uses whose numbers were spoilt are uses"),
        pytest.param(tag(C, "0"), None, "1", id="its own number was spoilt: it gets one"),
        pytest.param(tag(A, "9", OTHER_SET), None, "1", id="another set was used"),
    ],
)
def test_uses(tags: Mapping[str, str], number: int | None, added: str | None) -> None:
    assert uses(tags, C, [SET]) == ({} if number is None else {SET: number})
    assert due(tags, C, [SET]) == ({} if added is None else {use_tag(SET, C): added})


@given(st.lists(st.sampled_from("0123456789"), max_size=30))
def test_each_model_has_one_number_and_later_ones_have_later_numbers(asked: list[str]) -> None:
    tags: dict[str, str] = {}
    for letter in asked:
        tags |= due(tags, "sha256:" + letter * 64, [SET, OTHER_SET])
    first = list(dict.fromkeys(asked))
    numbers = [uses(tags, "sha256:" + letter * 64, [SET])[SET] for letter in first]
    assert numbers == list(range(1, len(first) + 1))
