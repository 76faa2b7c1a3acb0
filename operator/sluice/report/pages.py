"""Pages to be read on a phone, mailed, or kept: one file each, with style and pictures in it, nothing to fetch."""

from collections.abc import Iterable
from html import escape

from sluice.core.timeline import printable

STYLE = """
:root{color-scheme:light dark;--paper:#fff;--ink:#1c2733;--soft:#5b6875;--rule:#dfe4ea;--good:#1b7f5c;--bad:#c2352b;
--held:#96620f;--none:#66727f;--line:#2b6cb0}
@media(prefers-color-scheme:dark){:root{--paper:#12171d;--ink:#e6ebf0;--soft:#9aa7b4;--rule:#2b343e;--good:#3fb68b;
--bad:#f0776c;--held:#e0a94a;--none:#8a96a3;--line:#6aa5e8}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1.2rem 1rem 3rem;max-width:44rem;background:var(--paper);color:var(--ink);
font:16px/1.5 system-ui,sans-serif;overflow-wrap:break-word}
h1{font-size:1.35rem;line-height:1.3;margin:.2rem 0 .6rem}h2{font-size:1.05rem;margin:2rem 0 .3rem}
p{margin:.3rem 0}.soft,figcaption{color:var(--soft);font-size:.9rem}figure{margin:.4rem 0 0}
svg{display:block;width:100%;height:auto}figure svg{max-width:34rem}
svg text{font:11px system-ui,sans-serif;fill:var(--soft)}
svg text.on{fill:var(--paper);font-weight:600}
.grid{stroke:var(--rule);fill:none}.line{fill:none;stroke-width:2;stroke-linejoin:round}
.line.good{stroke:var(--good)}.line.bad{stroke:var(--bad)}.line.plain{stroke:var(--line);stroke-width:1.4}
.fill.good,.dot.good{fill:var(--good)}.fill.bad,.dot.bad{fill:var(--bad)}.fill.held,.dot.held{fill:var(--held)}
.fill.none,.dot.none{fill:var(--none)}.dot.plain{fill:var(--line)}.dot{opacity:.75}
.mark{stroke:var(--ink);stroke-width:2}.limit{stroke:var(--bad);stroke-width:1.5;stroke-dasharray:3 2}
table{border-collapse:collapse;width:100%;font-size:.92rem}td,th{text-align:left;padding:.3rem .5rem .3rem 0;
border-bottom:1px solid var(--rule);vertical-align:top}td.n,th.n{text-align:right}
.key{display:inline-block;width:.7em;height:.7em;border-radius:2px;margin-right:.4em}
.key.good{background:var(--good)}.key.bad{background:var(--bad)}.key.held{background:var(--held)}
"""


def document(title: str, sections: Iterable[str], style: str = "") -> str:
    """Return a page; `style` adds to the style that all pages share."""
    head = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}{style}</style></head>"
    )
    return f"{head}<body>{''.join(sections)}</body></html>\n"


def section(title: str, body: str) -> str:
    """Return a part of a page under a heading."""
    return f"<section><h2>{escape(title)}</h2>{body}</section>"


def plain(words: str) -> str:
    """Return words as HTML that shows just them."""
    return escape(printable(words))


def tied(words: str) -> str:
    """Return words as HTML that keeps numbers and their units on one line."""
    return plain(words).replace(" %", "&nbsp;%").replace(" points", "&nbsp;points").replace(" …", "&nbsp;…")


def figure(picture: str, caption: str) -> str:
    """Return a picture with a line below it."""
    return f"<figure>{picture}<figcaption>{escape(caption)}</figcaption></figure>"
