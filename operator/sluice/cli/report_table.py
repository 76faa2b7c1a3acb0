"""An evaluation as it is printed: the verdict in a sentence, a table of gates, and where the rest is."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from sluice.api.verdict import Verdict
from sluice.cli.wording import table
from sluice.core.gates import wording
from sluice.core.timeline import printable
from sluice.report.evaluated import Evaluated
from sluice.report.rows import Row, Slice

HEAD = ("GATE", "CHAMPION → CANDIDATE", "BOUNDS", "LIMIT", "N", "VERDICT")
MOST_SLICES = 10
COLOURS = {Verdict.PASS: "green", Verdict.FAIL: "red", Verdict.ERROR: "red"}


def show(found: Evaluated, written: Sequence[Path]) -> None:
    """Print the evaluation."""
    console = Console(soft_wrap=True)
    first, *rest = lines(found, written)
    console.print(Text(first, style=COLOURS.get(found.judgement.verdict, "yellow")))
    console.print("\n".join(rest), markup=False, highlight=False)


def lines(found: Evaluated, written: Sequence[Path]) -> Iterator[str]:
    """Yield what is printed."""
    yield printable(f"{found.judgement.verdict}: {found.judgement.message}")
    for arm, model in found.models.items():
        yield f"  {arm:<9}   {printable(model.asked)}   {model.digest}"
    yield ""
    yield from table([HEAD, *(line for row in found.rows for line in _gate(row))])
    yield ""
    yield f"Bounds are one-sided, each at {levels(found)}. N: the items that count for the metric."
    yield from (f"Note: {printable(text)}" for text in found.result.warnings)
    yield from (f"wrote {path}" for path in written)


def _gate(row: Row) -> Iterator[Sequence[str]]:
    yield from _lines(row.name, row, row.outcome)
    slices = row.slices if row.reached else ()
    for part in slices[:MOST_SLICES]:
        yield from _lines(f"  {printable(part.name)}", part, part.verdict)
    if len(slices) > MOST_SLICES:
        yield f"  and {len(slices) - MOST_SLICES} slices more, none of them worse", "", "", "", "", ""


def _lines(name: str, row: Row | Slice, outcome: str) -> Iterator[Sequence[str]]:
    first, *more = row.rules or (None,)
    bounds, wanted = ("", "") if first is None else (first.bounds, first.wanted)
    yield name, row.values, bounds, wanted, row.count, outcome
    for rule in more:
        if rule is not None:
            yield "", "", rule.bounds, rule.wanted, "", ""


def levels(found: Evaluated) -> str:
    """Return the confidence levels of the gates."""
    return ", ".join(dict.fromkeys(wording.level(gate) for gate in found.evaluation.gates))
