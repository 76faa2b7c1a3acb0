"""`ports.Registry`: the same cases on a real MLflow server and in memory."""

import asyncio
import hashlib
import itertools
import os
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import pytest
import requests

from sluice.adapters.memory_registry import MemoryRegistry
from sluice.adapters.mlflow import Endpoint, MlflowRegistry
from sluice.api.candidate import ModelRef, PinnedModel
from sluice.core.artifact_digest import artifact_digest
from sluice.ports import NotFound, Registry, Rejected, Unavailable
from tests.support import mlflow_server
from tests.support.mlflow_server import MlflowServer

FILES = {"MLmodel": b"flavors: {}", "data/weights.bin": bytes(range(256)) * 9000, "data/deep/er.txt": b""}
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def mlflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowServer]:
    """Return a server of our own: other tests may fill theirs."""
    with mlflow_server.running(tmp_path_factory.mktemp("registry")) as server:
        yield server


class Filled(Protocol):
    """Both kinds of registry, and how people fill them."""

    @property
    def registry(self) -> Registry: ...
    def register(self, name: str, version: str, files: Mapping[str, bytes], **tags: str) -> None: ...
    def alias(self, name: str, alias: str) -> str: ...
    def tag(self, name: str, version: str, key: str) -> str: ...
    def point(self, name: str, alias: str, version: str) -> None: ...
    def log(self, path: str, content: bytes) -> str: ...


class InMemory:
    def __init__(self, model_bytes: int = 1 << 30) -> None:
        self.memory = MemoryRegistry(model_bytes=model_bytes)

    @property
    def registry(self) -> Registry:
        return self.memory

    def register(self, name: str, version: str, files: Mapping[str, bytes], **tags: str) -> None:
        self.memory.register(name, version, files, **tags)

    def alias(self, name: str, alias: str) -> str:
        return self.memory.aliases[name, alias]

    def tag(self, name: str, version: str, key: str) -> str:
        return self.memory.tags[name, version][key]

    def point(self, name: str, alias: str, version: str) -> None:
        self.memory.aliases[name, alias] = version

    def log(self, path: str, content: bytes) -> str:
        self.memory.artifacts["run1", path] = content
        return "run1"


@dataclass
class OnServer:
    """A real MLflow, filled by its REST API."""

    server: MlflowServer
    timeout: float = 5.0
    model_bytes: int = 1 << 30
    registry: MlflowRegistry = field(init=False)

    def __post_init__(self) -> None:
        rewrites = (("mlflow-artifacts:/", "mlflow-artifacts://mlflow.mlflow:5000/"),)
        endpoint = Endpoint(
            name="default",
            uri=self.server.url,
            timeout_seconds=self.timeout,
            model_bytes=self.model_bytes,
            rewrites=rewrites,
        )
        self.registry = MlflowRegistry(endpoint)

    def register(self, name: str, version: str, files: Mapping[str, bytes], **tags: str) -> None:
        model = self.logged(files)
        if version == "1":
            self.call("POST", "registered-models/create", name=name)
        entries = [{"key": f"sluice.{key}", "value": value} for key, value in tags.items()]
        origin = {"source": f"models:/{model['model_id']}", "model_id": model["model_id"]}
        made = self.call("POST", "model-versions/create", name=name, tags=entries, **origin)
        assert made["model_version"]["version"] == version

    def logged(self, files: Mapping[str, bytes]) -> dict[str, str]:
        """Log a model with these files, as training code does; its versions are registered by its id."""
        made = self.call("POST", "logged-models", experiment_id="0", name="model")["model"]["info"]
        for path, content in files.items():
            self.server.put(f"{made['artifact_uri'].removeprefix('mlflow-artifacts:/')}/{path}", content)
        return dict(made)

    def alias(self, name: str, alias: str) -> str:
        return str(self.call("GET", "registered-models/alias", name=name, alias=alias)["model_version"]["version"])

    def tag(self, name: str, version: str, key: str) -> str:
        found = self.call("GET", "model-versions/get", name=name, version=version)["model_version"]["tags"]
        return str({one["key"]: one["value"] for one in found}[key])

    def point(self, name: str, alias: str, version: str) -> None:
        self.call("POST", "registered-models/alias", name=name, alias=alias, version=version)

    def log(self, path: str, content: bytes) -> str:
        run = self.call("POST", "runs/create", experiment_id="0")["run"]["info"]
        self.server.put(f"{run['artifact_uri'].removeprefix('mlflow-artifacts:/')}/{path}", content)
        return str(run["run_id"])

    def call(self, method: str, path: str, **fields: Any) -> dict[str, Any]:
        """Ask MLflow's REST API."""
        params, body = (fields, None) if method == "GET" else (None, fields)
        answer = requests.request(
            method, f"{self.server.url}/api/2.0/mlflow/{path}", timeout=30, params=params, json=body
        )
        assert answer.ok, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture(params=["MLflow", "memory"])
