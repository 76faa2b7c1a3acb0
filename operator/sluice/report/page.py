"""An evaluation as a page: the verdict, the gates, what moved and by how much, which items are newly wrong."""

from collections.abc import Iterator, Sequence
from html import escape

from sluice.api.suite import Suite
from sluice.api.verdict import Verdict
from sluice.core.gates import wording
from sluice.report.evaluated import Evaluated
from sluice.report.evidence import STYLE, evidence, inputs, software
from sluice.report.forest import branch, forest
from sluice.report.pages import document, figure, plain, section, tied
from sluice.report.parts import cases, slices
from sluice.report.rows import Row, Rule

KINDS = {Verdict.PASS: "good", Verdict.FAIL: "bad", Verdict.ERROR: "bad"}


def page(found: Evaluated) -> str:
    """Return the page as HTML."""
    return document(f"{found.judgement.verdict}: {found.plan}", _sections(found), STYLE)


def _sections(found: Evaluated) -> Iterator[str]:
    yield _verdict(found)
    yield section("Gates", _gates(found))
    yield _forests(found, change=True)
    yield _forests(found, change=False)
    for row in found.rows:
        yield slices(row)
        yield cases(row)
    yield from evidence(found, first="those that a failed gate is about")
    yield section("What was evaluated", inputs(found, _record(found)))
    yield section("How", software(found))


def _badge(words: str, kind: str) -> str:
    return f'<span class="badge {kind}">{escape(words)}</span>'


def _verdict(found: Evaluated) -> str:
    judged = found.judgement
    models = " against ".join(f"<code>{plain(model.asked)}</code>" for model in found.models.values())
    kind = KINDS.get(judged.verdict, "held")
    said = f"<p>{_badge(judged.verdict, kind)}</p><h1>{tied(judged.message)}</h1>"
    return f'<div class="verdict {kind}">{said}<p class="soft">{models}, by the plan {plain(found.plan)}</p></div>'


def _gates(found: Evaluated) -> str:
    heads = ("champion → candidate", "bounds", "limit", "n")
    body = "".join(_gate(row) for row in found.rows)
    levels = ", ".join(dict.fromkeys(wording.level(gate) for gate in found.evaluation.gates))
    note = f"Bounds are one-sided, each at {levels}. n: the items that count for the metric."
    head = "".join(f"<th>{name}</th>" for name in heads)
    table = f'<table class="gates"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return f'{table}<p class="soft">{escape(note)}</p>'


def _cell(name: str, body: str) -> str:
    return f'<td data-is="{name}">{body}</td>' if body else "<td></td>"


def _gate(row: Row) -> str:
    bounds = "<br>".join(tied(rule.bounds) for rule in row.rules)
    wanted = "<br>".join(tied(rule.wanted) for rule in row.rules)
    seen = "cases" if isinstance(row.check, Suite) else "champion → candidate"
    parts = {seen: tied(row.values), "bounds": bounds, "limit": wanted, "n": row.count}
    cells = "".join(_cell(name, body) for name, body in parts.items())
    name = f'<tr class="name"><td colspan="4">{escape(row.name)} {_badge(row.outcome, row.kind)}</td></tr>'
    says = f'<tr class="says"><td colspan="4">{tied(row.status.message)}</td></tr>'
    return f'{name}<tr class="row">{cells}</tr>{says}'


def _forests(found: Evaluated, *, change: bool) -> str:
    """Return the plots of the rules about change, or of those about the candidate alone: shares share a scale."""
    rules = [(row, rule) for row in found.rows for rule in row.rules if rule.change is change]
    groups = [[(row, rule) for row, rule in rules if row.is_share]]
    groups += [[(row, rule)] for row, rule in rules if not row.is_share]
    pictures = "".join(_forest(group, change=change) for group in groups if group)
    title = "Change against the champion" if change else "The candidate against fixed limits"
    return section(title, pictures) if pictures else ""


def _forest(group: Sequence[tuple[Row, Rule]], *, change: bool) -> str:
    first, _ = group[0]
    scale, unit = first.scale(change=change)
    axis = ("candidate minus champion" + (", in points" if first.is_share else "")) if change else "candidate"
    branches = [branch(f"{row.name}: {rule.wanted}", rule, scale, row.kind_of(rule)) for row, rule in group]
    caption = "Dot: estimate. Bar: from the lower to the upper bound. Dashed: the limit."
    return figure(forest(branches, axis, unit, zero=change), caption)


def _record(found: Evaluated) -> Iterator[tuple[str, str]]:
    yield "decision", f"<code>{found.judgement.decision_digest}</code>"
    yield "MLflow run", f"<code>{plain(found.run_id)}</code> {plain(found.tracking_uri)}"
