"""Models as people log them with MLflow: how their answers reach the metrics, and what is in the table of items."""

import hashlib
from pathlib import Path
from typing import Any

import mlflow
import mlflow.pyfunc
import mlflow.sklearn
import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import mean_absolute_error, roc_auc_score

from sluice.adapters.model_folder import folder_digest
from sluice.api.evaluation_spec import DatasetInput, EvaluationSpec, Identity, MeasurementWanted, ModelInput
from sluice.evaluation.evaluate import Evaluated, evaluate
from sluice.evaluation.items import table

pytestmark = pytest.mark.filterwarnings("ignore")  # MLflow may warn as it likes

DRAW = np.random.default_rng(1)
X = DRAW.normal(size=(300, 2))
CLASSES = np.where(X[:, 0] + DRAW.normal(size=300) > 0, "approve", "decline")
NUMBERS = X[:, 0] * 3 + DRAW.normal(size=300)
APPROVE = {"class": "approve"}


def saved(folder: Path, model: Any, **fields: Any) -> ModelInput:
    mlflow.sklearn.save_model(model, folder, serialization_format="cloudpickle", **fields)
    return ModelInput(name=folder.name, version="1", uri=str(folder), digest=folder_digest(folder))


def evaluated(
    tmp_path: Path, model: ModelInput, labels: Any, metric: str, cluster: str | None = None, **params: str
) -> Evaluated:
    data = tmp_path / "items.csv"
    pl.DataFrame({"a": X[:, 0], "b": X[:, 1], "label": labels}).write_csv(data)
    digest = f"sha256:{hashlib.sha256(data.read_bytes()).hexdigest()}"
    spec = EvaluationSpec(
        tracking_uri=f"sqlite:///{tmp_path}/mlflow.db",
        identity=Identity(candidate_uid="uid", attempt=1),
        candidate=model,
        champion=model,
        datasets=(DatasetInput(name="holdout", uri=str(data), digest=digest, cluster=cluster),),
        measurements=(MeasurementWanted(name="g", metric=metric, params=params, dataset="holdout", level=0.95),),
    )
    return evaluate(spec, tmp_path / "scratch")


def found(one: Evaluated) -> float:
    estimate = one.result.measurements[0].candidate
    assert estimate is not None
    return estimate.estimate


def test_a_classifier_logged_with_predict_proba_names_its_classes(tmp_path: Path) -> None:
    classifier = LogisticRegression().fit(X, CLASSES)
    model = saved(tmp_path / "model", classifier, pyfunc_predict_fn="predict_proba")
    one = evaluated(tmp_path, model, CLASSES, "rocAuc", **APPROVE)

    assert found(one) == pytest.approx(roc_auc_score(CLASSES == "approve", classifier.predict_proba(X)[:, 0]))
    assert table(one.scored["holdout"]).columns == [
        "item",
        "label",
        *("candidate", "candidate_score_approve", "candidate_score_decline"),
        *("champion", "champion_score_approve", "champion_score_decline"),
    ]
    assert table(one.scored["holdout"])["candidate"].to_list() == classifier.predict(X).tolist()


class Approval(mlflow.pyfunc.PythonModel):  # type: ignore[misc]  # MLflow has no types
    """A model that gives one probability an item."""

    def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:  # noqa: ARG002 -- MLflow's signature
        return 1 / (1 + np.exp(-model_input["a"].to_numpy()))


def test_one_probability_is_that_of_the_second_class_of_the_metadata(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    mlflow.pyfunc.save_model(folder, python_model=Approval(), metadata={"classes": ["decline", "approve"]})
    model = ModelInput(name="m", version="1", uri=str(folder), digest=folder_digest(folder))
    one = evaluated(tmp_path, model, CLASSES, "rocAuc", **APPROVE)

    assert found(one) == pytest.approx(roc_auc_score(CLASSES == "approve", X[:, 0]))
    assert table(one.scored["holdout"])["candidate"].to_list() == np.where(X[:, 0] >= 0, "approve", "decline").tolist()


def test_a_regression_gives_numbers(tmp_path: Path) -> None:
    regression = LinearRegression().fit(X, NUMBERS)
    one = evaluated(tmp_path, saved(tmp_path / "model", regression), NUMBERS, "mae")

    assert found(one) == pytest.approx(mean_absolute_error(NUMBERS, regression.predict(X)))
    assert table(one.scored["holdout"])["candidate_number"].to_numpy() == pytest.approx(regression.predict(X))


@pytest.mark.parametrize("cluster", [None, "b"])
def test_the_result_says_by_which_columns_it_was_measured(tmp_path: Path, cluster: str | None) -> None:
    model = saved(tmp_path / "model", LinearRegression().fit(X, NUMBERS))
    said = evaluated(tmp_path, model, NUMBERS, "mae", cluster=cluster).result.datasets[0]

    assert (said.label, said.query, said.cluster) == ("label", None, cluster)
