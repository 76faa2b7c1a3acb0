"""Texts that are changed without changing what they say, and what a model says of them."""

import hashlib
import random
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.api.evaluation_spec import DatasetInput, MeasurementWanted
from sluice.api.offline_metric import Perturbation
from sluice.evaluation import dataset
from sluice.evaluation.failure import EvaluationFailure
from sluice.evaluation.measuring import Scored, measure
from sluice.evaluation.perturbations import PERTURBATIONS, names, perturbed
from sluice.evaluation.perturbing import Change, ChangedDataset, ask_again, changes_for, check_read
from sluice.evaluation.scores import Scores
from sluice.evaluation.scoring import score
from sluice.evaluation.stopwatch import Stopwatch

TEXTS = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=200)
Set = Callable[..., dataset.LoadedDataset]


@pytest.fixture
def items(tmp_path: Path) -> Set:
    def made(texts: list[Any], **fields: Any) -> dataset.LoadedDataset:
        path = tmp_path / "items.parquet"
        pl.DataFrame({"text": texts, "count": range(len(texts)), "label": ["x"] * len(texts)}).write_parquet(path)
        digest = f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
        return dataset.load(DatasetInput(name="holdout", uri="a.parquet", digest=digest, **fields), path)

    return made


def test_every_perturbation_of_the_api_is_there() -> None:
    assert set(PERTURBATIONS) == set(Perturbation)


@given(TEXTS)
def test_typos_leave_first_and_last_letters_and_short_words(text: str) -> None:
    found = perturbed(Perturbation.TYPOS, text)

    assert sorted(found) == sorted(text)
    for before, after in zip(text.split(" "), found.split(" "), strict=True):
        assert (before[:1], before[-1:]) == (after[:1], after[-1:])
        if len(before) < 5:
            assert before == after


@pytest.mark.parametrize(
    ("kind", "text", "want"),
    [
        pytest.param("Typos", "not good at all", "not good at all", id="no long word"),
        pytest.param("Typos", "great", {"gerat", "graet"}, id="one"),
        pytest.param("Case", "1, 2, 3", "1, 2, 3", id="no letters"),
        pytest.param("Case", "abc", "ABC", id="small letters"),
        pytest.param("Case", "ABC", "abc", id="capitals"),
        pytest.param("Names", "nobody is named", "nobody is named", id="no name"),
        pytest.param("Names", "Annabel", "Annabel", id="a part of a word is no name"),
    ],
)
def test_what_becomes_of_a_text(kind: str, text: str, want: str | set[str]) -> None:
    assert perturbed(Perturbation(kind), text) in ({want} if isinstance(want, str) else want)


@given(TEXTS)
def test_case_is_all_that_case_changes(text: str) -> None:
    assert perturbed(Perturbation.CASE, text).lower() == text.lower()


@given(TEXTS)
def test_emoji_follow_the_text(text: str) -> None:
    found = perturbed(Perturbation.EMOJI, text)

    assert found.startswith(f"{text} ")
    assert len(found) == len(text) + 2


@given(st.lists(st.sampled_from([*names.FIRST_NAMES[:6], "met", "and"]), max_size=20))
def test_a_name_becomes_one_other_name_throughout(words: list[str]) -> None:
    found = perturbed(Perturbation.NAMES, " ".join(words)).split()

    pairs = {(before, after) for before, after in zip(words, found, strict=True) if before in names.FIRST_NAMES}
    assert len({before for before, _ in pairs}) == len({after for _, after in pairs}) == len(pairs)
    assert all(before != after and after in names.FIRST_NAMES for before, after in pairs)
    assert [word for word in words if word not in names.FIRST_NAMES] == [w for w in found if w not in names.FIRST_NAMES]


@given(st.sampled_from(list(Perturbation)), TEXTS)
def test_the_same_text_is_changed_the_same_way(kind: Perturbation, text: str) -> None:
    random.seed(1)
    once = perturbed(kind, text)
    random.seed(2)
    assert perturbed(kind, text) == once


class Shouting:
    """A model that hears only capitals, and fails on one word."""

    metadata = None

    def predict(self, frame: Any) -> list[str]:
        if any("BOMB" in text for text in frame["text"]):
            raise ValueError("no")
        return ["loud" if text.isupper() else "quiet" for text in frame["text"]]


