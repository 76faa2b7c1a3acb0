"""S5: what the stable predictor serves changes in one write of a promotion only, and no client meets the old model."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from tests.support.history import EVERYTHING, History, Version, phase, target_of, wanted_weights
from tests.support.movements import TAKING_BACK, title, weights_of


def stable_changes_only_in_promotion(history: History) -> list[str]:
    """S5: what the stable predictor serves changes only when a candidate that passed everything carries all traffic."""
    found = []
    for life in history.lives("SeldonDeployment"):
        for before, after in pairwise(life):
            changed = _stable_change(before, after)
            if changed and (why := _unpromoted(history, before, after)):
                found.append(f"S5: {title(after)} changes what {changed} serves: {why}")
    return found + _old_model_after_everything(history)


def _stable_change(before: Version, after: Version) -> str:
    """Return the name of the first predictor whose content changed, if it is one that was there before."""
    was = {predictor["name"]: serves(predictor) for predictor in before.body["spec"]["predictors"]}
    now = {predictor["name"]: serves(predictor) for predictor in after.body["spec"]["predictors"]}
    return next((name for name in was if name in now and was[name] != now[name]), "")


def _unpromoted(history: History, before: Version, after: Version) -> str:
    """Return why this was not the template write of a promotion; empty when it was."""
    latest: dict[str, Version] = {
        version.uid: version
        for version in history.of("ModelCandidate")
        if version.revision < after.revision and target_of(version) == after.name
    }
    promoting = [version for version in latest.values() if phase(version) == "Promoting"]
    if not promoting:
        return "no candidate is promoting"
    candidate = promoting[0]
    if candidate.traffic.get("stage") != "Updating":
        return f"the promotion is at stage {candidate.traffic.get('stage')}"
    if (candidate.status.get("evaluation") or {}).get("verdict") != "Pass":
        return "the gates did not pass"
    weight = wanted_weights(before).get(candidate.traffic["predictor"], 0)
    return "" if weight == EVERYTHING else f"the candidate carries {weight}"


def _old_model_after_everything(history: History) -> list[str]:
    """Return routes that give the stable predictor traffic between its template write and its being rolled out."""
    found = []
    for life in history.lives("ModelCandidate"):
        updating = [version for version in life if version.traffic.get("stage") == "Updating"]
        returning = [version for version in life if version.traffic.get("stage") == "Returning"]
        if not updating or phase(life[-1]) in TAKING_BACK:
            continue
        end = returning[0].revision if returning else life[-1].revision
        stable = updating[0].traffic["stable"]
        routes = [r for r in history.of("VirtualService") if updating[0].revision < r.revision < end]
        found += [
            f"S5: {title(route)} gives {stable} {weight} before it serves the new model"
            for route in routes
            if route.name == target_of(life[0]) and (weight := weights_of(route).get(stable, 0))
        ]
    return found


def serves(predictor: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a predictor decides what clients meet: graph, containers and the model's name, not its size."""
    annotations = predictor.get("annotations") or {}
    components = [component.get("spec") for component in predictor.get("componentSpecs") or ()]
    return {"graph": predictor["graph"], "components": components, "model": annotations.get("sluice.dev/model")}
