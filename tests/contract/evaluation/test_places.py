"""Where the files of a plan lie: a real S3 server and folders that stand for volumes; what is wrong there is named."""

import hashlib
import json
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from sluice.adapters.object_store import Credentials, ObjectStore, Patience
from sluice.api.evaluation_spec import EvaluationSpec, Limits
from sluice.api.store import StoreInput
from sluice.cli.main import app
from sluice.evaluation.failure import EvaluationFailure
from sluice.evaluation.inputs import gather
from sluice.evaluation.places import Places
from sluice.evaluation.registry import RegistryClient
from sluice.ports import Unavailable
from tests.support import objects as make
from tests.support import s3_server
from tests.support.challenges import case, lines, manifest
from tests.support.s3_server import REGION, S3Server

CONTENT = b"text,label\ngood,positive\nbad,negative\n"
DIGEST = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"
ZERO = "sha256:" + "0" * 64
FIELD = "spec.evaluation.datasets[holdout].uri"
Json = dict[str, Any]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """Run an S3 server with one data set in the bucket `sets`."""
    with s3_server.running(tmp_path_factory.mktemp("s3")) as found:
        found.put("sets", "team/reviews/holdout.csv", CONTENT)
        yield found


@dataclass(frozen=True)
class World:
    """What the Job's pod has: Secrets and volumes in folders."""

    server: S3Server
    folder: Path

    def store(self, **fields: str) -> Json:
        """Return the store `reviews` as an order tells of it."""
        known = {"name": "reviews", "endpoint": self.server.url, "bucket": "sets", "prefix": "team/", "region": REGION}
        return known | {"secretName": "reviews-reader"} | fields

    def secret(self, **values: str) -> None:
        """Mount the Secret of the store."""
        place = self.folder / "stores" / "reviews"
        place.mkdir(parents=True)
        for name, value in values.items():
            (place / name).write_text(f"{value}\n", encoding="utf-8")

    @property
    def volume(self) -> Path:
        """Return the folder of the mounted claim `shared`."""
        place = self.folder / "volumes" / "shared"
        place.mkdir(parents=True, exist_ok=True)
        return place

    def places(self, *stores: Json, limit: int = 1000, order: Json | None = None) -> Places:
        """Return the places of an order as the Job's pod has them."""
        model = {"name": "m", "version": "1", "uri": "mlflow-artifacts:/m", "digest": ZERO}
        spec = EvaluationSpec.model_validate(
            {
                "trackingUri": "http://127.0.0.1:9",
                "identity": {"candidateUid": "uid-1", "attempt": 1},
                "candidate": model,
                "datasets": [],
                "measurements": [],
                "stores": list(stores) or [self.store()],
                "limits": Limits(dataset_bytes=limit),
                **(order or {}),
            }
        )
        return Places(
            spec,
            RegistryClient(spec.tracking_uri),
            self.folder / "stores",
            self.folder / "volumes",
            Patience(tries=1),
        )

    def fetch(self, uri: str, *stores: Json, limit: int = 1000) -> bytes:
        """Fetch a data set as the Job does."""
        return self.places(*stores, limit=limit).file(uri, self.folder / "scratch", field=FIELD).read_bytes()

    def refusal(self, uri: str, *stores: Json, limit: int = 1000) -> tuple[str, str, str]:
        """Return reason, field and message of what goes wrong."""
        with pytest.raises(EvaluationFailure) as refused:
            self.fetch(uri, *stores, limit=limit)
        return refused.value.reason, refused.value.field, refused.value.message


@pytest.fixture
def world(server: S3Server, tmp_path: Path) -> World:
    return World(server, tmp_path)


def test_an_object_of_a_named_store_is_fetched_with_the_secrets_key(world: World) -> None:
    world.secret(**world.server.keys())

    assert world.fetch("store://reviews/reviews/holdout.csv") == CONTENT


OBJECT = "store://reviews/reviews/holdout.csv"


@pytest.mark.parametrize(
    ("uri", "store", "keys", "want"),
    [
        pytest.param(
            "store://reviews/reviews/gone.csv",
            {},
            {},
            ("FileMissing", FIELD, "store reviews has no object sets/team/reviews/gone.csv: is the key right"),
            id="no such key",
        ),
        pytest.param(
            "store://reviews/reviews",
            {},
            {},
            ("FileMissing", FIELD, "store reviews has no object sets/team/reviews: is the key right"),
            id="a folder is no file",
        ),
        pytest.param(
            OBJECT,
            {"bucket": "others"},
            {},
            ("FileMissing", FIELD, "store reviews has no object others/team/reviews/holdout.csv"),
            id="no such bucket",
        ),
        pytest.param(
            OBJECT,
            {},
            {"AWS_SECRET_ACCESS_KEY": "wrong"},
            ("StoreDenied", FIELD, "store reviews refuses to show sets/team/reviews/holdout.csv: is the access key"),
            id="a wrong secret key",
        ),
        pytest.param(
            OBJECT,
            {},
            {"AWS_ACCESS_KEY_ID": "nobody"},
            ("StoreDenied", FIELD, "store reviews refuses to show sets/team/reviews/holdout.csv: is the access key"),
            id="an access key that nobody has",
        ),
        pytest.param(
            OBJECT,
            {"region": "us-east-1"},
            {},
            ("StoreDenied", FIELD, "store reviews refuses to show sets/team/reviews/holdout.csv: is the access key"),
            id="another region",
        ),
        pytest.param(
            OBJECT,
            {},
            {"AWS_SECRET_ACCESS_KEY": ""},
            (
                "StoreSecretMissing",
                FIELD,
                "Secret reviews-reader of this namespace lacks AWS_SECRET_ACCESS_KEY, or does not exist: create it",
            ),
            id="a Secret without the key",
        ),
        pytest.param(
            OBJECT,
            {"secretName": ""},
            {},
            ("StoreDenied", FIELD, "store reviews refuses to show sets/team/reviews/holdout.csv: is the access key"),
            id="a bucket that asks for keys, though the administrator says that it asks for none",
        ),
        pytest.param(
            OBJECT,
            {"endpoint": "http://127.0.0.1:9"},
            {},
            ("StoreUnavailable", "", "store reviews gave no usable answer (OSError): is its endpoint right and up"),
            id="nobody listens: no field, so it is tried again",
        ),
        pytest.param(
            OBJECT,
            {"endpoint": "http://no-such-host.invalid"},
            {},
            ("StoreUnavailable", "", "store reviews gave no usable answer (OSError): is its endpoint right and up"),
            id="a host without address",
        ),
        pytest.param(
            "store://other/reviews/holdout.csv",
            {},
            {},
            ("StoreMissing", FIELD, "no store is called other: known are reviews"),
            id="a store that the order does not tell of",
        ),
    ],
)
def test_what_a_store_lacks_is_named(
    world: World, uri: str, store: Json, keys: Json, want: tuple[str, str, str]
) -> None:
    world.secret(**world.server.keys() | keys)
    reason, field, message = world.refusal(uri, world.store(**store))

    assert (reason, field, message[: len(want[2])]) == want
    assert world.server.keys()["AWS_SECRET_ACCESS_KEY"] not in message


def test_a_secret_that_does_not_exist_is_named(world: World) -> None:
    assert world.refusal(OBJECT)[0] == "StoreSecretMissing"


def test_a_store_that_does_not_answer_is_given_up(world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        store = StoreInput.model_validate(world.store(endpoint=f"http://127.0.0.1:{port}"))
        reader = ObjectStore(store, Credentials(world.server.keys()), Patience(tries=2, silence_seconds=1))
        with pytest.raises(Unavailable, match="gave no usable answer"):
            reader.fetch("reviews/holdout.csv", world.folder / "copy", limit=1000)


@pytest.mark.parametrize("place", ["store://reviews/reviews/holdout.csv", "pvc://shared/holdout.csv"])
def test_a_file_that_is_too_large_is_refused(world: World, place: str) -> None:
    world.secret(**world.server.keys())
    (world.volume / "holdout.csv").write_bytes(CONTENT)
    size = len(CONTENT)

    assert world.fetch(place, limit=size) == CONTENT
    assert world.refusal(place, limit=size - 1)[:2] == ("FileTooLarge", FIELD)
    assert f"has {size} bytes, allowed are {size - 1}: use a smaller" in world.refusal(place, limit=size - 1)[2]


def test_a_file_of_a_volume_is_read_and_a_link_inside_followed(world: World) -> None:
    (world.volume / "v2").mkdir()
    (world.volume / "v2" / "holdout.csv").write_bytes(CONTENT)
    (world.volume / "latest").symlink_to("v2")

    assert world.fetch("pvc://shared/v2/holdout.csv") == CONTENT
    assert world.fetch("pvc://shared/latest/holdout.csv") == CONTENT


def test_what_lies_outside_of_a_volume_is_never_read(world: World) -> None:
    (world.folder / "secret.csv").write_bytes(CONTENT)
    (world.volume / "link.csv").symlink_to(world.folder / "secret.csv")
    (world.volume / "up").symlink_to("../..")
    (world.volume / "circle").symlink_to("circle")
    outside = ("FileOutside", FIELD)

    assert world.refusal("pvc://shared/link.csv")[:2] == outside
    assert world.refusal("pvc://shared/up/secret.csv")[:2] == outside
    assert world.refusal("pvc://shared/../../secret.csv")[:2] == outside
    assert world.refusal("pvc://shared/circle")[1] == FIELD
    assert "leads out of the volume: name a file in it" in world.refusal("pvc://shared/link.csv")[2]


def test_what_is_no_file_of_a_volume_is_named(world: World) -> None:
    os.mkfifo(world.volume / "pipe")
    (world.volume / "folder").mkdir()

    assert world.refusal("pvc://shared/gone.csv") == (
        "FileMissing",
        FIELD,
        "there is no gone.csv on volume shared: is the path right, was it deleted?",
    )
    assert world.refusal("pvc://elsewhere/a.csv")[0] == "FileMissing"
    assert world.refusal("pvc://shared/pipe")[2] == "pipe on volume shared is no plain file: name one"
    assert world.refusal("pvc://shared/folder")[0] == "FileUnreadable"


TESTS = b"def test(candidate): assert candidate\n"
CASES = lines(case())
MANIFEST = json.dumps(manifest([case()])).encode()


def pinned(content: bytes, uri: str, **fields: Any) -> Json:
    """Return a file of a plan."""
    return {"uri": uri, "digest": f"sha256:{hashlib.sha256(content).hexdigest()}", **fields}


@pytest.mark.parametrize("root", ["store://reviews/behaviour", "pvc://shared/behaviour"])
def test_suites_and_challenge_sets_lie_where_data_sets_do(world: World, root: str) -> None:
    world.secret(**world.server.keys())
    folder = world.volume / "behaviour"
    folder.mkdir()
    for name, content in {"tests.py": TESTS, "manifest.json": MANIFEST, "cases.jsonl": CASES}.items():
        (folder / name).write_bytes(content)
        world.server.put("sets", f"team/behaviour/{name}", content)
    order = {
        "challengeSets": [pinned(MANIFEST, f"{root}/manifest.json", name="negation")],
        "suites": [pinned(TESTS, f"{root}/tests.py", name="behaviour", kind="Pytest")],
    }
    places = world.places(order=order)
    found = gather(places.spec, places, world.folder / "scratch")

    assert found.suites[0].target.read_bytes() == TESTS
    assert [one.id for one in found.challenges["negation"].cases] == ["not-good"]


@pytest.mark.parametrize(
    ("order", "want"),
    [
        pytest.param(
            {"suites": [pinned(TESTS, "store://reviews/gone.py", name="behaviour", kind="Pytest")]},
            ("FileMissing", "spec.evaluation.suites[behaviour].uri"),
            id="a suite",
        ),
        pytest.param(
            {"suites": [pinned(TESTS, "pvc://shared/../tests.py", name="behaviour", kind="Pytest")]},
            ("FileOutside", "spec.evaluation.suites[behaviour].uri"),
            id="a suite beside the volume",
        ),
        pytest.param(
            {"challengeSets": [pinned(MANIFEST, "store://reviews/gone.json", name="negation")]},
            ("FileMissing", "spec.evaluation.challengeSets[negation].uri"),
            id="a manifest",
        ),
        pytest.param(
            {"challengeSets": [pinned(MANIFEST, "store://reviews/alone/manifest.json", name="negation")]},
            ("FileMissing", "spec.evaluation.challengeSets[negation]"),
            id="cases that do not lie beside their manifest",
        ),
    ],
)
def test_what_is_missing_of_a_suite_or_a_challenge_set_is_named(
    world: World, order: Json, want: tuple[str, str]
) -> None:
    world.secret(**world.server.keys())
    (world.volume.parent / "tests.py").write_bytes(TESTS)
    world.server.put("sets", "team/alone/manifest.json", MANIFEST)
    places = world.places(order=order)
    with pytest.raises(EvaluationFailure) as refused:
        gather(places.spec, places, world.folder / "scratch")

    assert (refused.value.reason, refused.value.field) == want


PLAN = make.plan(
    evaluation=make.evaluation(datasets=[make.dataset(uri=OBJECT, digest=DIGEST)], gates=[make.gate(min="0.5")])
)
"""A plan whose data set lies in the store."""


@pytest.mark.parametrize(
    ("environment", "stores", "want"),
    [
        pytest.param(
            {}, "stores: {reviews: {endpoint: 'ftp://x', bucket: sets}}", "reviews.endpoint: String", id="ftp"
        ),
        pytest.param({}, "registries: {}", "--stores stores.yaml: stores: document: Input should be", id="no stores"),
        pytest.param({}, "[", "--stores stores.yaml is no readable YAML (ParserError)", id="no YAML"),
        pytest.param({}, "stores: {}", "no store is called reviews: known are none; say what they", id="not this one"),
        pytest.param(
            {},
            "stores: {reviews: {endpoint: 'http://127.0.0.1:9', bucket: sets, secretName: x}}",
            "store reviews wants an access key: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment",
            id="no key",
        ),
        pytest.param(
            {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"},
            "stores: {reviews: {endpoint: 'http://127.0.0.1:9', bucket: sets, secretName: x}}",
            "spec.evaluation.datasets[holdout]: store reviews gave no usable answer",
            id="nobody listens",
        ),
    ],
)
def test_on_a_persons_machine_the_cure_is_an_option(
    environment: dict[str, str], stores: str, want: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stores.yaml").write_text(stores, encoding="utf-8")
    (tmp_path / "plan.yaml").write_text(yaml.safe_dump(PLAN), encoding="utf-8")
    command = ["evaluate", "plan.yaml", "--candidate", ".", "--stores", "stores.yaml"]
    result = CliRunner().invoke(app, command, env=environment)

    assert result.exit_code == 3, result.stderr
    assert want in " ".join(result.stderr.split())
