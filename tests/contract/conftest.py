"""Fixtures of the contract tests: real servers, started once a session."""

from pathlib import Path

import pytest

from sluice.api.crd import GROUP
from tests.support.apiserver import ApiServer, api_server
from tests.support.kubernetes_client import api, client, namespace

__all__ = ["api", "api_server", "client", "namespace"]

CRDS = Path(__file__).parents[2] / "crds"


@pytest.fixture(scope="module")
def server(api_server: ApiServer) -> ApiServer:
    """Return the API server with our CRDs."""
    if not api_server.request("GET", f"/apis/{GROUP}").ok:
        api_server.install_crds(CRDS)
    return api_server
