"""Model ids become version numbers."""

from __future__ import annotations

from typing import Any

import pytest

from lab.loadgen.names import numbered


@pytest.mark.parametrize(
    ("found", "want"),
    [
        pytest.param({}, {}, id="a model without versions"),
        pytest.param(
            {"model_versions": [{"source": "models:/m-a", "version": "2"}, {"source": "models:/m-b", "version": "1"}]},
            {"m-a": "2", "m-b": "1"},
            id="each version by the model it was made from",
        ),
    ],
)
def test_numbered(found: dict[str, Any], want: dict[str, str]) -> None:
    assert numbered(found) == want
