"""What a share metric returns: for each item that counts, whether the thing happened."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Share:
    """One entry an item that counts, in the order of the data set."""

    happened: Sequence[bool]
