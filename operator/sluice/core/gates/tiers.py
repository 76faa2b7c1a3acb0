"""The order of gates and suites: tier after tier, until one has a blocking check that does not pass."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from sluice.api.plan import Gate
from sluice.api.suite import Suite
from sluice.api.verdict import Severity, Verdict
from sluice.core.gates.finding import Finding, GateReason

Check: TypeAlias = Gate | Suite
"""What has a name, a severity, a tier and a verdict."""
Found = Sequence[tuple[Check, Finding]]
"""What gates and suites came to, in their order in the plan."""


def in_tiers(checks: Sequence[Check], look: Callable[[Check], Finding]) -> Found:
    """Look at the checks in the order of their tiers; those of tiers that are not reached are not looked at."""
    found: dict[str, Finding] = {}
    for tier in sorted({check.tier for check in checks}):
        end = _end(checks, found)
        for check in checks:
            if check.tier == tier:
                found[check.name] = end or look(check)
    return tuple((check, found[check.name]) for check in checks)


def _end(checks: Sequence[Check], found: dict[str, Finding]) -> Finding | None:
    """Return why the tiers that are left are not judged; None when they are."""
    for check in checks:
        seen = found.get(check.name)
        if seen is not None and _blocks(check, seen):
            text = f"not judged: {check.name} in tier {check.tier} did not pass ({seen.verdict})"
            return Finding(Verdict.NO_DATA, GateReason.NOT_REACHED, text)
    return None


def _blocks(check: Check, seen: Finding) -> bool:
    reached = seen.reason is not GateReason.NOT_REACHED
    return reached and check.severity is Severity.BLOCKING and seen.verdict is not Verdict.PASS


def deciding(found: Found) -> Found:
    """Return the checks whose verdicts count: blocking ones that were reached."""
    return [
        (check, seen)
        for check, seen in found
        if check.severity is Severity.BLOCKING and seen.reason is not GateReason.NOT_REACHED
    ]


def not_reached(found: Found) -> Found:
    """Return the checks of tiers that were not reached."""
    return [(check, seen) for check, seen in found if seen.reason is GateReason.NOT_REACHED]


def objecting(found: Found) -> Found:
    """Return the advisory checks that were judged and do not pass."""
    return [
        (check, seen)
        for check, seen in found
        if check.severity is Severity.ADVISORY
        and seen.verdict is not Verdict.PASS
        and seen.reason is not GateReason.NOT_REACHED
    ]
