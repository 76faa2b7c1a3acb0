"""The registry as the Job meets it: what is not there is told from what gives no answer, whatever a URI is called."""

import json
import threading
import urllib.parse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from typing_extensions import override

from sluice.adapters.model_folder import folder_digest
from sluice.api.evaluation_spec import Limits, ModelInput
from sluice.evaluation.failure import EvaluationFailure
from sluice.evaluation.registry import RegistryClient
from tests.support.mlflow_server import free_port

PROXY = "/api/2.0/mlflow-artifacts/artifacts"
MODEL: Mapping[str, bytes] = {"MLmodel": b"flavors: {}", "data/model.pkl": b"\x00\x01"}
TREE = {f"404/m-404/artifacts/{name}": content for name, content in MODEL.items()} | {"sets/404.csv": b"text,label\n"}
PIECE = 1 << 20
FIELD = "spec.evaluation.datasets[holdout].uri"


@dataclass
class Kept:
    """What the registry has, and where it gives other answers than it should."""

    files: dict[str, bytes]
    folder: Path
    """Where artifacts are fetched to."""
    listing: int = 200
    reading: int = 200
    untold: bool = False
    """It tells no sizes at all."""
    url: str = ""
    sent: int = 0
    """Bytes of files that were sent."""


class Server(ThreadingHTTPServer):
    """A registry."""

    kept: Kept

    @override
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that went away."""


class Handler(BaseHTTPRequestHandler):
    """MLflow's artifact proxy: it lists folders and gives files; of empty files it tells no size."""

    def do_GET(self) -> None:
        assert isinstance(self.server, Server)
        kept, address = self.server.kept, urllib.parse.urlsplit(self.path)
        if address.path.endswith("/artifacts") and address.query:
            folder = urllib.parse.parse_qs(address.query)["path"][0]
            self._answer(kept.listing, json.dumps({"files": list(_listed(kept, folder))}).encode())
        elif address.path.startswith(f"{PROXY}/"):
            name = urllib.parse.unquote(address.path.removeprefix(f"{PROXY}/"))
            self._answer(kept.reading if name in kept.files else 404, kept.files.get(name, b"{}"))
        else:
            self._answer(404, b"{}")

    def _answer(self, code: int, body: bytes) -> None:
        assert isinstance(self.server, Server)
        self.send_response(code)
        self.end_headers()
        for start in range(0, len(body), PIECE):
            self.wfile.write(body[start : start + PIECE])
            self.server.kept.sent += len(body[start : start + PIECE])

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def _listed(kept: Kept, folder: str) -> Iterator[dict[str, object]]:
    inside = {
        name.removeprefix(f"{folder}/"): body for name, body in kept.files.items() if name.startswith(f"{folder}/")
    }
    for name in sorted({name.partition("/")[0] for name in inside}):
        size = {"file_size": str(len(inside[name]))} if inside.get(name) and not kept.untold else {}
        yield {"path": name, "is_dir": name not in inside, **size}


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Kept]:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with Server(("127.0.0.1", 0), Handler) as server:
        server.kept = Kept(files=dict(TREE), folder=tmp_path, url=f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server.kept
        server.shutdown()


def model(path: str, folder: Path) -> ModelInput:
    """Return the model that lies at a path of the registry, as the order pins it."""
    for name, content in MODEL.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return ModelInput(name="m", version="1", uri=f"mlflow-artifacts:/{path}", digest=folder_digest(folder))


def fetched(kept: Kept, path: str, limits: Limits | None = None) -> tuple[str, str]:
    """Fetch a data set (a path with an ending) or a model; return reason and field of what goes wrong, if it does."""
    client = RegistryClient(kept.url, limits or Limits())
    try:
        if Path(path).suffix:
            client.file(f"mlflow-artifacts:/{path}", kept.folder / "to", field=FIELD)
        else:
            client.model(model(path, kept.folder / "as pinned"), kept.folder / "to", arm="candidate")
    except EvaluationFailure as failure:
        return failure.reason, failure.field
    return "", ""


@pytest.mark.parametrize(
    ("path", "want"),
    [
        pytest.param("404/m-404/artifacts", ("", ""), id="a model that is there"),
        pytest.param("sets/404.csv", ("", ""), id="a file that is there"),
        pytest.param("404/m-405/artifacts", ("ArtifactMissing", "candidate"), id="no such model"),
        pytest.param("sets/gone.csv", ("ArtifactMissing", FIELD), id="no such file in its folder"),
        pytest.param("gone/holdout.csv", ("ArtifactMissing", FIELD), id="no such folder"),
    ],
)
def test_what_is_not_there_is_missing(kept: Kept, path: str, want: tuple[str, str]) -> None:
    assert fetched(kept, path) == want


@pytest.mark.parametrize("path", ["404/m-404/artifacts", "sets/404.csv"])
@pytest.mark.parametrize(
    ("answers", "want"),
    [
        pytest.param({"listing": 404}, "ArtifactMissing", id="it says that there is nothing"),
        pytest.param({"listing": 500}, "RegistryUnavailable", id="it lists nothing"),
        pytest.param({"listing": 403}, "RegistryUnavailable", id="it refuses to list"),
        pytest.param({"reading": 500}, "RegistryUnavailable", id="it lists, and gives nothing"),
    ],
)
def test_what_it_answers_counts_not_what_the_uri_is_called(
    kept: Kept, path: str, answers: Mapping[str, int], want: str
) -> None:
    for what, status in answers.items():
        setattr(kept, what, status)

    assert fetched(kept, path)[0] == want


@pytest.mark.parametrize("path", ["404/m-404/artifacts", "sets/404.csv"])
def test_a_refused_connection_is_tried_again_whatever_the_uri_is_called(kept: Kept, path: str) -> None:
    kept.url = f"http://127.0.0.1:{free_port()}"

    assert fetched(kept, path) == ("RegistryUnavailable", "")


@pytest.mark.parametrize("untold", [pytest.param(False, id="sizes are told"), pytest.param(True, id="no size is told")])
@pytest.mark.parametrize(
    ("path", "most", "want"),
    [
        pytest.param("404/m-404/artifacts", 13, ("", ""), id="a model at the limit"),
        pytest.param("404/m-404/artifacts", 12, ("ModelTooLarge", "candidate"), id="a model of one byte more"),
        pytest.param("sets/404.csv", 11, ("", ""), id="a file at the limit"),
        pytest.param("sets/404.csv", 10, ("FileTooLarge", FIELD), id="a file of one byte more"),
    ],
)
def test_what_is_too_large_is_not_fetched_whether_its_size_is_told_or_not(
    kept: Kept, path: str, most: int, want: tuple[str, str], *, untold: bool
) -> None:
    kept.untold = untold

    assert fetched(kept, path, Limits(model_bytes=most, dataset_bytes=most)) == want
    assert (kept.folder / "to").exists() is (want == ("", ""))


def test_an_empty_file_whose_size_is_not_told_takes_no_room(kept: Kept) -> None:
    kept.files["sets/none.csv"] = b""

    assert fetched(kept, "sets/none.csv", Limits(dataset_bytes=1)) == ("", "")


def test_a_file_whose_size_is_not_told_is_not_read_beyond_the_limit(kept: Kept) -> None:
    kept.untold, kept.files["sets/huge.csv"] = True, bytes(100 << 20)

    assert fetched(kept, "sets/huge.csv", Limits(dataset_bytes=1 << 20))[0] == "FileTooLarge"
    assert kept.sent < 50 << 20
