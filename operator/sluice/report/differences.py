"""The queries of a gate as a picture: all that lose and gain, sorted, beside the mean; and those that lose most."""

from collections.abc import Sequence
from html import escape

from sluice.api.evaluation_result import Measurement
from sluice.api.offline_metric import OfflineMetric
from sluice.core.gates import wording
from sluice.core.gates.wording import OfMetric
from sluice.core.timeline import printable
from sluice.report.numbers import Of, span
from sluice.report.pages import figure, section
from sluice.report.pictures import LEFT, RIGHT, WIDTH, Axis, Chart
from sluice.report.queries import Queries


def differences(found: Queries, measured: Measurement) -> str:
    """Return the part of a page about a gate's queries; nothing where no difference was measured."""
    of, mean = Of(metric=OfflineMetric(measured.metric)), measured.difference
    if mean is None:
        return ""
    change = wording.difference(of, mean.estimate)
    counted = (
        f"Of {found.total:,} queries {found.worse:,} lose, {found.better:,} gain, and {found.same:,} stay as they are: "
        f"a mean change of {change} ({span(of, mean, change=True)})."
    )
    keys = "".join(
        f'<span class="key {kind}"></span>{name} '
        for kind, name in (("bad", "loses"), ("good", "gains"), ("plain", "mean"))
    )
    picture = figure(_picture(found, (mean.lower, mean.estimate, mean.upper)), _caption(found))
    body = f'<p>{escape(counted)}</p><p class="soft">{keys}</p>{picture}{_losing(found, of)}'
    return section(f"Query by query: {printable(found.gate)}", body)


def _caption(found: Queries) -> str:
    each = -(-found.total // max(len(found.bars), 1))
    bars = "One bar a query" if each == 1 else f"Each bar is the mean of {each:,} queries"
    return f"{bars}, from the greatest loss to the greatest gain. Line: the mean change, between its bounds."


def _picture(found: Queries, mean: tuple[float, float, float]) -> str:
    values = [0.0, *mean, *found.bars]
    chart = Chart(
        x=Axis(low=0, high=found.total, title="queries"),
        y=Axis(low=min(values), high=max(values)),
        label="Change of each query, candidate minus champion",
    )
    (_, low), (_, middle), (_, high) = (chart.at(0, value) for value in mean)
    across = WIDTH - LEFT - RIGHT
    return chart.draw(
        _bars(chart, found.bars, "bad", -1),
        _bars(chart, found.bars, "good", 1),
        f'<rect class="band" x="{LEFT}" y="{high:.1f}" width="{across}" height="{max(low - high, 1.0):.1f}"/>',
        f'<path class="line plain" d="M{LEFT} {middle:.1f}h{across}"/>',
    )


def _bars(chart: Chart, values: Sequence[float], kind: str, sign: int) -> str:
    """Return the bars of one sign as one shape."""
    width = (WIDTH - LEFT - RIGHT) / len(values)
    _, zero = chart.at(0, 0.0)
    tops = [(LEFT + width * place, chart.at(0, value)[1]) for place, value in enumerate(values) if value * sign > 0]
    shape = "".join(f"M{x:.2f} {zero:.1f}V{y:.1f}h{width:.2f}V{zero:.1f}z" for x, y in tops)
    return f'<path class="fill {kind}" d="{shape}"/>' if shape else ""


def _losing(found: Queries, of: OfMetric) -> str:
    if not found.losing:
        return ""
    rows = "".join(
        f"<tr><td>{escape(printable(one.name))}</td>"
        f"<td>{wording.value(of, one.champion)} → <b>{wording.value(of, one.candidate)}</b></td></tr>"
        for one in found.losing
    )
    head = "<thead><tr><th>queries that lose most</th><th>champion → candidate</th></tr></thead>"
    return f'<table class="losing">{head}<tbody>{rows}</tbody></table>'