def filled(request: pytest.FixtureRequest) -> Iterator[Filled]:
    if request.param == "memory":
        yield InMemory()
        return
    made = OnServer(request.getfixturevalue("mlflow"))
    yield made
    made.registry.close()


@pytest.fixture
def on_server(mlflow: MlflowServer) -> Iterator[OnServer]:
    made = OnServer(mlflow)
    yield made
    made.registry.close()


@pytest.fixture
def name() -> str:
    return f"sentiment-{next(_numbers)}"


def digest(files: Mapping[str, bytes]) -> str:
    return artifact_digest({path: hashlib.sha256(content).hexdigest() for path, content in files.items()})


async def test_a_version_is_pinned_by_the_digest_of_its_files(filled: Filled, name: str) -> None:
    filled.register(name, "1", FILES, image="localhost/model:1")
    found = await filled.registry.resolve(ModelRef(name=name, version="1"))
    assert (found.registry, found.name, found.version) == ("default", name, "1")
    assert (found.digest, found.image) == (digest(FILES), "localhost/model:1")
    assert found.uri.startswith("mlflow-artifacts:/")
    assert found.serving_uri == found.uri.replace("mlflow-artifacts:/", "mlflow-artifacts://mlflow.mlflow:5000/")


@pytest.fixture(params=["MLflow", "memory"])
def small(request: pytest.FixtureRequest) -> Iterator[Filled]:
    """Return a registry that takes models of as many bytes as FILES have, and of no more."""
    most = sum(map(len, FILES.values()))
    if request.param == "memory":
        yield InMemory(most)
        return
    made = OnServer(request.getfixturevalue("mlflow"), model_bytes=most)
    yield made
    made.registry.close()


async def test_a_model_that_is_too_large_is_refused(small: Filled, name: str) -> None:
    small.register(name, "1", FILES)
    small.register(name, "2", FILES | {"data/one": b"1"})
    assert (await small.registry.resolve(ModelRef(name=name, version="1"))).digest == digest(FILES)
    with pytest.raises(Rejected, match="bytes") as refused:
        await small.registry.resolve(ModelRef(name=name, version="2"))
    assert refused.value.reason == "TooLarge"


async def test_a_model_of_four_gibibytes_is_refused_before_it_is_read(on_server: OnServer, name: str) -> None:
    on_server.register(name, "1", {"MLmodel": b"", "model.pkl": b""})
    uri = on_server.call("GET", "model-versions/get-download-uri", name=name, version="1")["artifact_uri"]
    os.truncate(on_server.server.artifacts / uri.removeprefix("mlflow-artifacts:/") / "model.pkl", 4 << 30)
    with pytest.raises(
        Rejected, match=r"4,294,967,296 bytes .*, allowed are 1,073,741,824: register a smaller version"
    ):
        await on_server.registry.resolve(ModelRef(name=name, version="1"))


async def test_an_alias_is_the_version_it_points_at_now(filled: Filled, name: str) -> None:
    filled.register(name, "1", FILES)
    filled.register(name, "2", {"MLmodel": b"other"})
    filled.point(name, "challenger", "2")
    found = await filled.registry.resolve(ModelRef(name=name, alias="challenger"))
    assert (found.version, found.digest) == ("2", digest({"MLmodel": b"other"}))


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param({"version": "9"}, id="a version"),
        pytest.param({"alias": "champion"}, id="an alias"),
        pytest.param({"name": "nobody", "version": "1"}, id="a model"),
        pytest.param({"name": "nobody", "alias": "champion"}, id="an alias of no model"),
    ],
)
async def test_what_is_not_registered_is_not_found(filled: Filled, name: str, wanted: dict[str, str]) -> None:
    filled.register(name, "1", FILES)
    with pytest.raises(NotFound):
        await filled.registry.resolve(ModelRef(**{"name": name, **wanted}))


