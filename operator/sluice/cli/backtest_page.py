"""A backtest as a page: one file with its pictures in it, to be read on a phone, mailed, or kept with a plan."""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise

from sluice.cli.backtest_report import MEANINGS, cautions, circumstances, headline, interval
from sluice.cli.backtesting import Backtest
from sluice.cli.wording import percent
from sluice.core.backtest.chronicle import Chronicle
from sluice.core.backtest.summary import Summary
from sluice.core.backtest.trial import Trial
from sluice.core.rehearsal import Outcome
from sluice.report.pages import document, figure, section
from sluice.report.pictures import Axis, Chart, Range, dot, line, ranges, stack, steps

KINDS = {
    Outcome.PROMOTED: "good",
    Outcome.BREACHED: "bad",
    Outcome.TAKEN_BACK: "held",
    Outcome.UNDECIDED: "held",
    Outcome.UNFINISHED: "none",
}
_SLICES = 300
_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86_400.0


def page(found: Backtest) -> str:
    """Return the page as HTML."""
    return document(f"Backtest of {found.name}", _sections(found))


def _sections(found: Backtest) -> Iterator[str]:
    summary = found.summary
    yield f"<h1>{escape(headline(found, summary))}</h1>"
    yield from (f'<p class="soft">{escape(text)}</p>' for text in circumstances(found))
    yield section("How the trials ended", _ends(found, summary))
    yield _when(found)
    if any(summary.steps):
        yield section("How long each step took", _durations(found, summary))
    yield section("When the trials began", _starts(found))
    for one in found.chronicles:
        yield section(f"What the stable predictor did: {one.metric.name}", _history(one))
    notes = "".join(f"<p>{escape(text[0].upper() + text[1:])}.</p>" for text in cautions(found, summary))
    yield section("Before you trust these numbers", notes) if notes else ""


def _ends(found: Backtest, summary: Summary) -> str:
    parts = [(KINDS[outcome], share.hits) for outcome, share in summary.outcomes.items() if share.hits]
    rows = "".join(
        f'<tr><td><span class="key {KINDS[outcome]}"></span>{MEANINGS[outcome]}</td><td class="n">{share.hits:,}</td>'
        f'<td class="n">{_tied(percent(round(share.rate, 4)))}</td><td class="n">{_tied(interval(share))}</td></tr>'
        for outcome, share in summary.outcomes.items()
    )
    head = '<tr><th>outcome</th><th class="n">trials</th><th class="n">share</th><th class="n">95 % interval</th></tr>'
    return stack(parts, f"{len(found.trials)} trials by outcome") + f"<table>{head}{rows}</table>"


def _tied(text: str) -> str:
    """Keep numbers and their units on one line."""
    return text.replace(" %", "&nbsp;%")


def _when(found: Backtest) -> str:
    """Return how many trials had come to their end by when: promoted, and rolled back."""
    ended = [one for one in found.trials if one.outcome in {Outcome.PROMOTED, Outcome.BREACHED}]
    if not ended:
        return ""
    size, unit = _unit(max(one.seconds for one in ended))
    axis = Axis(
        low=0, high=max(one.seconds for one in ended) / size * 1.05, title="since the first step", unit=f" {unit}"
    )
    chart = Chart(x=axis, y=Axis(low=0, high=100, unit=" %"), label="share of trials ended by time")
    total = len(found.trials)
    curves = [
        steps(chart, [one.seconds / size for one in ended if one.outcome is outcome], total, KINDS[outcome])
        for outcome in (Outcome.PROMOTED, Outcome.BREACHED)
        if any(one.outcome is outcome for one in ended)
    ]
    caption = "Share of all trials that were promoted (green) or rolled back on evidence (red) by then."
    return section("How soon they were decided", figure(chart.draw(*curves), caption))


def _durations(found: Backtest, summary: Summary) -> str:
    passed = [(step, one) for step, one in zip(found.plan.steps, summary.steps, strict=True) if one is not None]
    size, unit = _unit(max(one.high for _, one in passed))
    rows = [
        Range(
            name=f"{step.weight} %",
            low=one.low / size,
            middle=one.median / size,
            high=one.high / size,
            limit=step.max_duration_seconds / size,
        )
        for step, one in passed
    ]
    axis = Axis(low=0, high=max(row.high for row in rows) * 1.1, title="until the step passed", unit=f" {unit}")
    caption = "By weight: from the fastest tenth to the slowest, the median marked. Dashed: maxDurationSeconds."
    return figure(ranges(rows, axis, "seconds until each step passed"), caption)


def _starts(found: Backtest) -> str:
    begin = min(one.begin for one in found.chronicles)
    size, unit = _unit(found.seconds)
    high, word = _unit(max(one.seconds for one in found.trials) or 1.0)
    chart = Chart(
        x=Axis(low=0, high=found.seconds / size, title="into the history", unit=f" {unit}"),
        y=Axis(low=0, high=max(one.seconds for one in found.trials) / high * 1.05, unit=f" {word}"),
        label="trials by when they began and how long they took",
    )
    dots = (dot(chart, _point(one, begin, size, high), KINDS[one.outcome]) for one in found.trials)
    hint = "" if found.injection else " Red ones that lie together point at a bad hour."
    caption = f"Each dot is a trial: when it began, and how long it took.{hint}"
    return figure(chart.draw(*dots), caption)


def _point(trial: Trial, begin: float, size: float, high: float) -> tuple[float, float]:
    return (trial.began - begin) / size, trial.seconds / high


def _history(one: Chronicle) -> str:
    rates, requests = _sliced(one)
    size, unit = _unit(one.ends[-1] - one.begin)
    across = Axis(low=0, high=(one.ends[-1] - one.begin) / size, title="into the history", unit=f" {unit}")
    pictures = []
    for values, mark, caption in (
        (rates, " %", "Share of requests with the event" + _bound(one)),
        (requests, "", "Requests a second of all pods together"),
    ):
        high = max((value for _, value in values), default=1.0) * 1.1 or 1.0
        chart = Chart(x=across, y=Axis(low=0, high=high, unit=mark), label=caption, height=140)
        points = [(time / size, value) for time, value in values]
        pictures.append(figure(chart.draw(line(chart, points, "plain")), caption + "."))
    return "".join(pictures)


def _bound(one: Chronicle) -> str:
    bound = one.channels[one.shown()]
    return f": slower than {bound} s" if bound else ""


def _sliced(one: Chronicle) -> tuple[Sequence[tuple[float, float]], Sequence[tuple[float, float]]]:
    """Return the share of events in percent and the requests a second, over time."""
    channel = one.shown()
    count = len(one.ends)
    borders = sorted({count * place // _SLICES for place in range(_SLICES + 1)})
    rates, requests = [], []
    for first, last in pairwise(borders):
        begun = one.ends[first - 1] if first else one.begin
        middle, seconds = (begun + one.ends[last - 1]) / 2 - one.begin, one.ends[last - 1] - begun
        served, events = one.totals(first, last, channel)
        requests.append((middle, served / seconds if seconds else 0.0))
        if served:
            rates.append((middle, 100 * events / served))
    return rates, requests


def _unit(seconds: float) -> tuple[float, str]:
    sizes = ((2 * _DAY, _DAY, "d"), (2 * _HOUR, _HOUR, "h"), (2 * _MINUTE, _MINUTE, "min"))
    return next(((size, unit) for least, size, unit in sizes if seconds >= least), (1.0, "s"))
