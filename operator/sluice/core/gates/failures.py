"""Models that raised errors on items: when so many did that a rule says nothing any more.

A failed item counts against its model. So a candidate is only harmed by its own failures, and helped by the champion's.
"""

from collections.abc import Iterator

from sluice.api.evaluation_result import Measurement
from sluice.api.plan import Gate
from sluice.api.verdict import Verdict
from sluice.core.gates import wording
from sluice.core.gates.finding import Finding, GateReason

FAIR_SHARE = 100
"""One in so many of what counts may have failed with the champion, and one always: what that gives the candidate is no
more than the margins of most plans. A champion that fails on more is broken, or was run where it cannot run."""

_CURE = "cure the errors that the report of the evaluation shows"


def unmeasured(measured: Measurement) -> Iterator[Finding]:
    """Yield why a candidate that failed on every item passes no rule; what it fails by that, it fails."""
    if measured.n and measured.candidate_failures >= measured.n:
        text = f"a candidate that answers no item was not measured: {_CURE}"
        yield Finding(Verdict.ERROR, GateReason.CANDIDATE_FAILED, text)


def unfair(gate: Gate, measured: Measurement) -> Finding | None:
    """Return why a comparison with the champion would be unfair to it; None where it is not.

    All its failures may be among what counts: items of one class, or queries.
    """
    failed, most = measured.champion_failures, max(1, measured.denominator // FAIR_SHARE)
    if not failed or (failed <= most and failed < measured.n):
        return None
    counted = f"{measured.denominator:,} {wording.items(gate)}"
    text = f"the champion failed on {failed:,} of {measured.n:,} items, a fair comparison of {counted} allows {most:,}"
    cure = f"{_CURE}, or have gates compare with nothing (min, max)"
    return Finding(Verdict.ERROR, GateReason.CHAMPION_FAILED, f"{text}: {cure}")
