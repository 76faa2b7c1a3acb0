"""`sluice plan-check`: what a plan will take, before the first rollout uses it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from rich.console import Console

from sluice.api.live import Signal, Traffic
from sluice.cli.assumptions import rates_by_metric
from sluice.cli.plan_file import load_plan
from sluice.cli.progressing import bar
from sluice.cli.wording import duration, percent, ratio, table
from sluice.core.analysis.planning import LONGEST_SECONDS, REGRESSIONS, Expected, Outlook, Rates, outlooks

FORMATS = ("table", "json")
_LONGEST_STEP = 604_800
"""The most that a plan may say."""
_OTHERWISE = "raise its floor or margin, or wait for more traffic"
_ROOM = 1.5
"""Time that a step should be given, in times of what a good candidate is expected to need."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """Which plan, and what is expected of its traffic."""

    plan: Path
    rps: Sequence[str] = ()
    baseline: Sequence[str] = ()
    output: str = "table"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What each step takes, step by step and in them metric by metric."""

    name: str
    plan: Traffic
    rates: Mapping[str, Rates]
    steps: Sequence[Sequence[Outlook]]
    assumed: tuple[str, ...] = ()
    """Options that were not given."""

    @property
    def seconds(self) -> float | None:
        """Return how long a good candidate takes for all steps; None: it does not get through."""
        needed = [step_seconds(self.plan, step) for step in self.steps]
        return None if None in needed else sum(one for one in needed if one is not None)

    @property
    def finishes(self) -> bool:
        """Return whether every step can end within its time."""
        limits = (step.max_duration_seconds for step in self.plan.steps)
        needed = (step_seconds(self.plan, step) for step in self.steps)
        return all(one is not None and one <= limit for one, limit in zip(needed, limits, strict=True))


def check(question: Question) -> bool:
    """Print what the plan takes; return whether every step can end within its time."""
    answer = answered(question)
    text = as_json(answer) if question.output == "json" else "\n".join(lines(answer))
    Console(soft_wrap=True).print(text, markup=False, highlight=False)
    return answer.finishes


def answered(question: Question) -> Answer:
    """Return what the plan takes. Raises what `load_plan` does, and Rejected for numbers that make no sense."""
    name, spec = load_plan(question.plan)
    plan = spec.traffic
    rates = rates_by_metric(plan, question.rps, question.baseline)
    by_metric: list[list[Outlook]] = []
    with bar("planning", len(plan.metrics) * len(plan.steps)) as progress:
        for metric in plan.metrics:
            by_metric.append([])
            for one in outlooks(plan, metric, rates[metric.name]):
                by_metric[-1].append(one)
                progress.advance()
    given = {"--rps": question.rps, "--baseline": question.baseline}
    assumed = tuple(option for option, texts in given.items() if not texts)
    return Answer(name=name, plan=plan, rates=rates, steps=list(zip(*by_metric, strict=True)), assumed=assumed)


def step_seconds(plan: Traffic, step: Sequence[Outlook]) -> float | None:
    """Return how long a step takes: as long as the slowest required metric; None: it does not pass."""
    required = {metric.name for metric in plan.metrics if metric.required}
    passes = [one.to_pass for one in step if one.metric in required]
    return None if None in passes else max(one.seconds for one in passes if one is not None)


def lines(answer: Answer) -> Iterator[str]:
    """Yield what is printed."""
    yield f"{answer.name}: about {_or_never(answer.seconds)} from the first step to the promotion of a good candidate"
    yield from (f"  {text}" for text in _assumed(answer))
    yield ""
    yield from table([_head(), *_rows(answer)])
    found = list(warnings(answer))
    yield from (["", *(f"Warning: {text}" for text in found)] if found else [])


def _head() -> Sequence[str]:
    return ("STEP", "WEIGHT", "METRIC", "GOOD ONE PASSES", *(f"{ratio(one)} IS CAUGHT" for one in REGRESSIONS), "LIMIT")


def _rows(answer: Answer) -> Iterator[Sequence[str]]:
    for planned, step in zip(answer.plan.steps, answer.steps, strict=True):
        for one in step:
            first = one is step[0]
            place = (str(one.step + 1), f"{planned.weight} %") if first else ("", "")
            caught = (_cell(one.to_detect[times]) for times in REGRESSIONS)
            limit = duration(planned.max_duration_seconds) if first else ""
            yield (*place, one.metric, _cell(one.to_pass), *caught, limit)


def _cell(expected: Expected | None) -> str:
    return "never" if expected is None else f"{expected.requests:,} in {duration(expected.seconds)}"


def _or_never(seconds: float | None) -> str:
    return "for ever" if seconds is None else duration(seconds)


def _assumed(answer: Answer) -> Iterator[str]:
    for name, rates in answer.rates.items():
        rate = percent(rates.baseline)
        yield f"{name}: {rates.requests_per_second:g} requests/s with events in {rate} of them, as long as all is well"
    if answer.assumed:
        yield f"these are assumptions: say {' and '.join(answer.assumed)}"
    yield "requests are the candidate's; half of all candidates need more"
    if any(metric.signal is Signal.LATENCY for metric in answer.plan.metrics):
        yield "Latency is planned for a tail that grows: what shows at every bound of the histogram is caught sooner"


def warnings(answer: Answer) -> Iterator[str]:
    """Yield what will not go as the plan's author may expect."""
    for number, (planned, step) in enumerate(zip(answer.plan.steps, answer.steps, strict=True), start=1):
        needed, limit = step_seconds(answer.plan, step), planned.max_duration_seconds
        if needed is None:
            yield f"step {number}: a good candidate does not pass in {duration(LONGEST_SECONDS)}: {_OTHERWISE}"
        elif needed > limit:
            wanted = ceil(needed * _ROOM / 60) * 60
            needs = f"step {number}: a good candidate needs about {duration(needed)}, maxDurationSeconds"
            if wanted > _LONGEST_STEP:
                yield f"{needs} allows a week at most: {_OTHERWISE}"
            else:
                yield f"{needs} allows {duration(limit)}: raise it to {wanted}, or raise floor or margin"
        elif any(one.waits_for_time for one in step):
            yield f"step {number}: it waits for minDwellSeconds or warmUpSeconds, its evidence is complete before"


def as_json(answer: Answer) -> str:
    """Return the same for programs."""
    document = {
        "plan": answer.name,
        "seconds": answer.seconds,
        "finishes": answer.finishes,
        "assumed": {name: _rates(rates) for name, rates in answer.rates.items()},
        "steps": [
            {
                "step": number,
                "weight": planned.weight,
                "seconds": step_seconds(answer.plan, step),
                "maxDurationSeconds": planned.max_duration_seconds,
                "metrics": [_metric(one) for one in step],
            }
            for number, (planned, step) in enumerate(zip(answer.plan.steps, answer.steps, strict=True), start=1)
        ],
        "warnings": list(warnings(answer)),
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _rates(rates: Rates) -> Mapping[str, float]:
    return {"requestsPerSecond": rates.requests_per_second, "baseline": rates.baseline}


def _metric(one: Outlook) -> Mapping[str, Any]:
    caught = {ratio(times): _expected(one.to_detect[times]) for times in REGRESSIONS}
    return {"name": one.metric, "pass": _expected(one.to_pass), "waitsForTime": one.waits_for_time, "caught": caught}


def _expected(expected: Expected | None) -> Mapping[str, float] | None:
    return None if expected is None else {"requests": expected.requests, "seconds": round(expected.seconds, 1)}
