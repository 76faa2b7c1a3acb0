"""A backtest as a page: one file with its pictures in it, to be read on a phone, mailed, or kept with a plan."""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise

from sluice.cli.backtest_report import MEANINGS, cautions, circumstances, headline, interval
from sluice.cli.backtesting import Backtest
from sluice.cli.pictures import Axis, Chart, Range, dot, line, ranges, stack, steps
from sluice.cli.wording import percent
from sluice.core.backtest.chronicle import Chronicle
from sluice.core.backtest.summary import Summary
from sluice.core.backtest.trial import Trial
from sluice.core.rehearsal import Outcome

KINDS = {
    Outcome.PROMOTED: "good",
    Outcome.BREACHED: "bad",
    Outcome.TAKEN_BACK: "held",
    Outcome.UNDECIDED: "held",
    Outcome.UNFINISHED: "none",
}
_SLICES = 300
_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86_400.0
_STYLE = """
:root{color-scheme:light dark;--paper:#fff;--ink:#1c2733;--soft:#5b6875;--rule:#dfe4ea;--good:#1b7f5c;--bad:#c2352b;
--held:#b7791f;--none:#9aa5b1;--line:#2b6cb0}
@media(prefers-color-scheme:dark){:root{--paper:#12171d;--ink:#e6ebf0;--soft:#9aa7b4;--rule:#2b343e;--good:#3fb68b;
--bad:#f0776c;--held:#e0a94a;--none:#66727f;--line:#6aa5e8}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1.2rem 1rem 3rem;max-width:44rem;background:var(--paper);color:var(--ink);
font:16px/1.5 system-ui,sans-serif}
h1{font-size:1.35rem;line-height:1.3;margin:.2rem 0 .6rem}h2{font-size:1.05rem;margin:2rem 0 .3rem}
p{margin:.3rem 0}.soft,figcaption{color:var(--soft);font-size:.9rem}figure{margin:.4rem 0 0}
svg{display:block;width:100%;height:auto}figure svg{max-width:34rem}
svg text{font:11px system-ui,sans-serif;fill:var(--soft)}
svg text.on{fill:#fff;font-weight:600}
.grid{stroke:var(--rule);fill:none}.line{fill:none;stroke-width:2;stroke-linejoin:round}
.line.good{stroke:var(--good)}.line.bad{stroke:var(--bad)}.line.plain{stroke:var(--line);stroke-width:1.4}
.fill.good,.dot.good{fill:var(--good)}.fill.bad,.dot.bad{fill:var(--bad)}.fill.held,.dot.held{fill:var(--held)}
.fill.none,.dot.none{fill:var(--none)}.dot{opacity:.75}
.mark{stroke:var(--ink);stroke-width:2}.limit{stroke:var(--bad);stroke-width:1.5;stroke-dasharray:3 2}
table{border-collapse:collapse;width:100%;font-size:.92rem}td,th{text-align:left;padding:.3rem .5rem .3rem 0;
border-bottom:1px solid var(--rule);vertical-align:top}td.n,th.n{text-align:right}
.key{display:inline-block;width:.7em;height:.7em;border-radius:2px;margin-right:.4em}
.key.good{background:var(--good)}.key.bad{background:var(--bad)}.key.held{background:var(--held)}
"""


def page(found: Backtest) -> str:
    """Return the page as HTML."""
    title = escape(f"Backtest of {found.name}")
    head = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head>"
    )
    return f"{head}<body>{''.join(_sections(found))}</body></html>\n"


def _sections(found: Backtest) -> Iterator[str]:
    summary = found.summary
    yield f"<h1>{escape(headline(found, summary))}</h1>"
    yield from (f'<p class="soft">{escape(text)}</p>' for text in circumstances(found))
    yield _section("How the trials ended", _ends(found, summary))
    yield _when(found)
    if any(summary.steps):
        yield _section("How long each step took", _durations(found, summary))
    yield _section("When the trials began", _starts(found))
    for one in found.chronicles:
        yield _section(f"What the stable predictor did: {one.metric.name}", _history(one))
    notes = "".join(f"<p>{escape(text[0].upper() + text[1:])}.</p>" for text in cautions(found, summary))
    yield _section("Before you trust these numbers", notes) if notes else ""


def _section(title: str, body: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{body}</section>"


def _figure(picture: str, caption: str) -> str:
    return f"<figure>{picture}<figcaption>{escape(caption)}</figcaption></figure>"


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
    return _section("How soon they were decided", _figure(chart.draw(*curves), caption))


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
    return _figure(ranges(rows, axis, "seconds until each step passed"), caption)


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
    return _figure(chart.draw(*dots), caption)


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
        pictures.append(_figure(chart.draw(line(chart, points, "plain")), caption + "."))
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
