"""The init container: where it fetches from, and that it fails when there is nothing."""

import json
import tarfile
import threading
import urllib.parse
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from typing_extensions import override

from lab.seldon_standin.initializer import main

TREE = {"MLmodel": b"flavors: {}", "data/model.pkl": b"\x00\x01", "data/deep er/code.py": b"pass"}
ROOT = "1/models/m-7/artifacts"
PROXY = "/api/2.0/mlflow-artifacts/artifacts"


class Server(ThreadingHTTPServer):
    """Serves the tree, and an archive."""

    archive: bytes

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.server_port}"


class Proxy(BaseHTTPRequestHandler):
    """MLflow's artifact proxy: lists with paths relative to what was asked, and gives files."""

    def do_GET(self) -> None:
        address = urllib.parse.urlsplit(self.path)
        query = urllib.parse.parse_qs(address.query)
        if address.path == "/model.tar.gz":
            assert isinstance(self.server, Server)
            self._answer(200, self.server.archive)
        elif address.path == PROXY:
            self._answer(200, json.dumps(_listing(query["path"][0])).encode())
        else:
            file = urllib.parse.unquote(address.path.removeprefix(f"{PROXY}/{ROOT}/"))
            self._answer(200 if file in TREE else 404, TREE.get(file, b"{}"))

    def _answer(self, code: int, body: bytes) -> None:
        self.send_response(code)
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def _listing(folder: str) -> dict[str, list[dict[str, object]]]:
    below = folder.removeprefix(ROOT).strip("/")
    prefix = f"{below}/" if below else ""
    names = {file.removeprefix(prefix).split("/")[0] for file in TREE if file.startswith(prefix)}
    inside = folder.startswith(ROOT)
    return {"files": [{"path": name, "is_dir": prefix + name not in TREE} for name in sorted(names) if inside]}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """One that serves the tree."""
    _write(tmp_path / "tree")
    with tarfile.open(tmp_path / "model.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "tree", arcname=".")
    with Server(("127.0.0.1", 0), Proxy) as running:
        running.archive = (tmp_path / "model.tar.gz").read_bytes()
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def _write(folder: Path) -> None:
    for name, content in TREE.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def _files(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(f"mlflow-artifacts://{{server}}/{ROOT}", id="MLflow's artifact proxy"),
        pytest.param("http://{server}/model.tar.gz", id="an archive by HTTP"),
        pytest.param("file://{folder}/tree", id="a folder"),
    ],
)
def test_it_fetches_the_whole_tree_from(source: str, server: Server, tmp_path: Path) -> None:
    target = tmp_path / "mnt"

    assert main([source.format(server=server.address, folder=tmp_path), str(target)]) == 0
    assert _files(target) == TREE


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("mlflow-artifacts://{server}/1/models/none/artifacts", id="an artifact that does not exist"),
        pytest.param("http://{server}/none.tar.gz", id="an archive that does not exist"),
        pytest.param("file:///no/such/folder", id="a folder that does not exist"),
        pytest.param("pigeon://coop/1", id="a kind of source that does not exist"),
    ],
)
def test_it_fails_for(source: str, server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([source.format(server=server.address), str(tmp_path / "mnt")]) == 1
    assert "nothing fetched from" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        pytest.param("../elsewhere", tarfile.REGTYPE, id="a path that leads out"),
        pytest.param("link", tarfile.SYMTYPE, id="a link"),
    ],
)
def test_an_archive_may_hold_files_only_and_all_inside(
    name: str, kind: bytes, server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, "/etc"
    with tarfile.open(tmp_path / "model.tar.gz", "w:gz") as archive:
        archive.addfile(entry)
    server.archive = (tmp_path / "model.tar.gz").read_bytes()

    assert main([f"http://{server.address}/model.tar.gz", str(tmp_path / "mnt")]) == 1
    assert repr(name) in capsys.readouterr().err
    assert not (tmp_path / "elsewhere").exists()


def test_it_wants_a_source_and_a_destination(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "SRC DEST" in capsys.readouterr().err
