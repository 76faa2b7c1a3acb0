"""What is known of one request, and its line in a JSON Lines file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

NO_ANSWER = 0
"""The status of a request that got no HTTP answer."""

_OK = range(200, 400)


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """One request: when it was sent (Unix seconds), how long it took, what came back, and who answered.

    `predictor` is the arm the gateway chose ("" if it did not say), `version` the model version that the answer
    names ("" for failures), `words` the length of the text, `error` the client's own error if there was no answer.
    """

    sent: float
    seconds: float
    status: int
    predictor: str = ""
    version: str = ""
    words: int = 0
    error: str = ""

    @property
    def ok(self) -> bool:
        """Whether the client got a prediction."""
        return self.status in _OK

    @property
    def ended(self) -> float:
        """When the answer was there, or the client gave up (Unix seconds)."""
        return self.sent + self.seconds

    def line(self) -> str:
        """Return the record as one line of JSON, without the line's end."""
        return json.dumps(asdict(self))


def parse(lines: Iterable[str]) -> list[Record]:
    """Return the records in lines of JSON."""
    return [Record(**json.loads(line)) for line in lines if line.strip()]
