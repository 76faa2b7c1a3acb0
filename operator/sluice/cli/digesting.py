"""`sluice digests`: the digest list of training data, by which an evaluation finds items that a model has seen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyarrow import ArrowException

from sluice.adapters.digest_list import texts_of, unfit, write
from sluice.adapters.model_folder import file_digest
from sluice.adapters.reading import FORMATS, LARGE_ROWS, format_of, opened
from sluice.cli.progressing import Bar, bar, say
from sluice.core.timeline import printable
from sluice.ports import NotFound, Rejected
from sluice.report.source import count_rows


@dataclass(frozen=True, kw_only=True)
class Order:
    """Of what to make a list, and where it goes."""

    training: Path
    columns: Sequence[str]
    out: Path


def digests(order: Order) -> str:
    """Write the list and return its digest as the plan pins it. Raises errors of `sluice.ports`."""
    if order.out.exists():
        raise Rejected(f"--out {order.out}: the file exists already: name a new one")
    if len(set(order.columns)) < len(order.columns) or not all(order.columns):
        raise Rejected("--columns: name each column once, with commas between them: --columns title,text")
    layout = _layout(order.training)
    part = order.out.with_name(f"{order.out.name}.part")
    try:
        with bar(f"digests of {order.training}", count_rows(order.training)) as progress:
            items = write(part, order.columns, _texts(order, layout, progress))
        if not items:
            raise Rejected(f"--columns {','.join(order.columns)}: no item of {_shown(order)} has a text there")
        part.rename(order.out)
    except ArrowException as error:
        what = f"is no readable {layout} file ({type(error).__name__}): is it whole?"
        raise Rejected(f"{_shown(order)} {what}") from error
    except OSError as error:
        raise Rejected(f"--out {order.out} cannot be written ({error.strerror}): name another file") from error
    finally:
        part.unlink(missing_ok=True)
    say(f"{order.out}: digests of {items:,} items; those without a text in {', '.join(order.columns)} are left out")
    return f"sha256:{file_digest(order.out)}"


def _shown(order: Order) -> str:
    return printable(str(order.training))


def _layout(training: Path) -> str:
    try:
        layout = format_of(training.name, training)
    except FileNotFoundError as error:
        raise NotFound(f"{printable(str(training))}: there is no such file: name the training data") from error
    except OSError as error:
        raise Rejected(f"{printable(str(training))} cannot be read ({error.strerror}): name a file") from error
    if layout is None:
        raise Rejected(f"{printable(str(training))} has a name of unknown ending: known are {', '.join(FORMATS)}")
    return layout


def _texts(order: Order, layout: str, progress: Bar) -> Iterator[Sequence[str]]:
    with opened(order.training, layout) as file:
        lacking = unfit(file.schema, order.columns)
        if lacking:
            raise Rejected(f"--columns {','.join(order.columns)}: {_shown(order)} {lacking}")
        for batch in file.batches(list(order.columns), LARGE_ROWS):
            yield texts_of(batch, order.columns)
            progress.advance(batch.num_rows)