def change(kind: str, column: str = "text") -> Change:
    return Change(kind=Perturbation(kind), column=column, gate="steady")


def wanted(kind: str, **params: str) -> MeasurementWanted:
    known = {"perturbation": kind, "column": "text"} | params
    return MeasurementWanted(name="steady", metric="perturbationFlipRate", params=known, dataset="holdout", level=0.95)


def asked(data: dataset.LoadedDataset, kind: str) -> Scored:
    model, plain = Shouting(), score(Shouting(), data)
    again = ask_again(model, data, [change(kind)], Stopwatch(), arm="candidate")
    said = Scores(predicted=plain.predicted, examples=plain.examples, again=again)
    return Scored(data=data, candidate=said, champion=None)


def test_flips_are_counted_among_the_texts_that_were_changed(items: Set) -> None:
    found = measure(wanted("Case"), asked(items(["abc", "ABC", "123", "bomb", "Abc"] * 200), "Case"))

    assert (found.n, found.denominator, found.candidate_failures) == (1000, 800, 200)
    assert found.candidate is not None
    # Shouting and whispering flip, "bomb" fails when it is shouted; "Abc" flips where it becomes ABC, not abc.
    mixed = perturbed(Perturbation.CASE, "Abc") == "ABC"
    assert found.candidate.estimate == pytest.approx((3 + mixed) / 4)


def test_a_slice_has_its_own_flips(items: Set) -> None:
    both = asked(items(["abc", "123"] * 10), "Case").take(pl.Series(range(0, 20, 2)).to_numpy())

    assert measure(wanted("Case"), both).denominator == 10


def test_texts_are_changed_as_they_are_read_and_nothing_else(items: Set) -> None:
    data = items([f"number {number} of them" for number in range(1300)])
    frames = list(ChangedDataset.of(data, change("Case")).batches())

    assert [len(frame) for frame in frames] == [512, 512, 276]
    assert frames[1]["text"].iloc[3] == perturbed(Perturbation.CASE, "number 515 of them")
    assert frames[1]["count"].tolist() == list(range(512, 1024))


def test_a_text_that_is_not_there_stays_so(items: Set) -> None:
    assert ChangedDataset.of(items(["abc", None]), change("Emoji")).changed().tolist() == [True, False]


@pytest.mark.parametrize(
    ("fields", "column", "want"),
    [
        pytest.param({}, "words", ("ColumnMissing", "which data set holdout does not have: its"), id="no column"),
        pytest.param({}, "count", ("ColumnType", "which has values of type int64 in data set"), id="numbers"),
        pytest.param({}, "label", ("ColumnType", "which is the label of data set holdout"), id="the label"),
        pytest.param(
            {"predictions": [{"digest": f"sha256:{'a' * 64}", "columns": ["text"]}]},
            "text",
            ("PerturbationNeedsModel", "and data set holdout has predictions, which nobody can ask"),
            id="predictions cannot be asked",
        ),
    ],
)
def test_columns_that_cannot_be_changed(items: Set, fields: Any, column: str, want: tuple[str, str]) -> None:
    data = items(["a"], **fields)
    with pytest.raises(EvaluationFailure) as raised:
        changes_for([wanted("Typos", column=column)], {"holdout": data})
    reason, what = want
    assert (raised.value.reason, raised.value.field) == (reason, "spec.evaluation.gates[steady].params.column")
    assert raised.value.message.startswith(f"gate steady changes column {column!r}, {what}")


def test_a_model_that_does_not_read_the_texts_proves_nothing() -> None:
    schema = SimpleNamespace(has_input_names=lambda: True, input_names=lambda: ["count"])
    deaf = SimpleNamespace(get_input_schema=lambda: schema)

    with pytest.raises(EvaluationFailure, match=r"which the champion does not read: its inputs are count") as raised:
        check_read([change("Typos")], deaf, arm="champion")
    assert raised.value.reason == "ColumnUnused"


def test_two_gates_on_one_change_ask_once(items: Set) -> None:
    data = items(["a"])
    found = changes_for([wanted("Typos"), wanted("Typos"), wanted("Case")], {"holdout": data})

    assert [one.kind for one in found["holdout"]] == ["Typos", "Case"]
