"""The readiness gate: weights move only while every predictor's Deployment looks ready.

"Looks": the status of a Deployment is read as it is, without asking which generation it describes. Just after a
template change it still describes the old pods; whether the gate is then missed is a race in the real controller
and a switch here.
"""

import random
from dataclasses import dataclass

from lab.seldon_standin.objects import JsonObject, annotation
from lab.seldon_standin.settings import MISSED_GATE_ANNOTATION, MissedGate, Settings

# In 6 of 9 rollouts watched on the real controller, the gate was missed.
MISSED_SHARE = 6 / 9


@dataclass(frozen=True)
class Roll:
    """A template change the controller has just written: its generation, and the status from before."""

    generation: int
    missed: bool
    status_before: JsonObject


def chosen(sdep: JsonObject, settings: Settings) -> MissedGate:
    """Return the switch of this object: its annotation, else the setting."""
    return MissedGate(annotation(sdep, MISSED_GATE_ANNOTATION, settings.missed_gate))


def begin(written: JsonObject, status_before: JsonObject, switch: MissedGate, seed: int) -> Roll:
    """Decide, for a Deployment whose template was just written, whether its gate will be missed."""
    generation = written["metadata"]["generation"]
    missed = switch is MissedGate.MISS
    if switch is MissedGate.RANDOM:
        drawn = random.Random(f"{seed}/{written['metadata']['name']}/{generation}").random()
        missed = drawn < MISSED_SHARE
    return Roll(generation, missed, status_before)


def looks_ready(status: JsonObject) -> bool:
    """Return the real condition: some pod ready, none unavailable."""
    return bool(status.get("readyReplicas", 0) != 0 and status.get("unavailableReplicas", 0) == 0)


def status_seen(deployment: JsonObject, roll: Roll | None) -> JsonObject:
    """Return the status the gate looks at: a held roll shows nothing ready until its generation was observed."""
    status: JsonObject = deployment.get("status") or {}
    if roll is None:
        return status
    if roll.missed:
        return roll.status_before
    return {} if status.get("observedGeneration", 0) < roll.generation else status


def next_roll(deployment: JsonObject, roll: Roll | None) -> Roll | None:
    """Return what remains of a roll once the gate has looked: a miss happens once, a hold ends when observed."""
    if roll is None or roll.missed:
        return None
    observed = (deployment.get("status") or {}).get("observedGeneration", 0)
    return roll if observed < roll.generation else None
