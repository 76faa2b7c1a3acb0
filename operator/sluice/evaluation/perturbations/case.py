"""Case: all letters become capitals, or all become small, whichever the text is not yet."""

from random import Random

NAME = "Case"


def perturb(text: str, chance: Random) -> str:
    """Return the text in another case; one without letters that have two stays as it is."""
    others = [other for other in (text.upper(), text.lower()) if other != text]
    return chance.choice(others) if others else text
