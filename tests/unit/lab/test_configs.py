"""The certificates, command lines and files of a lab cluster fit together."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import TYPE_CHECKING

import pytest

from lab import configs, pki
from lab.components import components
from lab.paths import State
from lab.system import run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> State:
    made = State(tmp_path_factory.mktemp("cluster"))
    made.prepare()
    pki.create(made.pki)
    configs.write(made, "tried")
    return made


def certificate(state: State, name: str, *options: str) -> str:
    return run(["openssl", "x509", "-noout", "-in", state.pki / f"{name}.crt", *options]).stdout.strip()


@pytest.mark.parametrize("leaf", [pytest.param(leaf, id=leaf.file) for leaf in pki.LEAVES])
def test_every_certificate_is_signed_by_its_authority_for_its_user(state: State, leaf: pki.Leaf) -> None:
    authority = state.pki / f"{leaf.authority}.crt"
    purpose = "sslserver" if leaf.names else "sslclient"
    run(["openssl", "verify", "-purpose", purpose, "-CAfile", authority, state.pki / f"{leaf.file}.crt"])
    group = f"O = {leaf.group}, " if leaf.group else ""
    assert certificate(state, leaf.file, "-subject") == f"subject={group}CN = {leaf.user}"


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        pytest.param("apiserver", "IP Address:10.96.0.1", id="pods reach the API server by its Service"),
        pytest.param("apiserver", "DNS:kubernetes.default.svc,", id="and by its name"),
        pytest.param("kubelet", "IP Address:10.250.0.1", id="the API server reaches the kubelet by the node's address"),
    ],
)
def test_servers_answer_to_their_names(state: State, name: str, wanted: str) -> None:
    assert wanted in certificate(state, name, "-ext", "subjectAltName") + ","


def test_kubeconfigs_hold_the_user_and_can_be_copied(state: State) -> None:
    document = json.loads(state.kubeconfig.read_text())
    assert document["current-context"] == "lab-tried"
    assert document["clusters"][0]["cluster"]["server"] == "https://10.250.0.1:6443"
    held = b64decode(document["users"][0]["user"]["client-certificate-data"])
    assert held == (state.pki / "admin.crt").read_bytes()


def test_every_file_on_a_command_line_exists(state: State, tmp_path: Path) -> None:
    words = [word for part in components(state, tmp_path).values() for word in part.argv[1:]]
    files = [word.rpartition("=")[2] for word in words if str(state.root) in word]
    assert files
    folders = {str(state.root / "etcd"), str(state.root / "run"), str(state.root / "kubelet"), str(state.pki)}
    assert [file for file in files if file not in folders and not (state.root / file).is_file()] == []


def test_each_cluster_has_its_own_cgroups_and_paths(state: State) -> None:
    other = State(state.root / "other")
    one, two = configs.kubelet(state, "one"), configs.kubelet(other, "two")
    assert (one["cgroupRoot"], two["cgroupRoot"]) == ("/one", "/two")
    assert one["podLogsDir"] != two["podLogsDir"]
    assert f'root = "{state.containerd}"' in configs.containerd(state)


def test_the_dns_service_points_to_the_process_on_the_node() -> None:
    service, endpoints, *_ = configs.cluster_dns()["items"]
    assert service["spec"]["clusterIP"] == "10.96.0.10"
    assert endpoints["endpoints"][0]["addresses"] == ["10.250.0.1"]
    assert [port["protocol"] for port in service["spec"]["ports"]] == ["UDP", "TCP"]
    assert service["spec"]["ports"] == endpoints["ports"]
