"""Real reviews rated by people, from the source package of vaderSentiment: fetched, verified, split, written.

Data: Hutto and Gilbert, "VADER", ICWSM 2014; MIT licence; mean of 20 raters per snippet, from -4 to 4. What is made of
the package goes to the folder named by `--out`.
"""

import argparse
import hashlib
import io
import json
import random
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.model_selection import GroupShuffleSplit

from examples.sentiment.source import cache_folder, fetch

ARCHIVE = "vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz"
SOURCES = {
    "amazon": "amazonReviewSnippets",
    "movies": "movieReviewSnippets",
    "tweets": "tweets",
    "news": "nytEditorialSnippets",
}

CLASS_EDGE = 0.5
"""A mean rating from here on is positive, from its negative down negative, between them neutral."""
SPLIT_SEED = 7
HOLDOUT_SHARE = 0.35
TRAFFIC_LINES = 4000
LONG_SHARE = 0.12
LONG_WORDS = 257
"""A review of this many words or more counts as very long."""

DATA = Path(__file__).parent / ".data"


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """Training snippets by source, and the hold-out: whole Amazon reviews that no model is trained on."""

    train: Mapping[str, pl.DataFrame]
    holdout: pl.DataFrame


def corpus(package: Path) -> Corpus:
    """Return the snippets of the package, the Amazon reviews split by review."""
    frames = _read(package)
    amazon = frames.pop("amazon")
    splitter = GroupShuffleSplit(1, test_size=HOLDOUT_SHARE, random_state=SPLIT_SEED)
    train, holdout = next(splitter.split(amazon, groups=amazon["review"].to_numpy()))
    return Corpus(train={"amazon": amazon[train.tolist()], **frames}, holdout=amazon[holdout.tolist()])


def _read(package: Path) -> dict[str, pl.DataFrame]:
    with tarfile.open(package) as outer:
        inner = outer.extractfile(ARCHIVE)
        if inner is None:
            raise SystemExit(f"{package} holds no {ARCHIVE}")
        with tarfile.open(fileobj=io.BytesIO(inner.read())) as archive:
            return {name: _frame(archive, stem) for name, stem in SOURCES.items()}


def _frame(archive: tarfile.TarFile, stem: str) -> pl.DataFrame:
    """Return one source as columns id, review, text, label. Lines are `id TAB mean rating TAB text`."""
    member = archive.extractfile(f"hutto_ICWSM_2014/{stem}_GroundTruth.txt")
    if member is None:
        raise SystemExit(f"no ratings of {stem} in the package")
    lines = [line.rstrip("\r") for line in member.read().decode(errors="replace").split("\n")]
    rows = [line.split("\t", 2) for line in lines if line.strip()]
    return pl.DataFrame(
        {
            "id": [row[0] for row in rows],
            "review": [row[0].split("_")[0] for row in rows],
            "text": [row[2] for row in rows],
            "label": [_label(float(row[1])) for row in rows],
        }
    )


def _label(mean: float) -> str:
    if mean >= CLASS_EDGE:
        return "positive"
    return "negative" if mean <= -CLASS_EDGE else "neutral"


def traffic(holdout: pl.DataFrame) -> list[str]:
    """Return what clients send: snippets of the hold-out, and a share of whole, very long reviews."""
    reviews = holdout.group_by("review", maintain_order=True).agg(pl.col("text"))
    whole = [" ".join(texts) for texts in reviews["text"].to_list()]
    long = [text for text in whole if len(text.split()) >= LONG_WORDS]
    snippets = holdout["text"].to_list()
    draw = random.Random(SPLIT_SEED)
    return [draw.choice(long if draw.random() < LONG_SHARE else snippets) for _ in range(TRAFFIC_LINES)]


def write_holdout(holdout: pl.DataFrame, path: Path) -> str:
    """Write the hold-out as Parquet and return `sha256:` and the digest of its bytes."""
    holdout.write_parquet(path, compression="uncompressed", statistics=False)
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def write_traffic(texts: Sequence[str], path: Path) -> None:
    """Write one JSON object `{"text": …}` a line."""
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))


def training_rows(data: Corpus, sources: Sequence[str]) -> tuple[list[str], np.ndarray]:
    """Return the texts and labels of these sources, in this order."""
    frame = pl.concat([data.train[source] for source in sources])
    return frame["text"].to_list(), frame["label"].to_numpy()


def main() -> None:
    """Fetch, split and write the hold-out and the traffic."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=DATA, help="folder for holdout.parquet and traffic.jsonl")
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    data = corpus(fetch(cache_folder()))
    digest = write_holdout(data.holdout, out / "holdout.parquet")
    write_traffic(traffic(data.holdout), out / "traffic.jsonl")
    print(f"{len(data.holdout)} snippets held out ({digest}), {TRAFFIC_LINES} lines of traffic, in {out}")


if __name__ == "__main__":
    main()
