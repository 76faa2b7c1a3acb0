"""`sluice replay`: what the engine would have said of recorded samples, tick by tick; printed when it changes."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from sluice.api.live import Traffic
from sluice.cli.plan_file import load_plan
from sluice.cli.recording_file import Recording, Rollout, opened
from sluice.cli.spans import shown
from sluice.core.analysis.engine import FORGET_SECONDS
from sluice.core.analysis.samples import Arms, Series
from sluice.core.analysis.signals import signal_of
from sluice.core.history import Portion, Reels, counters_of
from sluice.core.rehearsal import Look, Outcome, Rehearsal
from sluice.core.timeline import elapsed, printable
from sluice.ports import NotFound, Rejected

FORMATS = ("table", "json")
EXIT = {
    Outcome.PROMOTED: 0,
    Outcome.BREACHED: 1,
    Outcome.TAKEN_BACK: 1,
    Outcome.UNDECIDED: 4,
    Outcome.UNFINISHED: 5,
}


@dataclass(frozen=True, kw_only=True)
class Question:
    """What to replay, and with what."""

    recording: Path
    plan: Path
    candidate: str = ""
    stable: str = ""
    output: str = "table"


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """Every look at which something changed, and how it ended."""

    name: str
    arms: Arms
    began: float
    driven: bool
    """Steps follow from the replayed verdicts; else they are those of the recorded rollout."""
    changes: tuple[Look, ...]
    outcome: Outcome
    ended: float


def replay(question: Question) -> Outcome:
    """Print the timeline and return its end."""
    found = timeline(question)
    text = as_json(found) if question.output == "json" else "\n".join(lines(found))
    Console(soft_wrap=True).print(text, markup=False, highlight=False)
    return found.outcome


def timeline(question: Question) -> Timeline:
    """Return what the engine would have said. Raises what `load_plan` and `opened` do; for unclear arms Rejected."""
    name, spec = load_plan(question.plan)
    recording = opened(question.recording)
    _check(recording, spec.traffic)
    arms, first = _arms(recording, spec.traffic, question)
    return _Replay(name, spec.traffic, arms, recording.header.rollout).run(recording, first)


def _check(recording: Recording, plan: Traffic) -> None:
    missing = [spec.metric for spec in counters_of(plan) if spec not in recording.header.origin.counters]
    if missing:
        raise Rejected(f"{recording.path} lacks {', '.join(missing)}, which the plan judges: name the plan it is of")


@dataclass
class _Replay:
    name: str
    plan: Traffic
    arms: Arms
    rollout: Rollout | None
    changes: list[Look] = field(default_factory=list)

    def run(self, recording: Recording, first: float) -> Timeline:
        steps = self.rollout.steps if self.rollout is not None else ()
        began = steps[0].began if steps else first
        rehearsal = Rehearsal(self.plan, self.arms, began)
        outcome, now = None, began
        for now, samples in _ticks(recording.portions(), self.plan, began):
            self._enter(rehearsal, now)
            look = rehearsal.look(samples, now)
            self._note(look)
            outcome = rehearsal.follow(look) if not steps else self._recorded_end(look)
            if outcome is not None:
                break
        return Timeline(
            name=self.name,
            arms=self.arms,
            began=began,
            driven=not steps,
            changes=tuple(self.changes),
            outcome=outcome or Outcome.UNFINISHED,
            ended=now,
        )

    def _enter(self, rehearsal: Rehearsal, now: float) -> None:
        """Put the recorded rollout's step in force."""
        for step in self.rollout.steps if self.rollout is not None else ():
            if rehearsal.began < step.began <= now:
                rehearsal.enter(step.index, step.began)

    def _recorded_end(self, look: Look) -> Outcome | None:
        """Return the end that a verdict means where the recorded steps go on whatever the replay says."""
        last = len(self.plan.steps) - 1
        if look.verdict == "Fail":
            return Outcome.BREACHED
        return Outcome.PROMOTED if look.verdict == "Pass" and look.step == last else None

    def _note(self, look: Look) -> None:
        if not self.changes or _gist(look) != _gist(self.changes[-1]):
            self.changes.append(look)


def _gist(look: Look) -> object:
    return look.step, look.verdict, {name: (one.verdict, one.finding) for name, one in look.metrics.items()}


def _ticks(
    portions: Iterator[Portion], plan: Traffic, began: float
) -> Iterator[tuple[float, Mapping[str, tuple[Series, ...]]]]:
    """Yield the samples that each tick would have read."""
    reels, now, tick = Reels(plan.metrics), began, float(plan.tick_seconds)
    for portion in portions:
        reels.add(portion)
        while now + tick <= portion.end:
            now += tick
            yield now, reels.read(now - FORGET_SECONDS, now)
        reels.drop(now - FORGET_SECONDS)


def _arms(recording: Recording, plan: Traffic, question: Question) -> tuple[Arms, float]:
    """Return which predictor is which, and when the candidate's samples begin: the later of two is the candidate."""
    label = signal_of(plan.metrics[0]).arm_label
    firsts: dict[str, float] = {}
    for portion in recording.portions():
        for series in portion.series:
            arm, first = series.labels.get(label, ""), series.samples[0][0]
            firsts[arm] = min(first, firsts.get(arm, first))
    if not firsts:
        raise NotFound(f"{recording.path} holds no samples: record a time at which the target had traffic")
    rollout = recording.header.rollout
    candidate = question.candidate or (rollout.candidate if rollout else "")
    stable = question.stable or (rollout.stable if rollout else "")
    arms = sorted(firsts, key=lambda arm: firsts[arm])
    return _named(arms, candidate, stable, firsts)


def _named(arms: list[str], candidate: str, stable: str, firsts: Mapping[str, float]) -> tuple[Arms, float]:
    names = printable(", ".join(arms))
    unclear = len(arms) > 2 and not (candidate and stable)  # noqa: PLR2004 -- two arms
    candidate = candidate or next((arm for arm in reversed(arms) if arm != stable), "")
    stable = stable or next((arm for arm in arms if arm != candidate), "")
    if unclear or candidate == stable or not {candidate, stable} <= set(arms):
        raise Rejected(f"the recording has the predictors {names}: set --candidate-predictor, --stable-predictor")
    return Arms(candidate=candidate, stable=stable), firsts[candidate]


def lines(found: Timeline) -> Iterator[str]:
    """Yield what is printed."""
    steps = "its own verdicts lead from step to step" if found.driven else "the steps are those of the rollout"
    yield f"{found.name}: {found.arms.candidate} against {found.arms.stable} from {shown(found.began)}; {steps}"
    for look in found.changes:
        for name, one in look.metrics.items():
            at = elapsed(look.now - found.began)
            yield f"{at:>9}  step {look.step + 1}  {one.verdict:<12} {name}: {printable(one.message)}"
    yield f"{elapsed(found.ended - found.began):>9}  {found.outcome}"


def as_json(found: Timeline) -> str:
    """Return the same for programs."""
    document = {
        "plan": found.name,
        "candidate": found.arms.candidate,
        "stable": found.arms.stable,
        "began": found.began,
        "outcome": found.outcome,
        "ended": found.ended,
        "changes": [_change(look) for look in found.changes],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _change(look: Look) -> Mapping[str, Any]:
    metrics = {
        name: {
            "verdict": one.verdict,
            "finding": one.finding,
            "message": one.message,
            "evidenceAgainst": round(one.against, 3),
            "evidenceFor": round(one.favour, 3),
        }
        for name, one in look.metrics.items()
    }
    return {"time": look.now, "step": look.step + 1, "verdict": look.verdict, "metrics": metrics}
