"""Items of a data set that are in the training data: how alike each is to the most similar item of a digest list.

An item is compared with those that share a band of its signature. Memory is bounded by a block of items and a batch of
the list, whatever their sizes: the list is read once a block.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from pyarrow import ArrowException

from sluice.adapters import digest_list
from sluice.adapters.digest_list import DigestList, Fingerprints, texts_of, unfit
from sluice.adapters.pinned import mismatch
from sluice.adapters.reading import LARGE_ROWS, opened
from sluice.api.evaluation_spec import MeasurementWanted, TrainingInput
from sluice.api.offline_metric import FACTS, OfflineMetric
from sluice.core.fingerprints import BANDS, Words, bands, likeness
from sluice.evaluation.dataset import LoadedDataset
from sluice.evaluation.failure import EvaluationFailure, first_line
from sluice.evaluation.intervals.interval import Floats, Integers
from sluice.ports import Rejected

SAME = 1.0
_NEAREST = 0.999
"""What a near-duplicate has at most: only the same text has 1."""
_BLOCK = 131_072
_FANOUT = 16
"""So many items of a batch with one band are compared: in a crowd of copies any of them tells."""
_PAIRS = 65_536

Fetch = Callable[[TrainingInput, str, str], Path]
"""From a list, the name of its data set and the field that says where it lies to its file."""


def with_training(
    measurements: Sequence[MeasurementWanted], loaded: Mapping[str, LoadedDataset], fetch: Fetch
) -> dict[str, LoadedDataset]:
    """Return the data sets, compared with training data where a gate asks for it. Raises EvaluationFailure."""
    asked = {wanted.dataset for wanted in measurements if FACTS[OfflineMetric(wanted.metric)].of_data}
    return {name: _compared(data, fetch) if name in asked else data for name, data in loaded.items()}


def _compared(data: LoadedDataset, fetch: Fetch) -> LoadedDataset:
    name, training = data.source.name, data.source.training
    field = f"spec.evaluation.datasets[{name}].training"
    if training is None:
        what = f"data set {name} has no digest list of training data: write one with `sluice digests`"
        raise EvaluationFailure("TrainingMissing", what, field=field)
    known = load(training, fetch(training, name, f"{field}.uri"), field)
    with opened(data.path, data.layout) as file:
        lacking = unfit(file.schema, known.columns)
    if lacking:
        what = f"data set {name} {lacking}; its digest list is made of {', '.join(known.columns)[:300]}"
        raise EvaluationFailure("ColumnMissing", f"{what}: write the list with --columns that both have", field=field)
    try:
        return replace(data, seen=likenesses(data, known))
    except (ArrowException, OSError) as error:
        what = f"digest list {training.uri[-80:]} cannot be read ({first_line(error)}): write it anew"
        raise EvaluationFailure("TrainingInvalid", what, field=field) from error


def load(training: TrainingInput, path: Path, field: str) -> DigestList:
    """Return a list whose digest and form are right. Raises EvaluationFailure."""
    shown = f"digest list {training.uri[-80:]}"
    if other := mismatch(path, training.digest):
        raise EvaluationFailure("TrainingDigestMismatch", f"{shown} {other}", field=field)
    try:
        return digest_list.read(path)
    except Rejected as error:
        raise EvaluationFailure("TrainingInvalid", f"{shown} {error}", field=field) from error


def likenesses(data: LoadedDataset, known: DigestList) -> Floats:
    """Return how alike the most similar item of the list is to each item: 1 for the same text, NaN without a text."""
    found = [_block(texts, known) for texts in _blocks(data, known.columns)]
    return np.concatenate(found)


def _blocks(data: LoadedDataset, columns: Sequence[str]) -> Iterator[list[str]]:
    block: list[str] = []
    for batch in data.read(lambda name: name in columns, LARGE_ROWS):
        block += texts_of(batch, columns)
        if len(block) >= _BLOCK:
            yield block
            block = []
    if block:
        yield block


def _block(texts: Sequence[str], known: DigestList) -> Floats:
    places: dict[str, int] = {}
    for text in texts:
        if text:
            places.setdefault(text, len(places))
    index = _Index.of(Fingerprints.of(list(places)))
    nearest = np.zeros(len(places))
    for batch in known.batches() if places else ():
        index.compare(batch, nearest)
    return np.array([nearest[places[text]] if text else np.nan for text in texts], dtype=np.float64)


@dataclass(frozen=True)
class _Keys:
    """Words in rising order, and the place of each."""

    words: Words
    places: Integers

    @classmethod
    def of(cls, words: Words) -> "_Keys":
        order = np.argsort(words, kind="stable")
        return cls(words[order], order)

    def pairs(self, others: "_Keys") -> Iterator[tuple[Integers, Integers]]:
        """Yield places of these and of others that have the same word; of others with one word the first few."""
        first = np.searchsorted(others.words, others.words)
        few = np.arange(len(others.words)) - first < _FANOUT
        words, places = others.words[few], others.places[few]
        start, end = (np.searchsorted(self.words, words, side=side) for side in ("left", "right"))
        hit = np.flatnonzero(end > start)
        counts = (end - start)[hit]
        for part in np.array_split(hit, counts.sum() // _PAIRS + 1) if len(hit) else ():
            many = end[part] - start[part]
            within = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
            yield self.places[np.repeat(start[part], many) + within], np.repeat(places[part], many)


@dataclass(frozen=True)
class _Index:
    """Items, to be looked up by digest and by each band of their signatures."""

    items: Fingerprints
    by_digest: _Keys
    by_band: Sequence[_Keys]

    @classmethod
    def of(cls, items: Fingerprints) -> "_Index":
        keys = bands(items.signatures)
        return cls(items, _Keys.of(items.digests[:, 0]), [_Keys.of(keys[:, band]) for band in range(BANDS)])

    def compare(self, others: Fingerprints, nearest: Floats) -> None:
        """Raise how alike the most similar item is, by what is in a batch of others."""
        keys = bands(others.signatures)
        for band in range(BANDS):
            for mine, theirs in self.by_band[band].pairs(_Keys.of(keys[:, band])):
                alike = likeness(self.items.signatures[mine], others.signatures[theirs])
                np.maximum.at(nearest, mine, np.minimum(alike, _NEAREST))
        for mine, theirs in self.by_digest.pairs(_Keys.of(others.digests[:, 0])):
            same = (self.items.digests[mine] == others.digests[theirs]).all(axis=1)
            nearest[mine[same]] = SAME