async def test_the_outcome_is_noted_and_noting_it_twice_is_fine(filled: Filled, name: str) -> None:
    filled.register(name, "1", FILES)
    model = await filled.registry.resolve(ModelRef(name=name, version="1"))
    for _ in range(2):
        await filled.registry.tag(model, {"sluice.verdict": "Promoted", "sluice.candidate": "models/a"})
        await filled.registry.set_alias(model, "champion")
    assert (filled.alias(name, "champion"), filled.tag(name, "1", "sluice.verdict")) == ("1", "Promoted")
    assert (await filled.registry.resolve(ModelRef(name=name, alias="champion"))).digest == model.digest


async def test_noting_on_a_version_that_is_gone_is_not_found(filled: Filled, name: str) -> None:
    gone = PinnedModel(registry="default", name=name, version="1", digest=digest(FILES), uri="mlflow-artifacts:/1")
    with pytest.raises(NotFound):
        await filled.registry.tag(gone, {"sluice.verdict": "Rejected"})
    with pytest.raises(NotFound):
        await filled.registry.set_alias(gone, "champion")


HOLDOUT, SPARE = "sha256:" + "e" * 64, "sha256:" + "f" * 64


async def test_uses_of_a_data_set_are_counted_once_a_model_over_all_versions(filled: Filled, name: str) -> None:
    filled.register(name, "1", FILES)
    filled.register(name, "2", {"MLmodel": b"other"})
    first, second = [await filled.registry.resolve(ModelRef(name=name, version=version)) for version in ("1", "2")]
    assert await filled.registry.uses(first, [HOLDOUT]) == {}
    for _ in range(2):
        await filled.registry.count_use(first, [HOLDOUT])
        await filled.registry.count_use(second, [HOLDOUT, SPARE])
    assert await filled.registry.uses(first, [HOLDOUT, SPARE]) == {HOLDOUT: 1}
    assert await filled.registry.uses(second, [HOLDOUT, SPARE]) == {HOLDOUT: 2, SPARE: 1}


async def test_models_that_are_counted_at_once_have_numbers_of_their_own(filled: Filled, name: str) -> None:
    filled.register(name, "1", FILES)
    known = await filled.registry.resolve(ModelRef(name=name, version="1"))
    models = [known.model_copy(update={"digest": f"sha256:{letter * 64}"}) for letter in "abcd"]
    await asyncio.gather(*(filled.registry.count_use(model, [HOLDOUT]) for model in models))
    found = [await filled.registry.uses(model, [HOLDOUT]) for model in models]
    assert sorted(one[HOLDOUT] for one in found) == [1, 2, 3, 4]


async def test_uses_of_a_model_that_is_gone_are_not_found(filled: Filled, name: str) -> None:
    gone = PinnedModel(registry="default", name=name, version="1", digest=digest(FILES), uri="mlflow-artifacts:/1")
    with pytest.raises(NotFound):
        await filled.registry.uses(gone, [HOLDOUT])
    with pytest.raises(NotFound):
        await filled.registry.count_use(gone, [HOLDOUT])


async def test_an_artifact_is_read_up_to_a_limit(filled: Filled) -> None:
    run = filled.log("sluice/result.json", b"x" * 100)
    assert await filled.registry.artifact(run, "sluice/result.json", limit=100) == b"x" * 100
    with pytest.raises(Rejected, match="larger than 99"):
        await filled.registry.artifact(run, "sluice/result.json", limit=99)
    with pytest.raises(NotFound):
        await filled.registry.artifact(run, "sluice/other.json", limit=100)


@pytest.mark.parametrize(
    ("run", "path", "want"),
    [
        pytest.param("../../etc", "passwd", "id", id="a run that is a path"),
        pytest.param("", "result.json", "id", id="no run"),
        pytest.param(None, "../../../../secret", "plain relative path", id="a path that climbs out"),
        pytest.param(None, "a\x00b", "plain relative path", id="a path with control characters"),
        pytest.param(None, "", "plain relative path", id="no path"),
    ],
)
async def test_hostile_names_of_artifacts_are_refused(
    on_server: OnServer, run: str | None, path: str, want: str
) -> None:
    known = on_server.log("result.json", b"{}")
    with pytest.raises(Rejected, match=want):
        await on_server.registry.artifact(known if run is None else run, path, limit=10)


