"""What is applied to install the stand-in, and that none of it is in the product."""

import ast
from pathlib import Path

from lab.seldon_standin.manifests import crd, manifests

ROOT = Path(__file__).parents[3]


def test_the_manager_passes_baseline_pod_security_and_the_webhook_reaches_it() -> None:
    objects = {(item["kind"], item["metadata"]["name"]): item for item in manifests()}

    namespace = objects["Namespace", "seldon-system"]
    service = objects["Service", "seldon-webhook-service"]["spec"]
    pod = objects["Deployment", "seldon-controller-manager"]["spec"]["template"]
    assert namespace["metadata"]["labels"] == {"pod-security.kubernetes.io/enforce": "baseline"}
    assert service["selector"] == pod["metadata"]["labels"]
    assert service["ports"][0]["targetPort"] == pod["spec"]["containers"][0]["ports"][0]["containerPort"]
    assert pod["spec"]["securityContext"]["runAsNonRoot"]


def test_the_definition_comes_before_everything_that_needs_it() -> None:
    assert [item["kind"] for item in manifests()][:2] == ["CustomResourceDefinition", "Namespace"]


def test_predictors_are_an_atomic_list_in_every_version() -> None:
    versions = crd()["spec"]["versions"]

    lists = [item["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]["predictors"] for item in versions]
    assert [item["name"] for item in versions] == ["v1", "v1alpha2", "v1alpha3"]
    assert [found.get("x-kubernetes-list-type", "atomic") for found in lists] == ["atomic"] * 3


def test_the_product_imports_nothing_of_it() -> None:
    imported = {
        name
        for file in (ROOT / "operator").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        for name in _modules(node)
    }

    assert not {name for name in imported if name.split(".")[0] == "lab"}


def _modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
