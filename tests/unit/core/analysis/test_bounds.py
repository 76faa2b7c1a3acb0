"""Which bounds of a histogram a pass waits for."""

import pytest

from sluice.core.analysis.bounds import passing
from sluice.core.analysis.counts import Counts


def exceeded(**shares: float) -> dict[str, Counts]:
    """Return what 100,000 stable requests showed: the share that exceeds each bound."""
    return {bound: Counts(0, 1000, 100_000 * share, 100_000) for bound, share in shares.items()}


@pytest.mark.parametrize(
    ("totals", "want"),
    [
        pytest.param(exceeded(a=0.5, b=0.05), ("a", "b"), id="common bounds"),
        pytest.param(exceeded(a=0.5, b=0.01, c=0.009, d=0.001), ("a", "b"), id="a rare tail is not waited for"),
        pytest.param(exceeded(a=0.5, b=0.0), ("a", "b"), id="a bound that nothing exceeds: the floor decides"),
        pytest.param(exceeded(a=0.009, b=0.002), ("a", "b"), id="only rare tails: better all than none"),
        pytest.param(exceeded(only=0.002), ("only",), id="a metric of one channel"),
        pytest.param({"a": Counts()}, ("a",), id="nothing seen yet"),
    ],
)
def test_passing(totals: dict[str, Counts], want: tuple[str, ...]) -> None:
    assert passing(totals) == want
