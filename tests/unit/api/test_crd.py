"""The CRD files are what the models say, in the form that the API server takes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sluice.api.crd import KINDS, Kind, definition, structural
from sluice.api.schema import Model
from sluice.cli import crds

ROOT = Path(__file__).parents[3]
FOLDERS = (ROOT / "crds", ROOT / "charts" / "sluice" / "files" / "crds")


@pytest.mark.parametrize("folder", FOLDERS, ids=["crds", "chart"])
def test_the_files_are_generated(folder: Path) -> None:
    have = {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()}
    assert have == crds.rendered(), "run `make crds`"


def test_writing_makes_the_folder_and_all_files(tmp_path: Path) -> None:
    crds.main([str(tmp_path / "new")])
    assert {file.name for file in (tmp_path / "new").iterdir()} == set(crds.rendered())


def nodes(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    yield path, schema
    for name, part in schema.get("properties", {}).items():
        yield from nodes(part, f"{path}.{name}")
    if "items" in schema:
        yield from nodes(schema["items"], f"{path}[]")


MODELS = [pytest.param(kind.spec, id=f"{kind.kind} spec") for kind in KINDS] + [
    pytest.param(kind.status, id=f"{kind.kind} status") for kind in KINDS if kind.status
]


@pytest.mark.parametrize("model", MODELS)
def test_every_node_is_typed_described_and_bounded(model: type[Model]) -> None:
    for path, schema in nodes(structural(model)):
        assert "type" in schema, path
        assert schema.get("description") or path.endswith("[]"), f"{path} has no docstring"
        if schema["type"] == "string":
            assert "maxLength" in schema or "enum" in schema, f"{path} has no maxLength"
        if schema["type"] == "array":
            assert {"maxItems", "x-kubernetes-list-type"} <= schema.keys(), f"{path} is not bounded"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_the_status_gets_no_defaults(kind: Kind) -> None:
    root = definition(kind)["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    status = root["properties"].get("status", {})
    assert [path for path, schema in nodes(status) if "default" in schema] == []


def test_parameters_are_defaulted_so_that_rules_can_ask_for_them() -> None:
    plan = next(kind for kind in KINDS if kind.kind == "RolloutPlan")
    gate = structural(plan.spec)["properties"]["evaluation"]["properties"]["gates"]["items"]
    assert gate["properties"]["params"]["default"] == {}
