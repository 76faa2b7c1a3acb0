"""From both models' cases to measurements, and to what the document and the table of cases say of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Protocol, cast

import numpy as np
import polars as pl

from sluice.api.challenge_result import MOST_IDS, ChallengeInfo, FailedCases
from sluice.api.evaluation_result import Measurement
from sluice.api.evaluation_spec import MeasurementWanted
from sluice.core.challenge_cases import Case
from sluice.evaluation.challenges.answers import CaseAnswers
from sluice.evaluation.challenges.asking import Asked
from sluice.evaluation.challenges.loading import LoadedChallenge
from sluice.evaluation.intervals.interval import Booleans
from sluice.evaluation.metrics import METRICS
from sluice.evaluation.outcomes import Counted
from sluice.evaluation.outcomes.found import Found


class CaseMetric(Protocol):
    """A metric of cases."""

    def __call__(self, answers: CaseAnswers, params: Mapping[str, str], /) -> Counted:
        """Return what it comes to for one model."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Answered:
    """Both models over one challenge set."""

    challenge: LoadedChallenge
    candidate: Asked
    champion: Asked | None


def measure_cases(wanted: MeasurementWanted, answered: Answered) -> Measurement:
    """Return what the gate wants to know of the cases."""
    metric, champion = cast("CaseMetric", METRICS[wanted.metric]), answered.champion
    reference = None if champion is None else champion.passed
    outcome = metric(CaseAnswers(passed=answered.candidate.passed, reference=reference), wanted.params)
    other = None if reference is None else metric(CaseAnswers(passed=reference, reference=reference), wanted.params)
    found = outcome.found(other, wanted.level)
    return Measurement(
        name=wanted.name,
        metric=wanted.metric,
        params=dict(wanted.params),
        dataset=wanted.dataset,
        level=wanted.level,
        n=len(answered.challenge.cases),
        candidate_failures=answered.candidate.failures,
        champion_failures=0 if champion is None else champion.failures,
        **{part.name: getattr(found, part.name) for part in fields(Found) if part.name != "p_value"},
    )


def info(answered: Answered) -> ChallengeInfo:
    """Return the document's entry: which set, and which cases failed; of hidden ones only how many."""
    challenge, failed = answered.challenge, ~answered.candidate.passed
    new = None if answered.champion is None else failed & answered.champion.passed
    return ChallengeInfo(
        name=challenge.source.name,
        digest=challenge.source.digest,
        set_name=challenge.manifest.name,
        set_version=challenge.manifest.version,
        cases=len(challenge.cases),
        hidden=challenge.manifest.cases.hidden,
        repeats=challenge.source.repeats,
        min_pass_rate=challenge.source.min_pass_rate,
        failed=_failed(challenge.cases, failed),
        newly_failed=None if new is None else _failed(challenge.cases, new),
    )


def _failed(cases: Sequence[Case], failed: Booleans) -> FailedCases:
    which = [cases[place] for place in np.flatnonzero(failed).tolist()]
    visible = [case.id for case in which if not case.hidden]
    return FailedCases(visible=len(visible), hidden=len(which) - len(visible), ids=tuple(visible[:MOST_IDS]))


def table(answered: Answered) -> pl.DataFrame:
    """Return the visible cases: name, what is expected, and how many of the repeats each model has right."""
    cases = answered.challenge.cases
    shown = np.flatnonzero([not case.hidden for case in cases]).tolist()
    columns = {
        "case": [cases[place].id for place in shown],
        "expected": [str(cases[place].expected) for place in shown],
    }
    arms = {"candidate": answered.candidate, "champion": answered.champion}
    right = {f"{arm}_right": asked.right[shown] for arm, asked in arms.items() if asked is not None}
    repeats = np.full(len(shown), answered.challenge.source.repeats)
    return pl.DataFrame({**columns, "repeats": repeats, **right})
