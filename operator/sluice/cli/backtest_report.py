"""What a backtest found, as text and as JSON."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from sluice.cli.backtesting import Backtest
from sluice.cli.spans import shown
from sluice.cli.wording import duration, percent, table
from sluice.core.backtest.summary import Quantiles, Share, Summary
from sluice.core.backtest.trial import Injection
from sluice.core.rehearsal import Outcome
from sluice.ports import Rejected

FORMATS = ("table", "json")
MEANINGS: Mapping[Outcome, str] = {
    Outcome.PROMOTED: "promoted",
    Outcome.BREACHED: "rolled back on evidence",
    Outcome.TAKEN_BACK: "taken back without a verdict",
    Outcome.UNDECIDED: "no verdict in a step's time",
}


def report(found: Backtest, output: str, html: Path | None) -> None:
    """Print what was found, and write the page if one is wanted."""
    if html is not None:
        from sluice.cli.backtest_page import page  # noqa: PLC0415 -- it is made of this module's words

        try:
            html.write_text(page(found), encoding="utf-8")
        except OSError as error:
            raise Rejected(f"{html} cannot be written ({error.strerror}): name another file with --html") from error
    text = as_json(found) if output == "json" else "\n".join(lines(found))
    Console(soft_wrap=True).print(text, markup=False, highlight=False)


def lines(found: Backtest) -> Iterator[str]:
    """Yield what is printed."""
    summary = found.summary
    yield headline(found, summary)
    yield from (f"  {text}" for text in circumstances(found))
    yield ""
    yield from table([("OUTCOME", "TRIALS", "SHARE", "95 % INTERVAL"), *_outcomes(summary)])
    if any(summary.steps):
        yield ""
        yield from table([("STEP", "WEIGHT", "PASSED IN (MEDIAN)", "90 % WITHIN", "LIMIT"), *_steps(found, summary)])
    notes = list(cautions(found, summary))
    yield from (["", *(f"Note: {text}" for text in notes)] if notes else [])


def headline(found: Backtest, summary: Summary) -> str:
    """Return the answer in one sentence."""
    if found.injection is None:
        return f"{found.name}: {_false_rollbacks(summary)}; {_promoted(summary)}"
    return f"{found.name}: a candidate with {worse(found.injection)} was {_caught(summary)}"


def worse(injection: Injection) -> str:
    """Return how a candidate was made worse, in words."""
    where = injection.metric or "every metric"
    amount = f"{injection.factor:g}x the events" if not injection.more else f"{percent(injection.more)} more events"
    return f"{amount} in {where}"


def _false_rollbacks(summary: Summary) -> str:
    share = summary.outcomes[Outcome.BREACHED]
    would = f"{share.hits} of {share.runs} rollouts of what serves today would have been rolled back"
    return f"{would} (95 % interval {interval(share)})"


def _promoted(summary: Summary) -> str:
    if summary.promoted is None:
        return "none would have been promoted"
    found, share = summary.promoted, summary.outcomes[Outcome.PROMOTED]
    when = f"{duration(found.median)} (median; nine in ten of them within {duration(found.high)})"
    return f"{share.hits} promoted, after {when}"


def _caught(summary: Summary) -> str:
    share, when, served = summary.outcomes[Outcome.BREACHED], summary.caught, summary.caught_requests
    if when is None or served is None:
        return f"never caught in {share.runs} trials"
    return (
        f"caught in {share.hits} of {share.runs} trials, after {served.median:,.0f} of its requests and"
        f" {duration(when.median)} (median; nine in ten of them within {served.high:,.0f} and {duration(when.high)})"
    )


def interval(share: Share) -> str:
    """Return the interval of a share."""
    low, high = share.interval
    return f"{percent(round(low, 4))} to {percent(round(high, 4))}"


def circumstances(found: Backtest) -> Iterator[str]:
    """Yield what it was tried on."""
    origin = found.header.origin
    begin = min(one.begin for one in found.chronicles)
    yield (
        f"{origin.namespace}/{origin.target}, predictor {found.predictor}: {duration(found.seconds)} from"
        f" {shown(begin)}, seed {found.seed}"
    )
    for one in found.chronicles:
        channel, name = one.shown(), one.metric.name
        rate = one.rate(channel)
        width = found.summary.dispersion.get(name, 1.0)
        shown_rate = "no requests" if rate is None else f"events in {percent(rate)} of requests"
        bound = f" (slower than {one.channels[channel]} s)" if one.channels[channel] else ""
        yield f"{name}: {shown_rate}{bound}, pods at once: {found.pods[name]}, dispersion {width:.2f}"
    if found.share < 1:
        yield f"with {percent(found.share)} of its requests"


def _outcomes(summary: Summary) -> Iterator[tuple[str, ...]]:
    for outcome, share in summary.outcomes.items():
        yield MEANINGS[outcome], f"{share.hits:,}", percent(round(share.rate, 4)), interval(share)


def _steps(found: Backtest, summary: Summary) -> Iterator[tuple[str, ...]]:
    for number, (planned, passed) in enumerate(zip(found.plan.steps, summary.steps, strict=True), start=1):
        times = ("never", "never") if passed is None else (duration(passed.median), duration(passed.high))
        yield str(number), f"{planned.weight} %", *times, duration(planned.max_duration_seconds)


def cautions(found: Backtest, summary: Summary) -> Iterator[str]:
    """Yield what a reader must know before trusting the numbers."""
    if min(found.pods.values()) == 1:
        yield "a single pod: its requests were dealt out at random, so differences between pods are not in the numbers"
    spent = sum(one.seconds for one in found.trials)
    if spent > found.seconds:
        yield f"the trials overlap ({spent / found.seconds:.1f}x the history's time): their interval is too narrow"
    if summary.unfinished:
        yield f"the history ended in {summary.unfinished:,} trials, they are left out: go further back"
    for step, count in summary.stuck.items():
        yield f"{count:,} trials had no verdict in step {step + 1}: give it more time, or see `sluice plan-check`"


def as_json(found: Backtest) -> str:
    """Return everything for programs."""
    summary, origin = found.summary, found.header.origin
    document = {
        "plan": found.name,
        "namespace": origin.namespace,
        "target": origin.target,
        "predictor": found.predictor,
        "seconds": round(found.seconds, 1),
        "seed": found.seed,
        "share": found.share,
        "injection": None if found.injection is None else _injection(found.injection),
        "trials": len(found.trials),
        "unfinished": summary.unfinished,
        "outcomes": {outcome: _share(share) for outcome, share in summary.outcomes.items()},
        "promotedSeconds": _quantiles(summary.promoted),
        "caughtSeconds": _quantiles(summary.caught),
        "caughtRequests": _quantiles(summary.caught_requests),
        "stepSeconds": [_quantiles(one) for one in summary.steps],
        "metrics": {
            one.metric.name: {"rate": one.rate(one.shown()), "pods": found.pods[one.metric.name]}
            for one in found.chronicles
        },
        "dispersion": dict(summary.dispersion),
        "notes": list(cautions(found, summary)),
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _injection(injection: Injection) -> Mapping[str, Any]:
    return {"factor": injection.factor, "more": injection.more, "metric": injection.metric or None}


def _share(share: Share) -> Mapping[str, Any]:
    low, high = share.interval
    return {"trials": share.hits, "share": round(share.rate, 6), "low": round(low, 6), "high": round(high, 6)}


def _quantiles(found: Quantiles | None) -> Mapping[str, float] | None:
    return None if found is None else {"p10": found.low, "p50": found.median, "p90": found.high}
