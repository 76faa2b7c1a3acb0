"""A tiny parser of range selectors, written from PromQL's grammar and from nothing else: what does a text select?"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)
      | (?P<text>"(?:[^"\\\n]|\\[abfnrtv\\"]|\\U[0-9a-f]{8})*")
      | (?P<window>\[\d+s\])
      | (?P<sign>=~|!=|!~|[={},])
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Selected:
    """What a range selector selects: a metric, and for each label the matchers that must all hold."""

    metric: str
    matchers: tuple[tuple[str, str, str], ...]
    seconds: int

    def selects(self, labels: Mapping[str, str]) -> bool:
        """Return whether a series with these labels is selected."""
        return labels.get("__name__") == self.metric and all(
            _holds(operator, value, labels.get(name, "")) for name, operator, value in self.matchers
        )


def parse(text: str) -> Selected:
    """Return the one selector that a text is; ValueError when it is anything else."""
    tokens = list(_tokens(text))
    kinds = "".join({"name": "n", "text": "t", "window": "w"}.get(kind, value[0]) for kind, value in tokens)
    if not re.fullmatch(r"n\{(?:n=t,)*n=t\}w", kinds):
        raise ValueError(f"no plain selector: {kinds}")
    names, operators, texts = (
        [value for kind, value in tokens[1:] if kind == wanted] for wanted in ("name", "sign", "text")
    )
    signs = [sign for sign in operators if sign not in {"{", "}", ","}]
    matchers = tuple(zip(names, signs, map(_unquoted, texts), strict=True))
    return Selected(tokens[0][1], matchers, int(tokens[-1][1][1:-2]))


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None or found.lastgroup is None:
            raise ValueError(f"no token at {place}: {text[place : place + 20]!r}")
        yield found.lastgroup, found[found.lastgroup]
        place = found.end()


def _unquoted(text: str) -> str:
    long = re.sub(r"(?<!\\)((?:\\\\)*)\\U([0-9a-f]{8})", lambda m: m[1] + json.dumps(chr(int(m[2], 16)))[1:-1], text)
    return str(json.loads(long))


def _holds(operator: str, wanted: str, value: str) -> bool:
    if operator == "=":
        return value == wanted
    if operator == "=~":
        return re.fullmatch(wanted, value, re.DOTALL) is not None
    raise ValueError(f"a selector never needs {operator}")
