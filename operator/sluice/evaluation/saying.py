"""One model over everything: what it says on data sets and challenge sets. One model is in memory at a time."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sluice.api.evaluation_spec import ModelInput
from sluice.evaluation import predictions
from sluice.evaluation.challenges.asking import Asked, ask, check_cases
from sluice.evaluation.engine import Engine
from sluice.evaluation.inputs import Inputs
from sluice.evaluation.loading import described, load_model
from sluice.evaluation.perturbing import ask_again, check_read
from sluice.evaluation.registry import RegistryClient
from sluice.evaluation.scores import Scores
from sluice.evaluation.scoring import natively, score
from sluice.evaluation.signature import check_columns
from sluice.evaluation.stopwatch import Stopwatch


@dataclass(frozen=True, kw_only=True)
class Said:
    """What one model said, by name of the set."""

    scores: Mapping[str, Scores]
    cases: Mapping[str, Asked]


def fetched(
    arms: Mapping[str, ModelInput], inputs: Inputs, registry: RegistryClient, folder: Path, watch: Stopwatch
) -> Mapping[str, Path]:
    """Return the folders of the models, by arm, when what they read by their own words is there. None is loaded yet.

    None is even fetched where all data sets have predictions and there are no cases to ask. Raises EvaluationFailure.
    """
    found: dict[str, Path] = {}
    if not inputs.asked and not inputs.challenges:
        return found
    for arm, model in arms.items():
        with watch.time(f"{arm}.load"):
            found[arm] = registry.model(model, folder / arm, arm=arm)
            _check(described(found[arm], arm=arm), inputs, arm)
    return found


def _check(signed: Any, inputs: Inputs, arm: str) -> None:  # noqa: ANN401 -- an mlflow Model
    for name, one in inputs.asked.items():
        check_columns(signed, one, arm=arm)
        check_read(inputs.changes.get(name, ()), signed, arm=arm)
    for challenge in inputs.challenges.values():
        check_cases(signed, challenge, arm=arm)


def said_by(
    model: ModelInput, path: Path | None, inputs: Inputs, watch: Stopwatch, *, arm: str, engine: Engine
) -> Said:
    """Return a model's answers; without a folder, those that the data sets have. Raises EvaluationFailure."""
    there = {
        name: predictions.read(one, predictions.predictions_of(one, model.digest, arm=arm), arm=arm)
        for name, one in inputs.data.items()
        if one.source.predictions
    }
    if path is None:
        return Said(scores=there, cases={})
    with watch.time(f"{arm}.load"):
        loaded = load_model(path, arm=arm)
    asking = engine.asking(path, arm=arm) if inputs.asked else nullcontext(natively)
    with watch.time(f"{arm}.score"), asking as by:
        scores = {
            name: replace(
                score(loaded, one, arm=arm, by=by, told=watch.counter(f"{arm} on {name}", len(one))),
                again=ask_again(loaded, one, inputs.changes.get(name, ()), watch, arm=arm, by=by),
            )
            for name, one in inputs.asked.items()
        }
        cases = {
            name: ask(loaded, one, watch.counter(f"{arm} on {name}", one.times), arm=arm)
            for name, one in inputs.challenges.items()
        }
    return Said(scores=there | scores, cases=cases)
