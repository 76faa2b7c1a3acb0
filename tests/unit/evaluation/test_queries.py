"""Queries of a ranking: whole before any model is loaded."""

from pathlib import Path

import polars as pl
import pytest

from sluice.api.evaluation_spec import EvaluationSpec
from sluice.evaluation.failure import EvaluationFailure
from sluice.evaluation.inputs import gather
from sluice.evaluation.places import Places
from sluice.evaluation.registry import RegistryClient
from tests.unit.evaluation.builders import DIGEST, source_of

RESULTS = pl.DataFrame(
    {
        "label": [1, 0, 0, 1, 1, 0],
        "query": ["a", "a", "b", "b", "c", "c"],
        "user": [7, 7, 8, 8, 7, 7],
        "shop": ["x", "y", "x", "x", "y", "x"],
    }
)


def order(folder: Path, metric: str, cluster: str) -> EvaluationSpec:
    """Return an order with one gate on results that lie on a volume."""
    place = folder / "volumes" / "shared" / "results.parquet"
    place.parent.mkdir(parents=True)
    RESULTS.write_parquet(place)
    known = source_of(place).model_dump(by_alias=True) | {"uri": "pvc://shared/results.parquet"}
    return EvaluationSpec.model_validate(
        {
            "trackingUri": "http://127.0.0.1:9",
            "identity": {"candidateUid": "uid-1", "attempt": 1},
            "candidate": {"name": "m", "version": "1", "uri": "mlflow-artifacts:/m", "digest": DIGEST},
            "datasets": [known | {"query": "query", "cluster": cluster}],
            "measurements": [{"name": "gate", "metric": metric, "dataset": "holdout", "level": 0.95}],
        }
    )


@pytest.mark.parametrize(
    ("metric", "cluster", "want"),
    [
        pytest.param("mrr", "user", "", id="each query is of one user"),
        pytest.param("mrr", "query", "", id="each query is of itself"),
        pytest.param("accuracy", "shop", "", id="no gate on a ranking"),
        pytest.param(
            "mrr",
            "shop",
            "ClusterTearsQuery spec.evaluation.datasets[holdout].columns.cluster: data set holdout has 2 queries with "
            "results in more than one cluster by 'shop': name a column that is one for all results of a query, or "
            "none: queries are drawn whole as it is",
            id="two queries in two shops",
        ),
    ],
)
def test_clusters_do_not_tear_queries(metric: str, cluster: str, want: str, tmp_path: Path) -> None:
    spec = order(tmp_path, metric, cluster)
    places = Places(spec, RegistryClient(spec.tracking_uri), volumes=tmp_path / "volumes")
    try:
        gather(spec, places, tmp_path / "scratch")
        said = ""
    except EvaluationFailure as failure:
        said = f"{failure.reason} {failure.field}: {failure.message}"
    assert said == want
