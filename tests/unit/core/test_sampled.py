"""How often the samples of a look come, in words."""

from typing import Any

import pytest

from sluice.api.conditions import Reason
from sluice.core.analysis.samples import Series
from sluice.core.sampled import told
from sluice.core.target import Problem
from tests.support.observations import NOW, observed

SAMPLES = (Series({}, tuple((NOW.timestamp() - 2 - 15 * back, 0.0) for back in reversed(range(10)))),)


@pytest.mark.parametrize(
    ("samples", "want"),
    [
        pytest.param(SAMPLES, "every 15 s, 2 s behind", id="what was measured"),
        pytest.param((), "", id="nothing without samples"),
        pytest.param(Problem(reason=Reason.NO_DATA, message="away"), "", id="nothing without an answer"),
    ],
)
def test_interval_and_lag_in_words(samples: Any, want: str) -> None:
    assert told(observed(samples=samples), "errors") == want
