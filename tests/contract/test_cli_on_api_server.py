"""The command line's reader on a real API server: what it finds, and how it fails."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from sluice.cli import installed
from sluice.cli.cluster import connected
from sluice.cli.main import app
from sluice.cli.reader import Where
from sluice.ports import NotFound, Rejected, Unavailable
from tests.support.apiserver import ApiServer
from tests.support.objects import candidate

NAME = "read-by-cli"


@pytest.fixture(autouse=True)
def stored(server: ApiServer) -> None:
    path = "/apis/sluice.dev/v1alpha1/namespaces/default/modelcandidates"
    if not server.request("GET", f"{path}/{NAME}").ok:
        assert server.create(path, candidate(NAME)).ok


@pytest.fixture
def kubeconfig(server: ApiServer, tmp_path: Path) -> Callable[..., str]:
    """Return a function that writes a kubeconfig with changed parts and returns its path."""

    def written(*, url: str = "", token: str = "", namespace: str = "default") -> str:
        made = yaml.safe_load(server.kubeconfig.read_text(encoding="utf-8"))
        made["clusters"][0]["cluster"]["server"] = url or server.url
        made["users"][0]["user"]["token"] = token or made["users"][0]["user"]["token"]
        other = {"cluster": "test", "user": "admin", "namespace": "other"}
        made["contexts"] = [{"name": "test", "context": {**other, "namespace": namespace}}]
        made["contexts"] += [{"name": "other", "context": other}]
        file = tmp_path / "kubeconfig"
        file.write_text(yaml.safe_dump(made), encoding="utf-8")
        return str(file)

    return written


def sluice(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_a_candidate_is_listed_and_explained(kubeconfig: Callable[..., str]) -> None:
    file = kubeconfig()
    assert NAME in sluice("get", "--kubeconfig", file).output
    assert NAME in sluice("get", "-A", "--kubeconfig", file).output
    assert f"default/{NAME} is Pending" in sluice("explain", NAME, "--kubeconfig", file).output


def test_the_environment_names_the_kubeconfig(kubeconfig: Callable[..., str]) -> None:
    program = [sys.executable, "-c", "from sluice.cli.main import app; app()", "get"]
    environment = {**os.environ, "KUBECONFIG": kubeconfig()}
    done = subprocess.run(program, env=environment, capture_output=True, text=True, check=True)
    assert NAME in done.stdout


def test_the_context_gives_the_namespace(kubeconfig: Callable[..., str]) -> None:
    file = kubeconfig(namespace="models")
    assert connected(Where(kubeconfig=file)).namespace == "models"
    assert connected(Where(kubeconfig=file, context="other")).namespace == "other"


def test_the_kinds_are_served(kubeconfig: Callable[..., str]) -> None:
    kinds = connected(Where(kubeconfig=kubeconfig())).kinds()
    assert installed.missing_kinds(kinds) == []
    assert len(installed.missing_kinds(frozenset())) == 2


@pytest.mark.parametrize(
    ("change", "kind", "says"),
    [
        pytest.param({}, NotFound, "there is no ModelCandidate nobody in the namespace default", id="not found"),
        pytest.param({"token": "wrong"}, Rejected, "ask for the role view", id="not allowed"),
        pytest.param({"url": "https://127.0.0.1:1"}, Unavailable, "does not answer", id="nobody there"),
    ],
)
def test_failures_are_in_our_words_and_end_with_the_next_step(
    kubeconfig: Callable[..., str], change: dict[str, str], kind: type[Exception], says: str
) -> None:
    with pytest.raises(kind, match=says):
        connected(Where(kubeconfig=kubeconfig(**change))).candidate("default", "nobody")


@pytest.mark.parametrize(
    "where",
    [
        pytest.param(Where(kubeconfig="/nowhere/kubeconfig"), id="no such file"),
        pytest.param(Where(context="nobody"), id="no such context"),
    ],
)
def test_without_a_kubeconfig_the_cure_is_named(where: Where) -> None:
    with pytest.raises(Rejected, match="set KUBECONFIG, or pass --kubeconfig and --context"):
        connected(where)


def test_a_cluster_without_our_kinds_asks_for_the_installation(
    kubeconfig: Callable[..., str], server: ApiServer
) -> None:
    bare = connected(Where(kubeconfig=kubeconfig(url=server.url + "/api/v1/nowhere")))
    with pytest.raises(NotFound, match="install Sluice with its Helm chart"):
        bare.candidates(None)


def test_an_operator_that_is_not_there_fails_the_installation_check() -> None:
    assert installed.unready("http://127.0.0.1:1/readyz")[0].startswith("http://127.0.0.1:1/readyz does not answer")
