"""The arithmetic and the page of the benchmarks; what they measure is in docs/explanation/figures.md."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks import distribution, figures
from benchmarks.healthy import result


@pytest.mark.parametrize(
    ("values", "rank", "want"),
    [
        pytest.param([3, 1, 2], 50, 2, id="the middle one"),
        pytest.param([1, 2], 50, 1, id="of two the smaller"),
        pytest.param([7], 99, 7, id="one alone"),
        pytest.param(range(1, 101), 99, 99, id="all but one of a hundred"),
        pytest.param(range(1, 33), 99, 32, id="of few the largest"),
    ],
)
def test_a_percentile_is_a_value_that_was_measured(values: Sequence[float], rank: float, want: float) -> None:
    assert distribution.percentile(values, rank) == want


def test_a_section_is_replaced_where_it_stands_and_others_are_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "figures.md"
    for name, text in (("a", "old"), ("b", "kept"), ("a", r"new \1")):
        figures.record(name, f"Of {name}", text, {"said": text}, page=page)
    _, _, sections = page.read_text(encoding="utf-8").partition("<!-- begin a -->")
    wanted = "\n## Of a\n\nnew \\1\n<!-- end a -->\n\n<!-- begin b -->\n## Of b\n\nkept\n<!-- end b -->\n"
    assert sections == wanted
    assert (tmp_path / "figures/a.json").read_text(encoding="utf-8") == '{\n "said": "new \\\\1"\n}\n'


def test_the_stub_serves_both_arms_at_the_share_of_the_step() -> None:
    query = 'requests_seconds_count{namespace="team",deployment_name="shop",service="predictions"}[90s]'
    found = {
        (one["metric"]["predictor_name"], one["metric"]["code"]): int(one["values"][-1][1]) - int(one["values"][0][1])
        for one in result(query, 1_700_100_000.0, {"team/shop": "c-1"})
    }
    assert set(found) == {("main", "200"), ("main", "500"), ("c-1", "200"), ("c-1", "500")}
    assert 18 <= found["main", "200"] / found["c-1", "200"] <= 20
