"""What moved in a history: weights of predictors in specs and routes, and how to name a version in a sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tests.support.history import History, Version, phase, routed_weights, target_of, wanted_weights

TERMINAL = frozenset({"Promoted", "Rejected", "RolledBack", "Aborted", "Superseded", "Failed"})
TAKING_BACK = frozenset({"RollingBack", "RolledBack", "Aborted", "Superseded"})
PASS_SECONDS = 10.0
"""How old the spec may be that a pass of Seldon's manager writes into the route: generous, the machine is shared."""


@dataclass(frozen=True)
class Rise:
    version: Version
    predictor: str
    weight: int


def rises(history: History, life: Sequence[Version]) -> list[Rise]:
    """Return where the candidate's own predictor got more weight, in the spec or in the route."""
    predictor = next((version.traffic["predictor"] for version in life if version.traffic), "")
    target = target_of(life[0])
    places = (*history.lives("SeldonDeployment"), *history.lives("VirtualService"))
    found = []
    for place in places:
        if not predictor or place[0].name != target:
            continue
        weights = [(version, weights_of(version).get(predictor, 0)) for version in place]
        found += [
            Rise(version, predictor, weight) for (_, before), (version, weight) in pairwise(weights) if weight > before
        ]
    return found


def restored_by_seldon(history: History, rise: Rise) -> bool:
    """Return whether a route only got what the spec says, or said when the manager's pass that writes it began."""
    route = rise.version
    if route.kind != "VirtualService":
        return False
    specs = history.earlier(route, "SeldonDeployment", route.name)
    read = [spec for spec, later in pairwise(specs) if later.received >= route.received - PASS_SECONDS]
    return any(wanted_weights(spec).get(rise.predictor, 0) == rise.weight for spec in (*read, *specs[-1:]))


def weights_of(version: Version) -> dict[str, int]:
    return wanted_weights(version) if version.kind == "SeldonDeployment" else routed_weights(version)


def title(version: Version) -> str:
    return f"{version.kind} {version.name}@{version.revision}"


def first(life: Sequence[Version], phases: frozenset[str]) -> Version | None:
    return next((version for version in life if phase(version) in phases), None)


def split_of(weights: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {weight}" for name, weight in weights.items())
