"""`sluice backtest`: a plan tried on history, before anybody trusts it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random

from sluice.api.live import Traffic
from sluice.cli.injecting import check_effect, injection_of
from sluice.cli.plan_file import load_plan
from sluice.cli.progressing import bar
from sluice.cli.recording_file import Header
from sluice.cli.sources import Asked, source_of
from sluice.core.backtest.chronicle import Chronicle, Library
from sluice.core.backtest.summary import Summary, summary
from sluice.core.backtest.trial import Injection, Setup, Trial, try_out
from sluice.core.timeline import printable
from sluice.ports import NotFound, Rejected

MOST_RUNS = 100_000
_FEWEST_ROUNDS = 10


@dataclass(frozen=True, kw_only=True)
class Question:
    """Which plan, on which history, and how often."""

    plan: Path
    asked: Asked
    runs: int = 200
    seed: int = 1
    inject: str = ""
    share: float = 1.0
    predictor: str = ""


@dataclass(frozen=True, kw_only=True)
class Backtest:
    """What was tried, and what came of it."""

    name: str
    plan: Traffic
    header: Header
    predictor: str
    seed: int
    share: float
    injection: Injection | None
    chronicles: Sequence[Chronicle]
    trials: Sequence[Trial]

    @property
    def summary(self) -> Summary:
        """What all trials say together."""
        return summary(self.trials, len(self.plan.steps))

    @property
    def seconds(self) -> float:
        """Time that the history covers."""
        return max(one.ends[-1] for one in self.chronicles) - min(one.begin for one in self.chronicles)

    @property
    def pods(self) -> Mapping[str, int]:
        """Pods of each metric, at most at once."""
        return {one.metric.name: _most_at_once(one) for one in self.chronicles}


def backtest(question: Question, now: datetime) -> Backtest:
    """Try the plan. Raises what loading plan and history raises, and Rejected for what cannot be tried."""
    name, spec = load_plan(question.plan)
    plan = spec.traffic
    _check(question)
    injection = injection_of(question.inject, plan)
    source = source_of(question.asked, plan, now)
    library = Library(plan.metrics)
    for portion in source.portions("reading history"):
        library.add(portion)
    predictor = _predictor(library, question.predictor)
    found = library.of(predictor)
    _check_history(found, predictor)
    check_effect(injection, found)
    setup = Setup(plan, found, injection, question.share)
    return Backtest(
        name=name,
        plan=plan,
        header=source.header,
        predictor=predictor,
        seed=question.seed,
        share=question.share,
        injection=injection,
        chronicles=found,
        trials=_trials(setup, question),
    )


def _check(question: Question) -> None:
    if not 1 <= question.runs <= MOST_RUNS:
        raise Rejected(f"--runs: {question.runs} is not between 1 and {MOST_RUNS:,}")
    if not 0 < question.share <= 1:
        raise Rejected(f"--rps-share: {question.share:g} is not a part of the traffic: say 0.1 for a tenth of it")


def _predictor(library: Library, wanted: str) -> str:
    """Return the arm that is tried on: the one with most scrapes, unless one is named."""
    arms = library.arms()
    if wanted and wanted not in arms:
        names = printable(", ".join(sorted(arms))) or "none"
        raise NotFound(f"--predictor: the history has no samples of {printable(wanted)}: use one of {names}")
    return wanted or max(arms, key=lambda arm: (arms[arm], arm))


def _check_history(found: Sequence[Chronicle], predictor: str) -> None:
    for one in found:
        if len(one.ends) < _FEWEST_ROUNDS:
            raise NotFound(
                f"live metric {one.metric.name} has {len(one.ends)} scrapes of predictor {predictor}, too few to try a"
                " plan on: go further back with --since, or check that its counters are scraped"
            )


def _trials(setup: Setup, question: Question) -> Sequence[Trial]:
    """Try again and again, from times spread evenly over the history, each by chance of its own."""
    begin, room = _room(setup)
    made = []
    with bar("trying the plan", question.runs) as progress:
        for run in range(question.runs):
            dice = Random(f"{question.seed}/{run}")  # noqa: S311 -- reproducible dice, no secret
            made.append(try_out(setup, begin + room * (run + dice.random()) / question.runs, dice))
            progress.advance()
    return made


def _room(setup: Setup) -> tuple[float, float]:
    """Return when the first trial may begin, and how much later the last: the longest rollout must still fit in.

    Where history is shorter than that, trials begin in its first half, and some may stay unfinished.
    """
    begin = max(one.begin for one in setup.chronicles)
    span = min(one.ends[-1] for one in setup.chronicles) - begin
    longest = sum(step.max_duration_seconds for step in setup.plan.steps)
    return begin, max(span - longest, span / 2)


def _most_at_once(one: Chronicle) -> int:
    changes = sorted((place, by) for pod in one.pods.values() for place, by in ((pod.first, 1), (pod.end, -1)))
    alive = most = 0
    for _, by in changes:
        alive += by
        most = max(most, alive)
    return most
