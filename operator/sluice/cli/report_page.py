"""An evaluation as a page: the verdict, the gates, what moved and by how much, which items are newly wrong."""

from collections.abc import Iterator, Sequence
from html import escape

from sluice.api.verdict import Verdict
from sluice.cli.evaluate_found import Evaluated
from sluice.cli.evaluate_items import Example, Items
from sluice.cli.pages import document, figure, section
from sluice.cli.report_confusion import confusion
from sluice.cli.report_forest import Branch, forest
from sluice.cli.report_numbers import is_share
from sluice.cli.report_rows import Row, Rule
from sluice.core.gates import wording
from sluice.core.timeline import printable

KINDS = {Verdict.PASS: "good", Verdict.FAIL: "bad", Verdict.ERROR: "bad"}
_STYLE = """
h1{font-size:1.1rem}.verdict{border-left:.35rem solid var(--held);padding:.1rem 0 .1rem .8rem;margin:.2rem 0 1rem}
.verdict.good{border-color:var(--good)}.verdict.bad{border-color:var(--bad)}
.badge{display:inline-block;border-radius:1rem;padding:0 .6rem;color:#fff;background:var(--held);font-size:.82rem;
font-weight:600;white-space:nowrap}.badge.good{background:var(--good)}.badge.bad{background:var(--bad)}
.badge.none{background:var(--none)}
.line.held{stroke:var(--held)}.line.none{stroke:var(--none)}.dot{opacity:1}
svg text{fill:var(--ink)}.wide{overflow-x:auto}code{font-size:.82rem;overflow-wrap:anywhere}
td{overflow-wrap:anywhere}.given td:first-child{white-space:nowrap}
.items{list-style:none;padding:0;margin:.5rem 0}.items li{padding:.45rem 0;border-bottom:1px solid var(--rule)}
.items small{color:var(--soft)}.items b.bad{color:var(--bad)}
.gates .name td{font-weight:600;border:0;padding-top:.7rem}.gates .row td{border:0}
.gates .says td{color:var(--soft);padding-bottom:.7rem}
.gates td[data-is=bounds],.gates td[data-is=n]{white-space:nowrap}
.cells td,.cells th{text-align:center;padding:.35rem .4rem;border:1px solid var(--rule)}.cells th{font-weight:500;
color:var(--soft)}.cells b{display:block}.cells small{color:var(--soft)}
.cells .worse{background:color-mix(in srgb,var(--bad) var(--part),transparent)}
.cells .better{background:color-mix(in srgb,var(--good) var(--part),transparent)}
@media(max-width:34rem){.gates thead{display:none}.gates .row td{display:block;padding:.05rem 0}
.gates .row td[data-is]::before{content:attr(data-is) " ";color:var(--soft)}}
"""


def page(found: Evaluated) -> str:
    """Return the page as HTML."""
    return document(f"{found.judgement.verdict}: {found.plan}", _sections(found), _STYLE)


def _sections(found: Evaluated) -> Iterator[str]:
    yield _verdict(found)
    yield section("Gates", _gates(found))
    yield _forests(found, change=True)
    yield _forests(found, change=False)
    for items in found.items:
        if items.confusion is not None:
            yield section(f"Who is taken for what: {items.dataset}", confusion(items.confusion))
        yield _worse(items, compared="champion" in found.models)
    if found.result.warnings:
        yield section("Warnings", "".join(f"<p>{_text(warning)}</p>" for warning in found.result.warnings))
    yield section("What was evaluated", _inputs(found))
    yield section("How", _software(found))


def _text(words: str) -> str:
    return escape(printable(words))


def _badge(words: str, kind: str) -> str:
    return f'<span class="badge {kind}">{escape(words)}</span>'


def _verdict(found: Evaluated) -> str:
    judged = found.judgement
    models = " against ".join(f"<code>{_text(model.asked)}</code>" for model in found.models.values())
    kind = KINDS.get(judged.verdict, "held")
    said = f"<p>{_badge(judged.verdict, kind)}</p><h1>{_tied(judged.message)}</h1>"
    return f'<div class="verdict {kind}">{said}<p class="soft">{models}, by the plan {_text(found.plan)}</p></div>'


def _gates(found: Evaluated) -> str:
    heads = ("champion → candidate", "bounds", "limit", "n")
    body = "".join(_gate(row) for row in found.rows)
    levels = ", ".join(dict.fromkeys(wording.level(row.gate) for row in found.rows))
    note = f"Bounds are one-sided, each at {levels}. n: the items that count for the metric."
    head = "".join(f"<th>{name}</th>" for name in heads)
    table = f'<table class="gates"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return f'{table}<p class="soft">{escape(note)}</p>'


