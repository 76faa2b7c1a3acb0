"""How many items it would take: against published figures."""

from decimal import Decimal

import pytest

from sluice.api.evaluation_result import Measurement
from sluice.core.gates.power import items_for_difference, items_for_share
from tests.support.evaluations import estimate, measurement

PAIRS_TEN_PERCENT = {"both": 600, "candidateOnly": 50, "championOnly": 50, "neither": 300, "pValue": 1.0}


@pytest.mark.parametrize(
    ("share", "limit", "want"),
    [
        pytest.param(0.0, "0.001", 2995, id="none seen, at most 0.1 %: the exact bound"),
        pytest.param(0.0, "0.01", 299, id="none seen, at most 1 %"),
        pytest.param(1.0, "0.99", 299, id="all right, at least 99 %"),
        pytest.param(0.5, "0.5", None, id="at the limit no number helps"),
        pytest.param(0.5, "0.50000001", None, id="nor does one that nobody can label"),
        pytest.param(0.9, "0.88", 1392, id="a share in between: the z-test"),
    ],
)
def test_items_for_a_share(share: float, limit: str, want: int | None) -> None:
    assert items_for_share(share, Decimal(limit), 0.95) == want


@pytest.mark.parametrize(
    ("limit", "published"),
    [
        pytest.param("0.01", 6174, id="1 point at 10 % discordance"),
        pytest.param("0.02", 1542, id="2 points"),
        pytest.param("0.05", 245, id="5 points"),
    ],
)
def test_items_for_a_paired_difference(limit: str, published: int) -> None:
    measured = Measurement.model_validate(measurement(pairs=PAIRS_TEN_PERCENT, difference=estimate(0, -0.1, 0.1)))
    found = items_for_difference(measured, 0.0, Decimal(limit))

    assert found == pytest.approx(published, rel=0.015)


def test_without_counts_the_models_count_as_independent() -> None:
    measured = Measurement.model_validate(measurement(difference=estimate(0, -0.1, 0.1)))
    paired = Measurement.model_validate(measurement(pairs=PAIRS_TEN_PERCENT, difference=estimate(0, -0.1, 0.1)))
    needed = [items_for_difference(one, 0.0, Decimal("0.02")) for one in (measured, paired)]

    assert needed == [6985, 1546]
