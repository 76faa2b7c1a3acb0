"""The table of a gate's queries: those that count, with both models' values and where each begins."""

import pytest

from sluice.evaluation.query_table import query_table
from tests.unit.evaluation.builders import numbers, scored, wanted

QUERIES = [1, 0, 0, 1, 2, 2]
RELEVANCE = [1, 0, 2, 0, 0, 0]
BEST, WORST = numbers(4, 1, 3, 2, 9, 9), numbers(2, 3, 1, 4, 9, 9)


def test_a_row_a_query_that_has_something_relevant() -> None:
    table = query_table(wanted("mrr"), scored(RELEVANCE, WORST, BEST, queries=QUERIES))
    assert table is not None
    assert table.to_dict(as_series=False) == {
        "query": [0, 1],
        "item": [1, 0],
        "champion": [1.0, 1.0],
        "candidate": [0.5, 0.5],
    }


def test_a_query_with_a_failed_result_counts_nothing() -> None:
    table = query_table(
        wanted("recallAtK", {"k": "2"}), scored(RELEVANCE, numbers(4, None, 3, 2, 9, 9), queries=QUERIES)
    )
    assert table is not None
    assert table.to_dict(as_series=False) == {"query": [0, 1], "item": [1, 0], "candidate": [0.0, 1.0]}


@pytest.mark.parametrize(
    ("metric", "params"), [("mae", {}), ("accuracy", {}), ("shareOfQueriesDropping", {"by": "mrr"})]
)
def test_what_is_no_mean_over_queries_has_no_table(metric: str, params: dict[str, str]) -> None:
    assert query_table(wanted(metric, params), scored(RELEVANCE, BEST, WORST, queries=QUERIES)) is None
