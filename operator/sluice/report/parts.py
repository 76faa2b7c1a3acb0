"""The parts that a gate or suite is made of: forest plots of slices, and the cases of suites."""

from collections.abc import Iterator

from sluice.api.suite_result import CaseOutcome
from sluice.report.forest import Branch, branch, forest
from sluice.report.pages import figure, plain, section
from sluice.report.rows import Row

MOST_SLICES = 24
_CAPTION = (
    "The worst first, with the items that count. Coloured by what each slice came to; among many slices a bound beyond "
    "the limit may be chance."
)


def slices(row: Row) -> str:
    """Return the plots of a gate's slices, one for each of its rules; nothing without slices."""
    pictures = "".join(_forest(row, place) for place in range(len(row.rules)))
    more = len(row.slices) - MOST_SLICES
    rest = f'<p class="soft">And {more} more.</p>' if more > 0 else ""
    return section(f"Slices of {row.name}", pictures + rest) if row.slices and pictures else ""


def _forest(row: Row, place: int) -> str:
    rule = row.rules[place]
    scale, unit = row.scale(change=rule.change)
    axis = f"{rule.wanted}: {'candidate minus champion' if rule.change else 'candidate'}"
    shown = [part for part in row.slices[:MOST_SLICES] if len(part.rules) > place]
    branches: list[Branch] = [branch(f"all ({row.count})", rule, scale, "none")]
    branches += [branch(f"{part.name} ({part.count})", part.rules[place], scale, part.kind) for part in shown]
    return figure(forest(branches, axis, unit, zero=rule.change), _CAPTION)


def cases(row: Row) -> str:
    """Return the cases of a suite that did not pass; nothing where all did."""
    listed = "".join(_cases(row))
    return section(f"Suite {row.name}", f'<ul class="items">{listed}</ul>') if listed else ""


def _cases(row: Row) -> Iterator[str]:
    for case in row.cases:
        if case.outcome is not CaseOutcome.PASSED:
            kind = ' class="bad"' if case.outcome is not CaseOutcome.SKIPPED else ""
            head = f"<small>{plain(case.name)}: <b{kind}>{case.outcome}</b></small>"
            yield f"<li>{head}{'<br>' if case.message else ''}{plain(case.message)}</li>"
