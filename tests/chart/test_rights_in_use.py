"""The operator at work with exactly the rights that the chart gives it, in both scopes, on a real API server."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.chart.values import NAMED
from tests.support.apiserver import ApiServer
from tests.support.helm import CHART, NAMESPACE, helm, render
from tests.support.objects import candidate, plan

OWN = "/apis/sluice.dev/v1alpha1/namespaces/models"
SECONDS = 60


@pytest.fixture(scope="module")
def server(api_server: ApiServer) -> ApiServer:
    """Return the API server with the namespaces of the operator, of candidates, and of strangers."""
    for name in (NAMESPACE, "models", "search"):
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        api_server.create("/api/v1/namespaces", namespace)
    return api_server


@contextmanager
def operator(server: ApiServer, values: dict[str, Any], folder: Path) -> Iterator[Path]:
    """Install the chart and run its operator as its service account, outside; yields the log."""
    place = ("--namespace", NAMESPACE, "--kubeconfig", str(server.kubeconfig))
    helm("upgrade", "--install", "sluice", str(CHART), *place, values=values)
    made = render(values)
    (folder / "config.yaml").write_text(made.of("ConfigMap")[0]["data"]["config.yaml"], encoding="utf-8")
    arguments = list(made.one("Deployment")["spec"]["template"]["spec"]["containers"][0]["args"])
    own = [f"--config={folder / 'config.yaml'}", "--host=127.0.0.1", "--port=0", f"--namespace={NAMESPACE}"]
    program = [sys.executable, "-c", "import sys; from sluice.runtime.main import main; sys.exit(main())"]
    environment = {**os.environ, "KUBECONFIG": str(as_service_account(server, folder))}
    log = folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen([*program, *arguments, *own], env=environment, stdout=out, stderr=out)
        try:
            yield log
        finally:
            process.terminate()
            process.wait(timeout=SECONDS)
            helm("uninstall", "sluice", *place)


def as_service_account(server: ApiServer, folder: Path) -> Path:
    """Write a kubeconfig with a token of the operator's service account."""
    path = f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/sluice/token"
    request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 3600}}
    token = server.request("POST", path, request).body["status"]["token"]
    made = yaml.safe_load(server.kubeconfig.read_text(encoding="utf-8"))
    made["users"][0]["user"] = {"token": token}
    file = folder / "kubeconfig"
    file.write_text(yaml.safe_dump(made), encoding="utf-8")
    return file


def until(what: str, done: Callable[[], bool], log: Path) -> None:
    end = time.monotonic() + SECONDS
    while not done():
        assert time.monotonic() < end, f"waited for {what}\n{log.read_text(encoding='utf-8')[-4000:]}"
        time.sleep(0.2)


def reason(server: ApiServer, name: str) -> str:
    """Return why the candidate is not ready yet, as the operator recorded it."""
    found = server.request("GET", f"{OWN}/modelcandidates/{name}").body.get("status", {}).get("conditions", ())
    return next((condition["reason"] for condition in found if condition["type"] == "Ready"), "")


@pytest.mark.parametrize("scope", ["defaults", "namespaced"])
def test_the_operator_sees_and_records_with_the_charts_rights(server: ApiServer, scope: str, tmp_path: Path) -> None:
    with operator(server, NAMED[scope], tmp_path) as log:
        server.create(f"{OWN}/modelcandidates", in_models(candidate(scope)))
        until("the candidate to be seen", lambda: reason(server, scope) == "PlanMissing", log)
        server.create(f"{OWN}/rolloutplans", in_models(plan()))
        until("the plan to be seen", lambda: reason(server, scope) != "PlanMissing", log)
        events = server.request("GET", "/api/v1/namespaces/models/events").body["items"]
        assert scope in {event["involvedObject"]["name"] for event in events}
    refused = [line for line in log.read_text(encoding="utf-8").splitlines() if "forbidden" in line.lower()]
    assert refused == []
    server.request("DELETE", f"{OWN}/rolloutplans/careful")


def in_models(manifest: dict[str, Any]) -> dict[str, Any]:
    return manifest | {"metadata": {"name": manifest["metadata"]["name"], "namespace": "models"}}
