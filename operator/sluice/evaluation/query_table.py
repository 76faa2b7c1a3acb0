"""The table of a gate's queries: what each comes to with each model, to see who gains and who loses.

`query` is its number from 0, as in the table of items, and `item` that of its first item.
"""

import polars as pl

from sluice.api.evaluation_spec import MeasurementWanted
from sluice.api.offline_metric import FACTS, OfflineMetric
from sluice.evaluation.measuring import Scored, answers_of, metric_of
from sluice.evaluation.outcomes import Sums
from sluice.evaluation.queries import counted


def query_table(wanted: MeasurementWanted, scored: Scored) -> pl.DataFrame | None:
    """Return a row a query that counts; None for a metric that is no mean over queries."""
    if "query" not in FACTS[OfflineMetric(wanted.metric)].columns:
        return None
    columns = {}
    for arm, scores in (("champion", scored.champion), ("candidate", scored.candidate)):
        if scores is not None:
            outcome = metric_of(wanted)(answers_of(wanted, scored, arm, scores), wanted.params)
            if not isinstance(outcome, Sums) or outcome.values is None:
                return None
            columns[arm] = outcome.values
    queries, items = counted(answers_of(wanted, scored, "candidate", scored.candidate))
    return pl.DataFrame({"query": queries, "item": items, **columns})
