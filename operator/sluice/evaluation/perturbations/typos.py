"""Typos: two inner letters change places in one long word of ten, in one at least; people read on.

Source: Rawlinson, "The significance of letter position in word recognition" (1976): the first and the last letter
stay. Short words are left alone, for they hold the negations.
"""

import re
from random import Random

NAME = "Typos"
_LONG_WORD = re.compile(r"[^\W\d_]{5,}")
_WORDS_A_TYPO = 10


def perturb(text: str, chance: Random) -> str:
    """Return the text with typos; one without a word of five letters stays as it is."""
    places = [place for match in _LONG_WORD.finditer(text) if (place := _swap(match, chance)) is not None]
    letters = list(text)
    for place in chance.sample(places, min(len(places), max(1, len(places) // _WORDS_A_TYPO))):
        letters[place : place + 2] = letters[place + 1], letters[place]
    return "".join(letters)


def _swap(word: re.Match[str], chance: Random) -> int | None:
    """Return the place of an inner letter that differs from the next, which is inner too; None if there is none."""
    text = word.string
    inner = [place for place in range(word.start() + 1, word.end() - 2) if text[place] != text[place + 1]]
    return chance.choice(inner) if inner else None
