"""Seldon's facts about the executor: what it asks the model, and what its metrics say of each outcome."""

import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.images import programs
from tests.cluster.standin.executor import CLIENT, SERVER, Executor, Model, executor, model

BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, float("inf")]
PREDICTIONS = "/api/v1.0/predictions"


@pytest.fixture(scope="session")
def program() -> Path:
    return programs.seldon_executor(print)


@pytest.fixture
def served() -> Iterator[Model]:
    with model() as running:
        yield running


@pytest.fixture
def engine(program: Path, tmp_path: Path, served: Model) -> Iterator[Executor]:
    with executor(program, tmp_path, served.port) as running:
        yield running


@pytest.mark.parametrize("version", ["v0.1", "v1.0"])
def test_predictions_of_both_versions_are_asked_of_the_model_at_predict(
    engine: Executor, served: Model, version: str
) -> None:
    answer = engine.post(f"/api/{version}/predictions", '{"data": {"ndarray": [["long"]]}}')

    assert answer == (200, '{"answer": "of the model"}')
    assert (served.asked, served.bodies) == (["/predict"], [b'{"data": {"ndarray": [["long"]]}}'])


def test_before_the_first_request_there_is_no_series(engine: Executor) -> None:
    assert engine.samples(f"{SERVER}_count") == {}
    assert engine.samples(f"{CLIENT}_count") == {}


def test_a_series_appears_with_the_first_request_of_its_code(engine: Executor, served: Model) -> None:
    engine.post(PREDICTIONS)
    before = engine.counts(SERVER, "code")
    served.code = 500
    engine.post(PREDICTIONS)

    assert before == {("200",): 1}
    assert engine.counts(SERVER, "code") == {("200",): 1, ("500",): 1}


def test_the_server_histogram_has_the_documented_labels(engine: Executor) -> None:
    engine.post(PREDICTIONS)

    labels = {
        "deployment_name": "sentiment",
        "predictor_name": "candidate",
        "predictor_version": "",
        "service": "predictions",
        "method": "post",
        "code": "200",
    }
    assert engine.samples(f"{SERVER}_count") == {frozenset(labels.items()): 1}


def test_the_server_histogram_has_the_documented_buckets(engine: Executor) -> None:
    engine.post(PREDICTIONS)

    bounds = [dict(labels)["le"] for labels in engine.samples(f"{SERVER}_bucket")]
    assert sorted(float(bound) for bound in bounds) == BUCKETS
    assert len(engine.samples(f"{SERVER}_sum")) == 1


def test_the_client_histogram_adds_the_models_name_image_and_version(engine: Executor) -> None:
    engine.post(PREDICTIONS)

    assert engine.counts(CLIENT, "model_name", "model_image", "model_version", "service") == {
        ("classifier", "registry/model", "7", "/predict"): 1
    }


def test_feedback_status_and_metadata_are_services_of_their_own(engine: Executor) -> None:
    engine.post("/api/v1.0/feedback")
    engine.get("/api/v1.0/health/status")

    assert engine.counts(SERVER, "service") == {("feedback",): 1, ("status",): 1}


def test_the_models_own_code_reaches_the_client_and_both_histograms(engine: Executor, served: Model) -> None:
    served.code = 500

    assert engine.post(PREDICTIONS) == (500, '{"answer": "of the model"}')
    assert engine.counts(SERVER, "code") == engine.counts(CLIENT, "code") == {("500",): 1}


def test_a_refused_connection_is_code_500_in_the_server_histogram_only(program: Path, tmp_path: Path) -> None:
    with executor(program, tmp_path, model_port=1) as engine:
        code, text = engine.post(PREDICTIONS)

        assert code == 500
        assert "refused" in text
        assert engine.counts(SERVER, "code") == {("500",): 1}
        assert engine.samples(f"{CLIENT}_count") == {}


def test_a_timeout_by_annotation_is_code_500_in_the_server_histogram_only(
    program: Path, tmp_path: Path, served: Model
) -> None:
    served.seconds = 0.5
    with executor(program, tmp_path, served.port, 'seldon.io/rest-timeout="100"\n') as engine:
        assert engine.post(PREDICTIONS)[0] == 500
        assert engine.counts(SERVER, "code") == {("500",): 1}
        assert engine.samples(f"{CLIENT}_count") == {}


def test_without_the_annotation_there_is_no_timeout(engine: Executor, served: Model) -> None:
    served.seconds = 0.5

    assert engine.post(PREDICTIONS)[0] == 200


def test_counters_start_again_with_the_process(program: Path, tmp_path: Path, served: Model) -> None:
    for _ in range(2):
        with executor(program, tmp_path, served.port) as engine:
            engine.post(PREDICTIONS)
            assert engine.counts(SERVER, "code") == {("200",): 1}


def test_it_is_ready_when_the_models_port_is_open_and_alive_in_any_case(program: Path, tmp_path: Path) -> None:
    with model() as served, executor(program, tmp_path, served.port) as engine:
        assert engine.get("/ready")[0] == 200
    with executor(program, tmp_path, model_port=1) as engine:
        assert engine.get("/ready")[0] == 503
        assert engine.get("/live")[0] == 200


def test_told_to_stop_it_lets_open_requests_end(engine: Executor, served: Model) -> None:
    served.seconds = 0.5
    answers: list[tuple[int, str]] = []
    client = threading.Thread(target=lambda: answers.append(engine.post(PREDICTIONS)))
    client.start()
    while not served.asked:
        pass

    engine.process.send_signal(signal.SIGTERM)
    client.join()

    assert [code for code, _ in answers] == [200]
    assert engine.process.wait(timeout=30) == 0
