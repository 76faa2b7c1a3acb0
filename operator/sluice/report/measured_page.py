"""What was measured as a page without a verdict: the evaluation knows no limits, and whoever judges has them.

The Job leaves it in its run, beside the document that the operator judges.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sluice.api.evaluation_result import Estimate, EvaluationResult, Measurement
from sluice.api.offline_metric import OfflineMetric
from sluice.core.gates import wording
from sluice.report.evaluated import Measured
from sluice.report.evidence import STYLE, evidence, inputs, software
from sluice.report.forest import Branch, forest
from sluice.report.numbers import is_share, span
from sluice.report.pages import document, figure, plain, section, tied

_HEADS = ("champion → candidate", "change", "p", "n")
_NOTE = (
    "No verdict stands here: limits are in the plan, and Sluice judges these numbers by them: "
    "`kubectl sluice explain` has what it said, and why."
)
_LEAST_P = 0.0001


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """A measurement with the metric that it is of."""

    metric: OfflineMetric
    found: Measurement


def measured_page(found: Measured) -> str:
    """Return the page as HTML."""
    return document(f"Measured: {_names(found.result)}", _sections(found), STYLE)


def _sections(found: Measured) -> Iterator[str]:
    seen = [_Seen(metric=OfflineMetric(one.metric), found=one) for one in found.result.measurements]
    head = f'<h1>Measured: {plain(_names(found.result))}</h1><p class="soft">{plain(_NOTE)}</p>'
    yield f'<div class="verdict">{head}</div>'
    yield section("Measurements", _table(seen))
    yield _forests(seen)
    yield from evidence(found, first="those that a measurement is about")
    yield section("What was evaluated", inputs(found))
    yield section("How", software(found))


def _names(result: EvaluationResult) -> str:
    models = [one for one in (result.candidate, result.champion) if one is not None]
    return " against ".join(f"{one.name}/{one.version}" if one.version else one.name for one in models)


def _table(seen: Sequence[_Seen]) -> str:
    head = "".join(f"<th>{name}</th>" for name in _HEADS)
    levels = ", ".join(dict.fromkeys(f"{100 * one.found.level:g} %" for one in seen))
    note = f"Bounds are one-sided, each at {levels}. p: of no difference, two-sided. n: the items that count."
    body = "".join(map(_rows, seen))
    table = f'<table class="gates"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return f'{table}<p class="soft">{plain(note)}</p>'


def _rows(one: _Seen) -> str:
    found = one.found
    params = "".join(f", {name} {value}" for name, value in found.params.items())
    change = "" if found.difference is None else span(one, found.difference, change=True)
    cells = (_values(one), change, _chance(found.p_value), f"{found.denominator:,}")
    row = "".join(f'<td data-is="{name}">{tied(cell)}</td>' for name, cell in zip(_HEADS, cells, strict=True) if cell)
    name = f"{plain(found.name)} <small>{plain(found.metric + params)}</small>"
    return f'<tr class="name"><td colspan="4">{name}</td></tr><tr class="row">{row}</tr>'


def _values(one: _Seen) -> str:
    found = one.found
    if found.candidate is None:
        return "not measured"
    now = f"{wording.value(one, found.candidate.estimate)} ({span(one, found.candidate, change=False)})"
    return now if found.champion is None else f"{wording.value(one, found.champion.estimate)} → {now}"


def _chance(p_value: float | None) -> str:
    if p_value is None:
        return ""
    return f"{p_value:.2g}" if p_value >= _LEAST_P else f"< {_LEAST_P:g}"


def _forests(seen: Sequence[_Seen]) -> str:
    """Return the plots of the changes: shares share a scale."""
    changes = [(one, one.found.difference) for one in seen if one.found.difference is not None]
    groups = [[(one, change) for one, change in changes if is_share(one)]]
    groups += [[(one, change)] for one, change in changes if not is_share(one)]
    pictures = "".join(_forest(group) for group in groups if group)
    return section("Change against the champion", pictures) if pictures else ""


def _forest(group: Sequence[tuple[_Seen, Estimate]]) -> str:
    share = is_share(group[0][0])
    axis = "candidate minus champion" + (", in points" if share else "")
    branches = [_branch(one.found.name, change, 100.0 if share else 1.0) for one, change in group]
    return figure(forest(branches, axis, "", zero=True), "Dot: estimate. Bar: from the lower to the upper bound.")


def _branch(name: str, about: Estimate, scale: float) -> Branch:
    lower, estimate, upper = (scale * value for value in (about.lower, about.estimate, about.upper))
    return Branch(name=name, lower=lower, estimate=estimate, upper=upper, limit=None, kind="plain")
