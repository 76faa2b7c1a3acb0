"""A page as a browser takes it in: its words, what is left open, and what it would fetch."""

from html.parser import HTMLParser
from typing import Self

from typing_extensions import override

_FETCHING = frozenset({"script", "link", "iframe", "object", "embed", "img"})


class Markup(HTMLParser):
    """Collects words, tags that are open at the end, and what would be fetched."""

    empty = frozenset({"meta", "path", "rect", "circle", "polyline", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []
        self._words: list[str] = []

    @classmethod
    def of(cls, page: str) -> Self:
        """Return a page that was taken in as a whole."""
        markup = cls()
        markup.feed(page)
        return markup

    @property
    def text(self) -> str:
        """The words that are shown, with single spaces between them."""
        return " ".join(" ".join(self._words).split())

    @override
    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self._words.append(data)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [f"{name}={value}" for name, value in attrs if name in {"src", "href", "srcset", "action"}]
        self.fetched += [tag] if tag in _FETCHING else []
        if tag not in self.empty:
            self.open.append(tag)

    @override
    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    @override
    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass
