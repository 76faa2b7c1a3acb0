"""Selectors in PromQL, rendered from typed matchers: a value can never end its own quotes or widen the selection."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sluice.ports import Rejected

_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")
_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*\Z")
_METRIC_LABEL = "__name__"
_REGEX_SPECIAL = re.compile(r"[\\.+*?()|\[\]{}^$]")


@dataclass(frozen=True, slots=True)
class OneOf:
    """The label has one of these values, exactly. An empty value would also match series without the label."""

    label: str
    values: frozenset[str]

    def __post_init__(self) -> None:
        if not _NAME.match(self.label) or self.label == _METRIC_LABEL:
            raise Rejected(f"{self.label!r} is no label name", reason="InvalidSelector")
        if not self.values or "" in self.values:
            raise Rejected(f"an empty value of {self.label} would match too much", reason="InvalidSelector")

    def render(self) -> str:
        """Return the matcher as PromQL."""
        if len(self.values) == 1:
            return f"{self.label}={quote(next(iter(self.values)))}"
        alternatives = "|".join(_REGEX_SPECIAL.sub(r"\\\g<0>", value) for value in sorted(self.values))
        return f"{self.label}=~{quote(alternatives)}"


def raw_samples(metric: str, matchers: Iterable[OneOf], seconds: int) -> str:
    """Return the selector of a metric's raw samples over the last `seconds`."""
    if not _METRIC.match(metric) or seconds <= 0:
        raise Rejected(f"{metric!r} over {seconds} s is no selection", reason="InvalidSelector")
    return f"{metric}{{{','.join(matcher.render() for matcher in matchers)}}}[{seconds}s]"


def quote(text: str) -> str:
    """Return the text as a double-quoted string with Go's escapes."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Rejected("a value is not valid Unicode", reason="InvalidSelector") from error
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(character: str) -> str:
    if character in {"\\", '"'}:
        return "\\" + character
    return character if character.isprintable() else f"\\U{ord(character):08x}"
