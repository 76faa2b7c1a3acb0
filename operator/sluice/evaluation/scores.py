"""What one model said of each item of a data set."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Scores:
    """What a model said of each item, in order."""

    predicted: tuple[str | None, ...]
    examples: tuple[str, ...]
    """The first few errors, with the number of the item."""

    @property
    def failures(self) -> int:
        """Number of items on which the model raised an error."""
        return sum(guess is None for guess in self.predicted)
