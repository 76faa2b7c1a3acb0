"""Fingerprints of texts: the same text has the same, and how alike two texts are can be told from theirs."""

import random
import string

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.core.fingerprints import BANDS, HASHES, SHINGLE, bands, digest, likeness, normalised, signatures

TEXTS = st.text(max_size=300)
REVIEW = "the sound is fine for the price, but the left speaker stopped working after two weeks"


def shingles(text: str) -> set[str]:
    return {text[place : place + SHINGLE] for place in range(len(text) - SHINGLE + 1)}


def estimated(one: str, other: str) -> float:
    return float(likeness(signatures([one]), signatures([other]))[0])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(["Great  sound"], ["great sound"], id="case and blanks"),
        pytest.param([" great\n\tsound "], ["great sound"], id="lines and margins"),
        pytest.param(["№ ① ﬁt"], ["no 1 fit"], id="wide letters and ligatures"),
        pytest.param(["caf\u0065\u0301"], ["café"], id="composed accents"),
        pytest.param(["STRASSE"], ["straße"], id="letters that have no capital"),
        pytest.param([None, "x"], ["", "x"], id="no value and an empty one"),
        pytest.param([None, " "], [], id="nothing said"),
    ],
)
def test_what_says_the_same_is_the_same_text(one: list[str | None], other: list[str | None]) -> None:
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(["good"], ["good!"], id="signs"),
        pytest.param(["a", "b"], ["a b"], id="two columns and one"),
        pytest.param(["a", ""], ["", "a"], id="another column"),
    ],
)
def test_what_says_something_else_is_another_text(one: list[str | None], other: list[str | None]) -> None:
    assert digest(normalised(one)) != digest(normalised(other))


@given(TEXTS)
def test_a_normalised_text_stays_as_it_is(text: str) -> None:
    assert normalised([normalised([text])]) == normalised([text])


@given(st.lists(TEXTS, max_size=8))
def test_a_signature_is_the_texts_own_in_whatever_company(texts: list[str]) -> None:
    together = signatures(texts)

    assert together.shape == (len(texts), HASHES)
    for text, row in zip(texts, together, strict=True):
        assert (signatures([text])[0] == row).all()


def test_the_company_of_a_very_long_text_changes_nothing() -> None:
    texts = [REVIEW, REVIEW * 2000, REVIEW]

    assert (signatures(texts) == np.concatenate([signatures([text]) for text in texts])).all()


@pytest.mark.parametrize("changed", [0, 1, 3, 6])
def test_similarity_is_that_of_the_shingles(changed: int) -> None:
    """The mean error over 60 texts is less than four of its standard errors."""
    draw = random.Random(changed)  # noqa: S311 -- words, no secrets
    errors = []
    for _ in range(60):
        words = ["".join(draw.choices(string.ascii_lowercase, k=6)) for _ in range(20)]
        other = [draw.choice(words) if place < changed else word for place, word in enumerate(words)]
        one, two = " ".join(words), " ".join(other)
        true = len(shingles(one) & shingles(two)) / len(shingles(one) | shingles(two))
        errors.append(estimated(one, two) - true)

    assert abs(float(np.mean(errors))) < 4 * 0.5 / np.sqrt(HASHES * 60)


def test_one_changed_word_of_a_review_leaves_it_a_near_duplicate() -> None:
    assert estimated(REVIEW, REVIEW.replace("two weeks", "ten weeks")) > 0.8
    assert estimated(REVIEW, "arrived late and the box was damaged, the headphones themselves are good") < 0.2


def test_near_duplicates_have_a_band_in_common() -> None:
    one, other = bands(signatures([REVIEW])), bands(signatures([REVIEW.replace("two weeks", "ten weeks")]))

    assert one.shape == (1, BANDS)
    assert (one == other).any()


def test_fingerprints_are_those_of_every_machine() -> None:
    """A list that was written elsewhere must be found: these numbers may change only with the version of lists."""
    assert digest("great sound").hex() == "9de65a8c48f412e3a610cc4b5a4fc0baddf6da65c0ee9453b6f5ef1dd91124b9"
    assert signatures(["great sound"])[0, :4].tolist() == [30465, 18668, 22310, 50931]
