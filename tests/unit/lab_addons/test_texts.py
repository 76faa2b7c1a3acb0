"""The texts that clients send."""

from __future__ import annotations

import gzip
import json
from itertools import islice, repeat
from typing import TYPE_CHECKING

import pytest

from lab.loadgen.texts import LONG_WORDS, Texts, draws, load

if TYPE_CHECKING:
    from pathlib import Path

LONG = "very " * LONG_WORDS
SAMPLE = Texts(short=("good", "bad", "fine"), long=(LONG,))


def drawn(texts: Texts, *, share: float, seed: int = 7, count: int = 1000) -> list[str]:
    return list(islice(draws(texts, seed, repeat(share)), count))


def test_texts_are_sorted_by_their_length() -> None:
    assert Texts.of(["good", LONG, "bad"]) == Texts(short=("good", "bad"), long=(LONG,))


@pytest.mark.parametrize("name", [pytest.param("t.jsonl", id="plain"), pytest.param("t.jsonl.gz", id="compressed")])
def test_a_file_has_one_text_a_line(tmp_path: Path, name: str) -> None:
    content = "".join(json.dumps({"text": text}) + "\n" for text in ("good", "bad", "fine", LONG)).encode()
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    assert load(tmp_path / name) == SAMPLE


def test_the_same_seed_draws_the_same_texts() -> None:
    assert drawn(SAMPLE, share=0.3) == drawn(SAMPLE, share=0.3)


def test_another_seed_draws_others() -> None:
    assert drawn(SAMPLE, share=0.3) != drawn(SAMPLE, share=0.3, seed=8)


@pytest.mark.parametrize(
    ("texts", "share", "least", "most"),
    [
        pytest.param(SAMPLE, 0, 0, 0, id="no very long ones"),
        pytest.param(SAMPLE, 1, 1000, 1000, id="only very long ones"),
        pytest.param(SAMPLE, 0.25, 200, 300, id="a quarter of very long ones"),
        pytest.param(Texts(short=("good",), long=()), 0.5, 0, 0, id="a file without very long ones"),
        pytest.param(Texts(short=(), long=(LONG,)), 0.5, 1000, 1000, id="a file of very long ones only"),
    ],
)
def test_the_share_of_very_long_texts_is_as_set(texts: Texts, share: float, least: int, most: int) -> None:
    assert least <= drawn(texts, share=share).count(LONG) <= most


def test_the_natural_share_is_that_of_the_file() -> None:
    assert SAMPLE.natural_share() == 0.25
