"""One model over everything: what it says on data sets and challenge sets. One model is in memory at a time."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from sluice.api.evaluation_spec import ModelInput
from sluice.evaluation import predictions
from sluice.evaluation.challenges.asking import Asked, ask
from sluice.evaluation.engine import Engine
from sluice.evaluation.inputs import Inputs
from sluice.evaluation.loading import load_model
from sluice.evaluation.perturbing import ask_again
from sluice.evaluation.registry import RegistryClient
from sluice.evaluation.scores import Scores
from sluice.evaluation.scoring import check_inputs, natively, score
from sluice.evaluation.stopwatch import Stopwatch


@dataclass(frozen=True, kw_only=True)
class Said:
    """What one model said, by name of the set."""

    scores: Mapping[str, Scores]
    cases: Mapping[str, Asked]


def said_by(
    model: ModelInput, inputs: Inputs, registry: RegistryClient, folder: Path, watch: Stopwatch, *, engine: Engine
) -> Said:
    """Return a model's answers; the folder is called after its arm. Raises EvaluationFailure.

    It is not loaded, and not even fetched, where all data sets have its predictions and there are no cases to ask.
    """
    arm = folder.name
    there = {
        name: predictions.read(one, predictions.predictions_of(one, model.digest, arm=arm), arm=arm)
        for name, one in inputs.data.items()
        if one.source.predictions
    }
    to_score = {name: one for name, one in inputs.data.items() if name not in there}
    if not to_score and not inputs.challenges:
        return Said(scores=there, cases={})
    with watch.time(f"{arm}.load"):
        path = registry.model(model, folder, arm=arm)
        loaded = load_model(path, arm=arm)
    asking = engine.asking(path, arm=arm) if to_score else nullcontext(natively)
    with watch.time(f"{arm}.score"), asking as by:
        for one in to_score.values():
            check_inputs(loaded, one, arm=arm)
        return Said(
            scores=there
            | {
                name: replace(
                    score(loaded, one, arm=arm, by=by),
                    again=ask_again(loaded, one, inputs.changes.get(name, ()), arm=arm, by=by),
                )
                for name, one in to_score.items()
            },
            cases={name: ask(loaded, one, arm=arm) for name, one in inputs.challenges.items()},
        )
