"""Items of a data set that are looked up in a digest list: what is found, by whatever way it is cut, and bad lists."""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from pyarrow import parquet

from sluice.adapters.digest_list import SCHEMA, write
from sluice.api.evaluation_spec import DatasetInput, MeasurementWanted, TrainingInput
from sluice.core.fingerprints import likeness, normalised, signatures
from sluice.evaluation import contamination, dataset, items
from sluice.evaluation.contamination import with_training
from sluice.evaluation.failure import EvaluationFailure
from sluice.evaluation.measuring import Scored, measure
from tests.unit.evaluation.builders import classes

REVIEW = "the sound is fine for the price, but the left speaker stopped working after two weeks"
NEARLY = REVIEW.replace("two weeks", "ten weeks")
OTHER = "arrived late and the box was damaged, the headphones themselves are good"
FIELD = "spec.evaluation.datasets[holdout].training"
World = Callable[..., dataset.LoadedDataset]


def digest_of(path: Path) -> str:
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def wanted(similarity: str = "0.8") -> MeasurementWanted:
    return MeasurementWanted(
        name="leaked", metric="contaminatedShare", params={"similarity": similarity}, dataset="holdout", level=0.95
    )


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Return a function that lists training texts and looks up the items of a data set in the list."""

    def made(
        texts: Sequence[str | None],
        training: Sequence[str] = (),
        *,
        listed: Path | None = None,
        columns: Sequence[str] = ("text",),
        **fields: Any,
    ) -> dataset.LoadedDataset:
        path, where = tmp_path / "items.parquet", listed or tmp_path / "digests.parquet"
        pl.DataFrame({"text": texts, "label": ["x"] * len(texts)}).write_parquet(path)
        if listed is None:
            write(where, columns, iter([[normalised([text]) for text in training]]))
        known = TrainingInput(uri="store://reviews/digests.parquet", digest=fields.pop("digest", digest_of(where)))
        source = DatasetInput(name="holdout", uri="a.parquet", digest=digest_of(path), training=known, **fields)
        loaded = {"holdout": dataset.load(source, path)}
        return with_training([wanted()], loaded, lambda *_: where)["holdout"]

    return made


def share(data: dataset.LoadedDataset, similarity: str) -> tuple[float, int]:
    found = measure(wanted(similarity), Scored(data=data, candidate=classes(*"x" * len(data)), champion=None))
    assert found.candidate is not None
    assert found.candidate.method == "counted"
    return found.candidate.estimate, found.denominator


def test_the_same_text_a_near_one_and_another_are_told_apart(world: World) -> None:
    data = world([REVIEW.upper(), NEARLY, OTHER, None, " "], [REVIEW, "something else altogether"])

    assert data.seen is not None
    same, near, far, *blank = data.seen.tolist()
    assert same == 1
    assert 0.8 < near < 1
    assert far < 0.5
    assert np.isnan(blank).all()
    assert share(data, "1") == (1 / 3, 3)
    assert share(data, "0.8") == (2 / 3, 3)


def test_a_near_duplicate_is_not_the_same_however_alike(world: World) -> None:
    text = REVIEW * 200
    data = world([f"{text}."], [text])

    assert share(data, "1") == (0, 1)
    assert share(data, "0.9") == (1, 1)


def test_models_that_fail_have_no_part_in_it(world: World) -> None:
    data = world([REVIEW, OTHER], [REVIEW])
    found = measure(wanted(), Scored(data=data, candidate=classes("x", None), champion=classes(None, None)))

    assert (found.candidate_failures, found.champion_failures, found.champion, found.difference) == (0, 0, None, None)


def variants(number: int, seed: int) -> list[str]:
    """Return texts of few words, among which there are many near-duplicates."""
    draw = np.random.default_rng(seed)
    words = np.array(["sound", "price", "battery", "cable", "weeks", "speaker", "volume", "wonderful", "disappointing"])
    return [" ".join(words[draw.integers(0, len(words), 12)]) for _ in range(number)]


def test_what_is_found_is_what_comparing_all_with_all_finds(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """In blocks and pieces of any size; only pairs that are not alike may be overlooked."""
    training = [*variants(300, 1), *[REVIEW] * 40]
    texts = [*variants(120, 2), *training[:5], *(text.replace("sound", "tone", 1) for text in training[5:60]), ""]
    mine, theirs = signatures([*texts[:-1]]), signatures(training)
    best = np.array([likeness(np.repeat(row[None], len(theirs), 0), theirs).max() for row in mine])
    found = world(texts, training).seen
    for name, size in (("_BLOCK", 7), ("_PAIRS", 5), ("LARGE_ROWS", 3)):
        monkeypatch.setattr(contamination, name, size)
    again = world(texts, training).seen

    assert found is not None
    assert again is not None
    alike = best >= 0.7
    assert alike.sum() > 40
    assert np.allclose(found[:-1][alike], np.where(best[alike] < 1, best[alike], found[:-1][alike]))
    assert (found[120:125] == 1).all()
    assert np.array_equal(found, again, equal_nan=True)


def test_a_crowd_of_copies_is_found_without_comparing_them_all(world: World) -> None:
    data = world([NEARLY] * 50, [*[f"{REVIEW} {number % 7}" for number in range(500)], NEARLY])

    assert data.seen is not None
    assert set(data.seen) == {1}


def test_slices_of_other_gates_keep_what_was_seen(world: World) -> None:
    data = world([REVIEW, OTHER, NEARLY], [REVIEW])

    assert data.seen is not None
    assert data.take(np.array([2, 0])).seen.tolist() == data.seen[[2, 0]].tolist()  # type: ignore[union-attr]


def test_the_table_of_items_says_what_was_seen(world: World) -> None:
    data = world([REVIEW, None], [REVIEW])
    table = items.table(Scored(data=data, candidate=classes("x", "x"), champion=None))

    assert table["seen"].to_list() == [1.0, None]


def test_a_data_set_that_no_gate_asks_about_is_not_looked_up(world: World) -> None:
    loaded = {"other": world([REVIEW], [REVIEW])}

    assert with_training([wanted()], loaded, lambda *_: Path("nowhere")) == loaded


def listed(path: Path, said: bytes | None, names: Sequence[str] = ("digest", "signature"), rows: int = 1) -> Path:
    """Write a file that is almost a digest list."""
    kinds = [pa.binary(32), pa.binary(256)]
    schema = pa.schema(list(zip(names, kinds, strict=False)), None if said is None else {b"sluice.digests": said})
    columns = [pa.array([b"\0" * kind.byte_width] * rows, kind) for kind in kinds[: len(names)]]
    parquet.write_table(pa.table(columns, schema=schema), path)
    return path


GOOD = json.dumps({"schema": SCHEMA, "columns": ["text"]}).encode()


@pytest.mark.parametrize(
    ("said", "fields", "want"),
    [
        pytest.param(None, {}, "is Parquet, and no digest list: write it with `sluice digests`", id="other Parquet"),
        pytest.param(b"{", {}, "has metadata that says nothing", id="garbage"),
        pytest.param(b'{"schema": 1}', {}, "has metadata that says nothing", id="no columns named"),
        pytest.param(
            GOOD.replace(b"v1", b"v9"), {}, "is a digest list of version sluice.dev/digest-list/v9, ", id="newer"
        ),
        pytest.param(GOOD, {"names": ["digest"]}, "has other columns than a digest list", id="no signatures"),
        pytest.param(GOOD, {"names": ["digest", "sign"]}, "has other columns than a digest list", id="renamed"),
        pytest.param(GOOD, {"rows": 0}, "has no items", id="empty"),
    ],
)
def test_files_that_are_no_digest_list(
    world: World, tmp_path: Path, said: bytes | None, fields: dict[str, Any], want: str
) -> None:
    with pytest.raises(EvaluationFailure) as caught:
        world([REVIEW], listed=listed(tmp_path / "list.parquet", said, **fields))
    assert (caught.value.reason, caught.value.field) == ("TrainingInvalid", FIELD)
    assert caught.value.message.startswith(f"digest list store://reviews/digests.parquet {want}")


def test_a_file_that_is_no_parquet(world: World, tmp_path: Path) -> None:
    path = tmp_path / "list.parquet"
    path.write_bytes(b"\x80\x04pickled")
    with pytest.raises(EvaluationFailure, match=r"is no readable Parquet file \(ArrowInvalid\)") as caught:
        world([REVIEW], listed=path)
    assert caught.value.reason == "TrainingInvalid"


def test_another_list_than_the_pinned_one(world: World) -> None:
    with pytest.raises(EvaluationFailure, match="pin the new file, or put the old one back") as caught:
        world([REVIEW], [REVIEW], digest="sha256:" + "0" * 64)
    assert (caught.value.reason, caught.value.field) == ("TrainingDigestMismatch", FIELD)


def test_a_list_of_other_columns(world: World) -> None:
    with pytest.raises(
        EvaluationFailure, match="has no column 'title': its columns are text, label; its digest"
    ) as caught:
        world([REVIEW], [REVIEW], columns=["title", "text"])
    assert (caught.value.reason, caught.value.field) == ("ColumnMissing", FIELD)


def test_a_data_set_without_a_list(tmp_path: Path) -> None:
    path = tmp_path / "items.parquet"
    pl.DataFrame({"text": [REVIEW], "label": ["x"]}).write_parquet(path)
    loaded = {"holdout": dataset.load(DatasetInput(name="holdout", uri="a.parquet", digest=digest_of(path)), path)}
    with pytest.raises(EvaluationFailure, match="write one with `sluice digests`") as caught:
        with_training([wanted()], loaded, lambda *_: path)
    assert caught.value.reason == "TrainingMissing"