async def test_artifacts_elsewhere_are_never_fetched(on_server: OnServer, name: str) -> None:
    on_server.call("POST", "registered-models/create", name=name)
    on_server.call("POST", "model-versions/create", name=name, source="s3://bucket/model")
    with pytest.raises(Rejected, match="not served by the registry's proxy"):
        await on_server.registry.resolve(ModelRef(name=name, version="1"))


async def test_a_version_without_files_is_not_found(on_server: OnServer, name: str) -> None:
    on_server.register(name, "1", {})
    with pytest.raises(NotFound, match="no artifact files"):
        await on_server.registry.resolve(ModelRef(name=name, version="1"))


async def test_a_logged_model_is_resolved_to_where_its_files_are(on_server: OnServer, name: str) -> None:
    on_server.register(name, "1", {"MLmodel": b"flavors: {}"})
    source = on_server.call("GET", "model-versions/get", name=name, version="1")["model_version"]["source"]
    made = on_server.call("GET", f"logged-models/{source.removeprefix('models:/')}")["model"]["info"]
    found = await on_server.registry.resolve(ModelRef(name=name, version="1"))
    assert (found.uri, found.digest) == (made["artifact_uri"], digest({"MLmodel": b"flavors: {}"}))


async def test_the_digest_is_the_one_that_evaluation_computes(on_server: OnServer, name: str) -> None:
    on_server.register(name, "1", {**FILES, "registered_model_meta": b"added by a download"})
    found = await on_server.registry.resolve(ModelRef(name=name, version="1"))
    assert found.digest == digest(FILES)


async def test_a_digest_is_computed_once_however_many_ask(on_server: OnServer, name: str) -> None:
    on_server.register(name, "1", FILES)
    wanted = ModelRef(name=name, version="1")
    found = await asyncio.gather(*(on_server.registry.resolve(wanted) for _ in range(4)))
    assert len({one.digest for one in found}) == 1
    assert len(on_server.registry._digests) == 1


async def test_a_digest_that_outlasts_the_callers_patience_is_there_for_a_later_one(
    on_server: OnServer, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_server.register(name, "1", FILES)
    wanted = ModelRef(name=name, version="1")
    with monkeypatch.context() as impatient:
        impatient.setattr("sluice.adapters.mlflow._PATIENCE_SECONDS", 0)
        with pytest.raises(Unavailable, match="still being read"):
            await on_server.registry.resolve(wanted)
    assert (await on_server.registry.resolve(wanted)).digest == digest(FILES)
    assert len(on_server.registry._digests) == 1


async def test_a_registry_that_is_down_is_unavailable(name: str) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
    await unavailable(url, name)


async def test_a_registry_that_hangs_is_unavailable_in_bounded_time(name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        await unavailable(f"http://127.0.0.1:{silent.getsockname()[1]}", name)


async def unavailable(url: str, name: str) -> None:
    """Ask a registry at `url` for everything; each must be told as Unavailable."""
    registry = MlflowRegistry(Endpoint(name="default", uri=url, timeout_seconds=1))
    model = PinnedModel(registry="default", name=name, version="1", digest=digest(FILES), uri="mlflow-artifacts:/1")
    with pytest.raises(Unavailable):
        await registry.resolve(ModelRef(name=name, version="1"))
    with pytest.raises(Unavailable):
        await registry.tag(model, {"a": "b"})
    with pytest.raises(Unavailable):
        await registry.uses(model, [HOLDOUT])
    with pytest.raises(Unavailable):
        await registry.count_use(model, [HOLDOUT])
    with pytest.raises(Unavailable):
        await registry.artifact("0" * 32, "result.json", limit=10)
    registry.close()


async def test_a_registry_in_memory_can_be_down_too(name: str) -> None:
    with pytest.raises(Unavailable):
        await MemoryRegistry(down=True).resolve(ModelRef(name=name, version="1"))
