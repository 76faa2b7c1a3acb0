"""The parts of a page that show the evidence, whatever was said of it: items, warnings, what was read, with what."""

from collections.abc import Iterable, Iterator
from html import escape

from sluice.report.challenges import challenge
from sluice.report.confusion import confusion
from sluice.report.contamination import Contamination, Seen
from sluice.report.differences import differences
from sluice.report.evaluated import Measured
from sluice.report.items import Example, Items
from sluice.report.pages import plain, section
from sluice.report.reliability import reliability

STYLE = """
h1{font-size:1.1rem}.verdict{border-left:.35rem solid var(--held);padding:.1rem 0 .1rem .8rem;margin:.2rem 0 1rem}
.verdict.good{border-color:var(--good)}.verdict.bad{border-color:var(--bad)}
.badge{display:inline-block;border-radius:1rem;padding:0 .6rem;color:var(--paper);background:var(--held);
font-size:.82rem;font-weight:600;white-space:nowrap}.badge.good{background:var(--good)}.badge.bad{background:var(--bad)}
.badge.none{background:var(--none)}
.line.ideal{stroke:var(--rule);stroke-width:1.4}.key.plain{background:var(--line)}.key.none{background:var(--none)}
.line.held{stroke:var(--held)}.line.none{stroke:var(--none)}.dot{opacity:1}
svg text{fill:var(--ink)}.wide{overflow-x:auto}code{font-size:.82rem;overflow-wrap:anywhere}
.band{fill:var(--line);opacity:.35}.losing td:last-child{white-space:nowrap}
td{overflow-wrap:anywhere}.given td:first-child{white-space:nowrap}
.items{list-style:none;padding:0;margin:.5rem 0}.items li{padding:.45rem 0;border-bottom:1px solid var(--rule)}
.items small{color:var(--soft)}.items b.bad{color:var(--bad)}
.gates .name td{font-weight:600;border:0;padding-top:.7rem}.gates .row td{border:0}
.gates .says td{color:var(--soft);padding-bottom:.7rem}
.gates td[data-is=bounds],.gates td[data-is=n]{white-space:nowrap}
.cells td,.cells th{text-align:center;padding:.35rem .4rem;border:1px solid var(--rule)}.cells th{font-weight:500;
color:var(--soft)}.cells b{display:block}.cells small{color:var(--soft)}.cells td small{color:inherit}
.cells .worse{background:color-mix(in srgb,var(--bad) var(--part),transparent)}
.cells .better{background:color-mix(in srgb,var(--good) var(--part),transparent)}
@media(max-width:34rem){.gates thead{display:none}.gates .row td{display:block;padding:.05rem 0}
.gates .row td[data-is]::before{content:attr(data-is) " ";color:var(--soft)}}
"""


def evidence(found: Measured, *, first: str) -> Iterator[str]:
    """Yield what cases, queries and items tell, and the warnings; `first` says which items stand first."""
    for asked in found.result.challenge_sets:
        yield challenge(asked, found.cases.get(asked.name, {}))
    for queries in found.queries:
        measured = found.result.measurement(queries.gate)
        yield "" if measured is None else differences(queries, measured)
    for one in found.contamination:
        yield _contaminated(one)
    for items in found.items:
        if items.confusion is not None:
            yield section(f"Who is taken for what: {items.dataset}", confusion(items.confusion))
        curve = reliability(items.reliability)
        if curve:
            yield section(f"Can its confidence be believed: {items.dataset}", curve)
        yield _worse(items, first, compared="champion" in found.models)
    if found.result.warnings:
        yield section("Warnings", "".join(f"<p>{plain(warning)}</p>" for warning in found.result.warnings))


def inputs(found: Measured, more: Iterable[tuple[str, str]] = ()) -> str:
    """Return what was evaluated as a table; `more` are rows of a name and of HTML."""
    rows = [(arm, f"{plain(model.asked)}<br><code>{model.digest}</code>") for arm, model in found.models.items()]
    rows += [(f"data {one.name}", f"{one.rows:,} items<br><code>{one.digest}</code>") for one in found.result.datasets]
    body = "".join(f"<tr><td>{escape(name)}</td><td>{said}</td></tr>" for name, said in (*rows, *more))
    return f'<table class="given"><tbody>{body}</tbody></table>'


def software(found: Measured) -> str:
    """Return with what it was evaluated, and how long that took."""
    versions = ", ".join(f"{name} {version}" for name, version in found.result.software.items())
    spent = ", ".join(f"{part} {seconds:.1f} s" for part, seconds in found.result.timings.items())
    return f'<p class="soft">{plain(versions)}</p><p class="soft">{plain(spent)}</p>'


def _worse(items: Items, told: str, *, compared: bool) -> str:
    title, counted, first = _words(items, told, compared=compared)
    if not items.examples:
        return section(f"{title}: {items.dataset}", f"<p>{counted}</p>")
    shown = f" Shown are {len(items.examples)}, {first} first; items are counted from 0."
    listed = "".join(_example(one) for one in items.examples)
    return section(f"{title}: {items.dataset}", f'<p>{counted}{shown}</p><ul class="items">{listed}</ul>')


def _words(items: Items, told: str, *, compared: bool) -> tuple[str, str, str]:
    """Return the title, how many there are, and which come first."""
    worse, better = f"{items.worse:,} items", f"{items.better:,}"
    match items.confusion is not None, compared:
        case True, True:
            counted = f"{worse} are newly wrong, {better} newly right."
            return "Items newly wrong", counted, told
        case True, False:
            return "Items that are wrong", f"{worse} are wrong.", told
        case False, True:
            counted = f"{worse} have a greater error than with the champion, {better} a smaller one."
            return "Items whose error grew", counted, "those whose error grew most"
        case _:
            return "Items with an error", f"{worse} have an error.", "those with the greatest"


def _contaminated(found: Contamination) -> str:
    """Return which items are in the training data."""
    title, there = f"Items in the training data: {found.dataset}", found.same + found.near
    if not there:
        return section(title, f"<p>None of {found.items:,}.</p>")
    near = f"{found.near:,} nearly (similarity from {found.similarity:g})"
    counted = f"{there:,} of {found.items:,}: {found.same:,} word for word, {near}."
    listed = "".join(map(_seen, found.examples))
    shown = f" Shown are {len(found.examples)}, the most alike first; items are counted from 0."
    return section(title, f'<p>{counted}{shown}</p><ul class="items">{listed}</ul>')


def _seen(one: Seen) -> str:
    alike = "word for word" if one.likeness == 1 else f"similarity {one.likeness:.2f}"
    return f"<li><small>item {one.item}: {alike}</small>{'<br>' if one.text else ''}{plain(one.text)}</li>"


def _example(one: Example) -> str:
    champion = f"the champion says {plain(one.champion)}, " if one.champion else ""
    said = f'the candidate says <b class="bad">{plain(one.candidate)}</b>'
    head = f"<small>item {one.item} is <b>{plain(one.label)}</b>: {champion}{said}</small>"
    return f"<li>{head}{'<br>' if one.text else ''}{plain(one.text)}</li>"
