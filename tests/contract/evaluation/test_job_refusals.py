"""What the evaluation Job refuses, on a real MLflow server: with reason, field and cure."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from sluice.core.artifact_digest import artifact_digest
from sluice.evaluation.job import run
from tests.contract.evaluation.conftest import ZERO, Json, Orders, parquet, stored
from tests.support.challenges import case, lines, manifest

pytestmark = pytest.mark.filterwarnings("ignore")  # models and MLflow may warn as they like: the Job goes on

DATA = "spec.evaluation.datasets[holdout]"
GATE = "spec.evaluation.gates[gate]"


def unloadable(orders: Orders, **columns: str) -> Json:
    """Return a model that nobody can load, and that says which columns it reads."""
    inputs = json.dumps([{"name": name, "type": kind, "required": True} for name, kind in columns.items()])
    flavours = {"python_function": {"loader_module": "mlflow.pyfunc.model", "python_model": "gone.pkl"}}
    return model_of(orders, flavors=flavours, signature={"inputs": inputs, "outputs": None})


def model_of(orders: Orders, **said: Any) -> Json:
    """Return a model of which there is only the file MLmodel, as an order names it."""
    content = json.dumps(said).encode()
    name = hashlib.sha256(content).hexdigest()
    orders.server.put(f"models/{name}/MLmodel", content)
    uri, digest = f"mlflow-artifacts:/models/{name}", artifact_digest({"MLmodel": name})
    return {"name": "m", "version": "7", "uri": uri, "digest": digest}


@pytest.mark.parametrize(
    ("content", "fields", "want"),
    [
        pytest.param(
            b"PAR1 and garbage PAR1",
            {},
            ("DatasetUnreadable", DATA, "data set holdout is no readable Parquet file"),
            id="garbage",
        ),
        pytest.param(b"", {}, ("DatasetEmpty", DATA, "data set holdout is an empty file"), id="empty"),
        pytest.param(
            parquet(text=[], label=[]), {}, ("DatasetEmpty", DATA, "data set holdout has no rows"), id="no rows"
        ),
        pytest.param(
            parquet(text=["a"], target=["b"]),
            {},
            (
                "ColumnMissing",
                f"{DATA}.columns.label",
                "data set holdout has no column 'label': its columns are text, target",
            ),
            id="no label",
        ),
        pytest.param(
            parquet(text=["a", "b"], label=["x", None]),
            {},
            ("LabelMissing", f"{DATA}.columns.label", "data set holdout has 1 rows without a value in column 'label'"),
            id="a label is null",
        ),
        pytest.param(
            parquet(text=["a", "b"], label=[1.0, float("nan")]),
            {},
            ("LabelMissing", f"{DATA}.columns.label", "data set holdout has 1 rows without a value in column 'label'"),
            id="a label is not a number",
        ),
        pytest.param(
            parquet(words=["a"], label=["b"]),
            {},
            ("ColumnMissing", DATA, "data set holdout lacks columns that the candidate needs: text"),
            id="a column of the model's signature is missing",
        ),
        pytest.param(
            parquet(text=["a"], label=["b"]),
            {"digest": ZERO},
            ("DatasetDigestMismatch", DATA, "data set holdout has digest sha256:"),
            id="other bytes than pinned",
        ),
    ],
)
def test_bad_data_is_refused_with_field_and_cure(
    orders: Orders, content: bytes, fields: Json, want: tuple[str, str, str]
) -> None:
    """Before any model is loaded: this one cannot be."""
    data = stored(orders, "bad.parquet", content) | fields
    order = orders.order("good", datasets=[data]) | {"candidate": unloadable(orders, text="string")}

    assert error_of(orders, order, len(want[2])) == want


@pytest.mark.parametrize(
    ("gate", "content", "want"),
    [
        pytest.param(
            {"metric": "f1", "params": {"class": "Yes"}},
            parquet(text=["a", "b"], label=["yes", "no"]),
            ("OneClassOnly", GATE, "gate gate compares class 'Yes' with the others, and data set holdout has no item"),
            id="a slip of the pen in params.class",
        ),
        pytest.param(
            {"metric": "balancedAccuracy"},
            parquet(text=["a", "b"], label=["yes", "yes"]),
            ("OneClassOnly", GATE, "gate gate compares classes, and data set holdout has items of 'yes' only"),
            id="one class only",
        ),
        pytest.param(
            {"metric": "mae"},
            parquet(text=["a", "b"], label=["yes", "no"]),
            ("LabelNotNumeric", GATE, "gate gate needs numbers in column 'label' of data set holdout: it has text"),
            id="text where numbers are compared",
        ),
        pytest.param(
            {"metric": "mrr"},
            parquet(text=["a", "a"], label=[1, -1]),
            ("LabelInvalid", GATE, "gate gate needs relevance from 0 up in column 'label' of data set holdout"),
            id="relevance below nothing",
        ),
        pytest.param(
            {"metric": "accuracy"},
            parquet(text=["a"], label=["yes"], price=["cheap"]),
            ("ColumnType", DATA, "data set holdout has no numbers in columns where the champion needs them: price"),
            id="the champion needs a number where there is text",
        ),
        pytest.param(
            {
                "metric": "perturbationFlipRate",
                "params": {"perturbation": "Case", "column": "title"},
            },
            parquet(text=["a"], label=["yes"], title=["A"], price=[1.0]),
            ("ColumnUnused", f"{GATE}.params.column", "gate gate changes column 'title', which the candidate does not"),
            id="a changed column that the model does not read",
        ),
    ],
)
def test_what_a_gate_or_a_model_needs_is_missed_before_any_model_is_loaded(
    orders: Orders, gate: Json, content: bytes, want: tuple[str, str, str]
) -> None:
    order = orders.order(
        "good",
        datasets=[stored(orders, "unfit.parquet", content, query="text")],
        measurements=[{"name": "gate", "dataset": "holdout", "level": 0.95} | gate],
        champion=unloadable(orders, text="string", price="double"),
    )
    order["candidate"] = unloadable(orders, text="string")

    assert error_of(orders, order, len(want[2])) == want


def test_cases_without_what_a_model_reads_are_missed_before_it_is_loaded(orders: Orders) -> None:
    cases = [case("praise", text="great", expect="positive")]
    pinned = json.dumps(manifest(cases)).encode()
    orders.server.put("unfit/cases.jsonl", lines(*cases))
    uri = orders.server.put("unfit/manifest.json", pinned)
    digest = f"sha256:{hashlib.sha256(pinned).hexdigest()}"
    order = orders.order(
        "good",
        challengeSets=[{"name": "negation", "uri": uri, "digest": digest, "repeats": 1, "minPassRate": "1"}],
        datasets=[],
        measurements=[{"name": "gate", "metric": "passRate", "dataset": "negation", "level": 0.95}],
    )
    order["candidate"] = unloadable(orders, text="string", stars="long")
    want = (
        "ColumnMissing",
        "spec.evaluation.challengeSets[negation]",
        "challenge set negation lacks columns that the candidate needs: stars",
    )

    assert error_of(orders, order, len(want[2])) == want


def error_of(orders: Orders, order: Json, length: int) -> tuple[str, str, str]:
    """Return reason, field and the start of the message; identity is repeated in each."""
    words = run(orders.write(order))
    assert (words.run_id, words.candidate_uid, words.attempt) == (None, "uid-1", 2)
    assert words.error is not None
    return words.error.reason, words.error.field, words.error.message[:length]


@pytest.mark.parametrize(
    ("fields", "want"),
    [
        pytest.param(
            {"datasets": [{"name": "holdout", "uri": "mlflow-artifacts:/datasets/gone.parquet", "digest": ZERO}]},
            ("ArtifactMissing", f"{DATA}.uri", "mlflow-artifacts:/datasets/gone.parquet is not in the registry"),
            id="the data set is not there",
        ),
        pytest.param(
            {"candidate": {"name": "m", "version": "9", "uri": "mlflow-artifacts:/1/models/gone", "digest": ZERO}},
            ("ArtifactMissing", "candidate", "mlflow-artifacts:/1/models/gone is not in the registry"),
            id="the model is not there",
        ),
        pytest.param(
            {"measurements": [{"name": "a", "metric": "magic", "dataset": "holdout", "level": 0.95}]},
            ("MetricUnknown", "spec.evaluation.gates[a].metric", "metric magic is unknown to the evaluation image"),
            id="a metric that the image does not know",
        ),
        pytest.param(
            {"trackingUri": "http://127.0.0.1:9"},
            ("RegistryUnavailable", "", "the registry gave no usable answer (MlflowException)"),
            id="no registry: no field, so it is tried again",
        ),
    ],
)
def test_what_is_not_there_is_said(orders: Orders, fields: Json, want: tuple[str, str, str]) -> None:
    assert error_of(orders, orders.order("good") | fields, len(want[2])) == want


def test_another_artifact_than_the_pinned_one_is_not_loaded(orders: Orders) -> None:
    order = orders.order("good")
    order["candidate"]["digest"] = order["champion"]["digest"]

    assert error_of(orders, order, 41) == (
        "ModelDigestMismatch",
        "candidate",
        "the artifact of version 2 of review-senti",
    )


@pytest.mark.parametrize(
    ("flavours", "want"),
    [
        pytest.param(
            {"python_function": {"loader_module": "a_package_that_no_image_has"}},
            (
                "ModelPackageMissing",
                "candidate",
                (
                    "the candidate needs the package a_package_that_no_image_has, which the evaluation image does not"
                    " have: build an image that has it"
                ),
            ),
            id="a package that the image lacks",
        ),
        pytest.param(
            {"sklearn": {"pickled_model": "model.pkl"}},
            (
                "ModelFlavorMissing",
                "candidate",
                "the candidate has no flavor python_function, only sklearn: log it with a flavor that pyfunc loads",
            ),
            id="a flavour that pyfunc does not load",
        ),
        pytest.param(
            {"python_function": {"loader_module": "sluice.evaluation.loading"}},
            (
                "ModelLoadFailed",
                "candidate",
                "the candidate cannot be loaded with mlflow.pyfunc in the evaluation image (AttributeError",
            ),
            id="a loader that is none",
        ),
    ],
)
def test_a_model_that_does_not_load_gets_no_number(orders: Orders, flavours: Json, want: tuple[str, str, str]) -> None:
    order = orders.order("good") | {"candidate": model_of(orders, flavors=flavours)}

    assert error_of(orders, order, len(want[2])) == want


@pytest.mark.parametrize(
    ("limits", "want"),
    [
        pytest.param(
            {"modelBytes": 1000},
            ("ModelTooLarge", "candidate", "the artifact of version 2 of review-sentiment has "),
            id="a model",
        ),
        pytest.param({"datasetBytes": 1000}, ("FileTooLarge", f"{DATA}.uri", "mlflow-artifacts:/"), id="a data set"),
    ],
)
def test_what_is_too_large_is_refused_before_it_is_fetched(
    orders: Orders, limits: Json, want: tuple[str, str, str]
) -> None:
    data = orders.dataset(digest=ZERO) if "datasetBytes" in limits else orders.dataset()
    order = orders.order("good", datasets=[data], limits=limits)
    order["candidate"]["digest"] = ZERO  # of what was fetched, the digest would be found to be another

    assert error_of(orders, order, len(want[2])) == want
    words = run(orders.write(order)).error
    assert words is not None
    assert "allowed are 1,000: use a smaller one, or have the administrator allow more" in words.message


@pytest.mark.parametrize(
    ("content", "want"),
    [
        pytest.param(b"not JSON", "the order is invalid: document: Invalid JSON", id="not JSON"),
        pytest.param(b"{}", "the order is invalid: trackingUri: Field required", id="empty"),
    ],
)
def test_an_order_that_is_none_is_refused(tmp_path: Path, content: bytes, want: str) -> None:
    path = tmp_path / "order.json"
    path.write_bytes(content)
    error = run(path).error

    assert error is not None
    assert (error.reason, error.message[: len(want)]) == ("SpecInvalid", want)
