"""The texts that clients send: real reviews, drawn with a seed, with a settable share of very long ones."""

from __future__ import annotations

import gzip
import json
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LONG_WORDS = 200
"""A text of this many words and more is a very long one."""


@dataclass(frozen=True)
class Texts:
    """Texts by length, each at least one word."""

    short: tuple[str, ...]
    long: tuple[str, ...]

    @classmethod
    def of(cls, texts: list[str]) -> Texts:
        """Return the texts sorted into short and very long ones."""
        long = tuple(text for text in texts if words(text) >= LONG_WORDS)
        return cls(tuple(text for text in texts if words(text) < LONG_WORDS), long)

    def natural_share(self) -> float:
        """Return the share of very long texts as they come."""
        return len(self.long) / (len(self.long) + len(self.short))


def load(path: Path) -> Texts:
    """Read JSON Lines of `{"text": …}`, gzipped if the name ends in .gz."""
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return Texts.of([json.loads(line)["text"] for line in content.decode().splitlines() if line.strip()])


def draws(texts: Texts, seed: int, long_share: Iterator[float]) -> Iterator[str]:
    """Yield texts without end; for each, `long_share` says how likely it is a very long one."""
    draw = random.Random(seed)
    for share in long_share:
        long = draw.random() < share
        yield draw.choice((texts.long if long else texts.short) or texts.short or texts.long)


def words(text: str) -> int:
    """Return the number of words."""
    return len(text.split())
