"""Names: each first name of a short list becomes another one of it, the same one throughout a text."""

import re
from random import Random

NAME = "Names"
# fmt: off
FIRST_NAMES = (
    "Aisha", "Alice", "Amir", "Anna", "Carlos", "Chen", "Clara", "David", "Elena", "Emma", "Fatima", "George",
    "Hannah", "Ivan", "James", "John", "Julia", "Karim", "Laura", "Linda", "Lucas", "Maria", "Mary", "Michael",
    "Mohammed", "Nadia", "Olga", "Omar", "Paul", "Peter", "Priya", "Robert", "Sarah", "Sofia", "Thomas", "Wei",
    "Yuki",
)
# fmt: on
_ANY = re.compile(rf"\b(?:{'|'.join(FIRST_NAMES)})\b")


def perturb(text: str, chance: Random) -> str:
    """Return the text with other names; one without any stays as it is."""
    found = dict.fromkeys(_ANY.findall(text))
    fresh = [name for name in FIRST_NAMES if name not in found]
    others = dict(zip(found, chance.sample(fresh, min(len(found), len(fresh))), strict=False))
    return _ANY.sub(lambda match: others.get(match[0], match[0]), text)
