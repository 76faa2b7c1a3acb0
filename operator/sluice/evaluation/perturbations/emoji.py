"""Emoji: a sign that says nothing good or bad follows the text."""

from random import Random

NAME = "Emoji"
SIGNS = ("\N{PACKAGE}", "\N{PAPERCLIP}", "\N{ROUND PUSHPIN}", "\N{CALENDAR}", "\N{MOBILE PHONE}")


def perturb(text: str, chance: Random) -> str:
    """Return the text with a sign behind it."""
    return f"{text} {chance.choice(SIGNS)}"
