"""The adapters' own client on the test API server, a fresh namespace a test, and children of a candidate."""

import itertools
from collections.abc import AsyncIterator
from typing import Any

import pytest
from kubernetes.aio import config
from kubernetes.aio.client import ApiClient, Configuration

from sluice.adapters.kubernetes_api import Api
from tests.support.apiserver import ApiServer

_numbers = itertools.count(1)


@pytest.fixture
async def client(server: ApiServer) -> AsyncIterator[ApiClient]:
    configuration = Configuration()
    await config.load_kube_config(config_file=str(server.kubeconfig), client_configuration=configuration)
    async with ApiClient(configuration) as made:
        yield made


@pytest.fixture
def api(client: ApiClient) -> Api:
    return Api(client)


@pytest.fixture
def namespace(server: ApiServer) -> str:
    name = f"ports-{next(_numbers)}"
    assert server.create("/api/v1/namespaces", {"metadata": {"name": name}}).ok
    return name


def owned(name: str, namespace: str, **fields: Any) -> dict[str, Any]:
    """Return the metadata of a child of the candidate `a`."""
    owner = {"apiVersion": "sluice.dev/v1alpha1", "kind": "ModelCandidate", "name": "a", "uid": "uid-of-a"}
    return {"name": name, "namespace": namespace, "ownerReferences": [{**owner, "controller": True}], **fields}
