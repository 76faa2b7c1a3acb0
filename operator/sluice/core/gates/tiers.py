"""The order of the gates: tier after tier, until one has a blocking gate that does not pass."""

from collections.abc import Callable, Sequence

from sluice.api.plan import Gate
from sluice.api.verdict import Severity, Verdict
from sluice.core.gates.finding import Finding, GateReason

Found = Sequence[tuple[Gate, Finding]]
"""What the gates came to, in their order in the plan."""


def in_tiers(gates: Sequence[Gate], look: Callable[[Gate], Finding]) -> Found:
    """Look at the gates in the order of their tiers; those of tiers that are not reached are not looked at."""
    found: dict[str, Finding] = {}
    for tier in sorted({gate.tier for gate in gates}):
        end = _end(gates, found)
        for gate in gates:
            if gate.tier == tier:
                found[gate.name] = end or look(gate)
    return tuple((gate, found[gate.name]) for gate in gates)


def _end(gates: Sequence[Gate], found: dict[str, Finding]) -> Finding | None:
    """Return why the tiers that are left are not judged; None when they are."""
    for gate in gates:
        seen = found.get(gate.name)
        if seen is not None and _blocks(gate, seen):
            text = f"not judged: {gate.name} in tier {gate.tier} did not pass ({seen.verdict})"
            return Finding(Verdict.NO_DATA, GateReason.NOT_REACHED, text)
    return None


def _blocks(gate: Gate, seen: Finding) -> bool:
    reached = seen.reason is not GateReason.NOT_REACHED
    return reached and gate.severity is Severity.BLOCKING and seen.verdict is not Verdict.PASS


def deciding(found: Found) -> Found:
    """Return the gates whose verdicts count: blocking ones that were reached."""
    return [
        (gate, seen)
        for gate, seen in found
        if gate.severity is Severity.BLOCKING and seen.reason is not GateReason.NOT_REACHED
    ]


def not_reached(found: Found) -> Found:
    """Return the gates of tiers that were not reached."""
    return [(gate, seen) for gate, seen in found if seen.reason is GateReason.NOT_REACHED]


def objecting(found: Found) -> Found:
    """Return the advisory gates that were judged and do not pass."""
    return [
        (gate, seen)
        for gate, seen in found
        if gate.severity is Severity.ADVISORY
        and seen.verdict is not Verdict.PASS
        and seen.reason is not GateReason.NOT_REACHED
    ]
