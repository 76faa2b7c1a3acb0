"""Fingerprints of items: a digest that finds the same text again, and a MinHash signature that finds almost the same.

Sources: Broder, "On the Resemblance and Containment of Documents" (1997), for MinHash over shingles; Li and König,
"b-Bit Minwise Hashing" (WWW 2010), for 16 bits of each minimum; Leskovec, Rajaraman and Ullman, "Mining of Massive
Datasets" (chapter 3), for bands; Lee et al., "Deduplicating Training Data Makes Language Models Better" (ACL 2022).
"""

import hashlib
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

Words: TypeAlias = npt.NDArray[np.uint64]
Signatures: TypeAlias = npt.NDArray[np.uint16]
"""A row of `HASHES` numbers an item."""

HASHES: Final = 128
"""Estimates a similarity of 0.8 with a standard error of 0.035."""
BANDS: Final = 32
"""Two items with no band of four numbers in common are not compared: 0.6 alike, 1 in 85 pairs; 0.8, 1 in 10 million."""
SHINGLE: Final = 5
"""Characters of a shingle: works in any language, and for texts of a few words."""
BETWEEN: Final = "\x1f"
"""Stands between the columns of an item: no normalised text has it."""
_PADDING = "\0"
_CHARACTERS = 1 << 16
"""Texts are hashed so many characters at a time."""


def normalised(values: Sequence[str | None]) -> str:
    """Return the text of an item from its columns, without case, forms of characters and widths of blanks.

    It is empty where no column says anything.
    """
    text = BETWEEN.join(" ".join(_folded(value or "").split()) for value in values)
    return text if text.strip(BETWEEN) else ""


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def digest(text: str) -> bytes:
    """Return the SHA-256 of a normalised text."""
    return hashlib.sha256(text.encode()).digest()


def signatures(texts: Sequence[str]) -> Signatures:
    """Return the MinHash signatures of normalised texts, a row each."""
    found = [_signed(part) for part in _parts(texts)]
    return np.concatenate(found) if found else np.empty((0, HASHES), dtype=np.uint16)


def bands(signed: Signatures) -> Words:
    """Return four numbers of a signature in one: (items, `BANDS`)."""
    return np.ascontiguousarray(signed).view(np.uint64)


def likeness(one: Signatures, other: Signatures) -> npt.NDArray[np.float64]:
    """Return the estimated Jaccard similarity of the shingles of each pair of rows, from 0 to 1."""
    return np.asarray((one == other).mean(axis=1), dtype=np.float64)


def _parts(texts: Sequence[str]) -> Iterator[list[str]]:
    part: list[str] = []
    size = 0
    for text in texts:
        if part and size + len(text) > _CHARACTERS:
            yield part
            part, size = [], 0
        part.append(text.ljust(SHINGLE, _PADDING))
        size += len(part[-1])
    if part:
        yield part


def _signed(texts: Sequence[str]) -> Signatures:
    counts = np.array([len(text) - SHINGLE + 1 for text in texts])
    ends = np.cumsum(counts)
    places = np.arange(ends[-1]) + np.repeat(np.arange(len(texts)) * (SHINGLE - 1), counts)
    letters = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint64)
    shingles = letters[places]
    for step in range(1, SHINGLE):
        shingles = _mixed(shingles) + letters[places + step]
    hashed, starts = (_mixed(shingles) >> _HALF).astype(np.uint32), ends - counts
    room = np.empty_like(hashed)
    least = np.empty((HASHES, len(texts)), dtype=np.uint32)
    for number, (factor, offset) in enumerate(_HASH):
        np.multiply(hashed, factor, out=room)
        np.add(room, offset, out=room)
        np.minimum.reduceat(room, starts, out=least[number])
    return (_mixed(least.T.astype(np.uint64)) >> _REST).astype(np.uint16)


def _mixed(words: Any) -> Words:  # noqa: ANN401 -- an array of words
    """Return the words with their bits mixed. Source: Steele et al., "Fast Splittable PRNGs" (2014), SplitMix64."""
    words = (words + np.uint64(0x9E3779B97F4A7C15)) & _ALL
    words = ((words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)) & _ALL
    words = ((words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)) & _ALL
    return np.asarray(words ^ (words >> np.uint64(31)), dtype=np.uint64)


_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_HALF, _REST = np.uint64(32), np.uint64(48)
_DRAWN = (_mixed(np.arange(2 * HASHES, dtype=np.uint64)) >> _HALF).astype(np.uint32)
_HASH = tuple(zip(_DRAWN[:HASHES] | np.uint32(1), _DRAWN[HASHES:], strict=True))
"""Factor (odd) and offset of each hash function, the same on every machine and in every version of numpy."""
