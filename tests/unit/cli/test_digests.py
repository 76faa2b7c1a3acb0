"""`sluice digests`: the list that is written, and how bad input ends."""

import hashlib
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from pyarrow import parquet

from sluice.adapters.digest_list import Fingerprints, read
from sluice.core.fingerprints import normalised
from tests.unit.cli.conftest import Sluice

TEXTS = ["Great sound, worth the price", "", "broke after two weeks", None]


@pytest.fixture
def training(tmp_path: Path) -> Path:
    """Return training data with two texts, and two items without."""
    path = tmp_path / "training.parquet"
    frame = {"text": TEXTS, "stars": [5, 4, 1, None], "tags": [["a"], [], [], []]}
    pl.DataFrame(frame).write_parquet(path)
    return path


def test_the_digest_is_printed_that_pins_the_list(sluice: Sluice, training: Path) -> None:
    out = training.with_name("digests.parquet")
    result = sluice("digests", str(training), "--columns", "text", "--out", str(out))

    assert result.exit_code == 0, result.output
    assert result.stdout == f"sha256:{hashlib.sha256(out.read_bytes()).hexdigest()}\n"
    assert "digests of 2 items; those without a text in text are left out" in result.stderr
    assert sorted(path.name for path in training.parent.iterdir()) == ["digests.parquet", "training.parquet"]


def test_a_list_has_fingerprints_in_order_and_no_text(sluice: Sluice, training: Path) -> None:
    out = training.with_name("digests.parquet")
    sluice("digests", str(training), "--columns", "text", "--out", str(out))
    found, wanted = read(out), Fingerprints.of([normalised([text]) for text in TEXTS if text])
    (batch,) = found.batches()

    assert (found.columns, found.items) == (("text",), 2)
    assert np.array_equal(batch.digests, wanted.digests)
    assert np.array_equal(batch.signatures, wanted.signatures)
    assert b"two weeks" not in out.read_bytes()
    assert parquet.read_schema(out).names == ["digest", "signature"]


def test_the_same_data_have_the_same_list_in_any_format(sluice: Sluice, training: Path) -> None:
    pl.read_parquet(training).drop("tags").write_csv(training.with_suffix(".csv"))
    pl.read_parquet(training).write_ndjson(training.with_suffix(".jsonl"))
    digests = set()
    for ending in (".parquet", ".csv", ".jsonl"):
        out = training.with_name(f"from{ending}.list")
        result = sluice("digests", str(training.with_suffix(ending)), "--columns", "text, stars", "--out", str(out))
        assert result.exit_code == 0, result.output
        digests.add(result.stdout)

    assert len(digests) == 1


def test_a_list_already_there_is_left_alone(sluice: Sluice, training: Path) -> None:
    result = sluice("digests", str(training), "--columns", "text", "--out", str(training))

    assert result.exit_code == 2
    assert result.stderr == f"Error: --out {training}: the file exists already: name a new one\n"
    assert pl.read_parquet(training)["text"].to_list() == TEXTS


@pytest.mark.parametrize(
    ("columns", "want"),
    [
        pytest.param("txt", "has no column 'txt': its columns are text, stars, tags", id="missing"),
        pytest.param("tags", "column 'tags': texts, numbers, times and truth values have digests", id="nested"),
        pytest.param("text,text", "name each column once", id="twice"),
        pytest.param("text,", "name each column once", id="empty"),
    ],
)
def test_columns_that_have_no_digests(sluice: Sluice, training: Path, columns: str, want: str) -> None:
    out = training.with_name("digests.parquet")
    result = sluice("digests", str(training), "--columns", columns, "--out", str(out))

    assert result.exit_code == 2
    assert want in result.stderr
    assert [path.name for path in training.parent.iterdir()] == ["training.parquet"]


@pytest.mark.parametrize(
    ("name", "content", "want"),
    [
        pytest.param("a.pickle", b"\x80\x04", "has a name of unknown ending: known are .parquet", id="format"),
        pytest.param("a.parquet", b"PAR1 and no more", "cannot be read (ComputeError): is it whole?", id="torn"),
        pytest.param("a.csv", b"text\n\n \n", "has a text there", id="no texts"),
        pytest.param("gone.parquet", None, "there is no such file: name the training data", id="absent"),
    ],
)
def test_files_that_are_no_training_data(
    sluice: Sluice, tmp_path: Path, name: str, content: bytes | None, want: str
) -> None:
    path, out = tmp_path / name, tmp_path / "out"
    if content is not None:
        path.write_bytes(content)
    result = sluice("digests", str(path), "--columns", "text", "--out", str(out))

    assert result.exit_code == 2
    assert want in result.stderr
    assert not out.exists()


def test_a_folder_that_is_not_there(sluice: Sluice, training: Path) -> None:
    out = training.parent / "nowhere" / "digests.parquet"
    result = sluice("digests", str(training), "--columns", "text", "--out", str(out))

    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: --out {out} cannot be written (No such file or directory)")