def _gate(row: Row) -> str:
    bounds = "<br>".join(_tied(rule.bounds) for rule in row.rules)
    wanted = "<br>".join(_tied(rule.wanted) for rule in row.rules)
    cells = (
        f'<td data-is="champion → candidate">{_tied(row.values)}</td><td data-is="bounds">{bounds}</td>'
        f'<td data-is="limit">{wanted}</td><td data-is="n">{row.count}</td>'
    )
    name = f'<tr class="name"><td colspan="4">{escape(row.gate.name)} {_badge(row.outcome, row.kind)}</td></tr>'
    says = f'<tr class="says"><td colspan="4">{_tied(row.status.message)}</td></tr>'
    return f'{name}<tr class="row">{cells}</tr>{says}'


def _tied(words: str) -> str:
    """Keep numbers and their units on one line."""
    return escape(printable(words)).replace(" %", "&nbsp;%").replace(" points", "&nbsp;points").replace(" …", "&nbsp;…")


def _forests(found: Evaluated, *, change: bool) -> str:
    """Return the plots of the rules about change, or of those about the candidate alone: shares share a scale."""
    rules = [(row, rule) for row in found.rows for rule in row.rules if rule.change is change]
    groups = [[(row, rule) for row, rule in rules if is_share(row.gate)]]
    groups += [[(row, rule)] for row, rule in rules if not is_share(row.gate)]
    pictures = "".join(_forest(group, change=change) for group in groups if group)
    title = "Change against the champion" if change else "The candidate against fixed limits"
    return section(title, pictures) if pictures else ""


def _forest(group: Sequence[tuple[Row, Rule]], *, change: bool) -> str:
    share = is_share(group[0][0].gate)
    scale, unit = (100.0, "" if change else " %") if share else (1.0, "")
    axis = ("candidate minus champion" + (", in points" if share else "")) if change else "candidate"
    branches = [_branch(row, rule, scale) for row, rule in group]
    caption = "Dot: estimate. Bar: from the lower to the upper bound. Dashed: the limit."
    return figure(forest(branches, axis, unit, zero=change), caption)


def _branch(row: Row, rule: Rule, scale: float) -> Branch:
    about = rule.about
    return Branch(
        name=f"{row.gate.name}: {rule.wanted}",
        lower=scale * about.lower,
        estimate=scale * about.estimate,
        upper=scale * about.upper,
        limit=scale * rule.limit,
        kind=row.kind_of(rule),
    )


def _worse(items: Items, *, compared: bool) -> str:
    title, counted, first = _words(items, compared=compared)
    if not items.examples:
        return section(f"{title}: {items.dataset}", f"<p>{counted}</p>")
    shown = f" Shown are {len(items.examples)}, {first} first; items are counted from 0."
    listed = "".join(_example(one) for one in items.examples)
    return section(f"{title}: {items.dataset}", f'<p>{counted}{shown}</p><ul class="items">{listed}</ul>')


def _words(items: Items, *, compared: bool) -> tuple[str, str, str]:
    """Return the title, how many there are, and which come first."""
    worse, better = f"{items.worse:,} items", f"{items.better:,}"
    match items.confusion is not None, compared:
        case True, True:
            counted = f"{worse} are newly wrong, {better} newly right."
            return "Items newly wrong", counted, "those that a failed gate is about"
        case True, False:
            return "Items that are wrong", f"{worse} are wrong.", "those that a failed gate is about"
        case False, True:
            counted = f"{worse} have a greater error than with the champion, {better} a smaller one."
            return "Items whose error grew", counted, "those whose error grew most"
        case _:
            return "Items with an error", f"{worse} have an error.", "those with the greatest"


def _example(one: Example) -> str:
    champion = f"the champion says {_text(one.champion)}, " if one.champion else ""
    said = f'the candidate says <b class="bad">{_text(one.candidate)}</b>'
    head = f"<small>item {one.item} is <b>{_text(one.label)}</b>: {champion}{said}</small>"
    return f"<li>{head}{'<br>' if one.text else ''}{_text(one.text)}</li>"


def _inputs(found: Evaluated) -> str:
    rows = [
        f"<tr><td>{arm}</td><td>{_text(model.asked)}<br><code>{model.digest}</code></td></tr>"
        for arm, model in found.models.items()
    ]
    rows += [
        f"<tr><td>data {escape(one.name)}</td><td>{one.rows:,} items<br><code>{one.digest}</code></td></tr>"
        for one in found.result.datasets
    ]
    rows.append(f"<tr><td>decision</td><td><code>{found.judgement.decision_digest}</code></td></tr>")
    rows.append(f"<tr><td>MLflow run</td><td><code>{_text(found.run_id)}</code> {_text(found.tracking_uri)}</td></tr>")
    return f'<table class="given"><tbody>{"".join(rows)}</tbody></table>'


def _software(found: Evaluated) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in found.result.software.items())
    spent = ", ".join(f"{part} {seconds:.1f} s" for part, seconds in found.result.timings.items())
    return f'<p class="soft">{_text(versions)}</p><p class="soft">{_text(spent)}</p>'
