"""Copies of JSON values: what a server stores is nobody's to change."""

import json
from typing import TypeVar

T = TypeVar("T")


def copied(value: T) -> T:
    """Return a copy of a JSON value, by way of its text: several times faster than `copy.deepcopy`."""
    copy: T = json.loads(json.dumps(value))
    return copy
