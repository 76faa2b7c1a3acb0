"""The CustomResourceDefinitions, made from the models: structural schemas with defaults, bounds and CEL rules.

Pure: `sluice.cli.crds` writes the files. Source: apiextensions.k8s.io/v1, "Specifying a structural schema".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sluice.api.candidate import ModelCandidateSpec, ModelCandidateStatus
from sluice.api.plan import RolloutPlanSpec
from sluice.api.schema import Model

GROUP = "sluice.dev"
VERSION = "v1alpha1"

Json = dict[str, Any]

_OPEN_WORDS = {
    "Reason": {"type": "string", "maxLength": 64, "pattern": "^[A-Z][A-Za-z0-9]*$"},
    "ConditionType": {"type": "string", "maxLength": 64, "pattern": "^[A-Z][A-Za-z0-9]*$"},
}
"""Closed sets in the code that stay open in the CRD: an older CRD must not refuse what a newer operator reports."""

_DROPPED = frozenset({"title", "additionalProperties", "anyOf", "const", "$ref", "$defs"})
_CONVERTED = frozenset({"default", "properties", "items"})


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of `kubectl get`; `wide` ones need `-o wide`."""

    name: str
    path: str
    description: str
    type: str = "string"
    wide: bool = False


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of the API group and how `kubectl` shows it."""

    kind: str
    plural: str
    short: str
    description: str
    spec: type[Model]
    status: type[Model] | None = None
    columns: tuple[Column, ...] = ()
    selectable: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """Name of the generated file."""
        return f"{self.plural}.{GROUP}.yaml"


_AGE = Column(name="Age", path=".metadata.creationTimestamp", description="Time since creation.", type="date")
_READY = '.status.conditions[?(@.type=="Ready")]'

CANDIDATE = Kind(
    kind="ModelCandidate",
    plural="modelcandidates",
    short="mcand",
    description="One attempt to replace what a target serves by one model version, and the record of it.",
    spec=ModelCandidateSpec,
    status=ModelCandidateStatus,
    columns=(
        Column(name="Target", path=".spec.targetRef.name", description="Whose traffic is shifted."),
        Column(name="Model", path=".spec.model.name", description="The registered model."),
        Column(name="Phase", path=".status.phase", description="Where it is in its life."),
        Column(name="Step", path=".status.traffic.step", description="Step of the plan, from 0.", type="integer"),
        Column(name="Weight", path=".status.traffic.weight", description="Its share in percent.", type="integer"),
        Column(name="Ready", path=f"{_READY}.status", description="Whether it took over."),
        Column(name="Reason", path=f"{_READY}.reason", description="Why, or why not yet."),
        _AGE,
        Column(name="Version", path=".status.model.version", description="The resolved version.", wide=True),
        Column(name="Plan", path=".spec.planRef.name", description="How it is judged.", wide=True),
        Column(name="Message", path=f"{_READY}.message", description="The reason in a sentence.", wide=True),
    ),
    selectable=(".spec.targetRef.name", ".status.phase"),
)

PLAN = Kind(
    kind="RolloutPlan",
    plural="rolloutplans",
    short="rplan",
    description="How candidates of a target are judged. Reusable; a candidate pins the plan it started with.",
    spec=RolloutPlanSpec,
    columns=(
        Column(name="Concurrency", path=".spec.concurrency", description="What a newer candidate does."),
        Column(name="Provider", path=".spec.traffic.metricsProvider", description="Where live metrics come from."),
        _AGE,
    ),
)

KINDS = (CANDIDATE, PLAN)


def definitions() -> dict[str, Json]:
    """Return all CustomResourceDefinitions by the name of their file."""
    return {kind.file: definition(kind) for kind in KINDS}


def definition(kind: Kind) -> Json:
    """Return the CustomResourceDefinition of a kind."""
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": f"{kind.plural}.{GROUP}",
            "labels": {"app.kubernetes.io/name": "sluice", "app.kubernetes.io/part-of": "sluice"},
        },
        "spec": {
            "group": GROUP,
            "scope": "Namespaced",
            "names": {
                "kind": kind.kind,
                "listKind": f"{kind.kind}List",
                "plural": kind.plural,
                "singular": kind.kind.lower(),
                "shortNames": [kind.short],
                "categories": ["sluice"],
            },
            "versions": [_version(kind)],
        },
    }


def _version(kind: Kind) -> Json:
    version: Json = {
        "name": VERSION,
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": _root(kind)},
        "additionalPrinterColumns": [_column(column) for column in kind.columns],
    }
    if kind.status is not None:
        version["subresources"] = {"status": {}}
    if kind.selectable:
        version["selectableFields"] = [{"jsonPath": path} for path in kind.selectable]
    return version


def _column(column: Column) -> Json:
    shown: Json = {"name": column.name, "type": column.type, "jsonPath": column.path}
    return shown | {"description": column.description} | ({"priority": 1} if column.wide else {})


def _root(kind: Kind) -> Json:
    properties: Json = {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": {"type": "object"},
        "spec": structural(kind.spec),
    }
    if kind.status is not None:
        # What is stored is what the operator wrote: nothing is filled in behind its back.
        properties["status"] = _without_defaults(structural(kind.status))
    return {"description": kind.description, "type": "object", "required": ["spec"], "properties": properties}


def structural(model: type[Model]) -> Json:
    """Return the structural schema of a model: references inlined, no null types, no titles."""
    schema = model.model_json_schema(by_alias=True, mode="validation")
    return _convert(schema, schema.get("$defs", {}))


def _convert(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> Json:
    source = _resolved(schema, defs)
    out = {key: value for key, value in source.items() if key not in _DROPPED | _CONVERTED}
    if source.get("default") is not None:
        out["default"] = _without_nulls(source["default"])
    if "const" in source:
        out["enum"] = [source["const"]]
    if "description" in out:
        out["description"] = _trimmed(out["description"])
    if "properties" in source:
        out["properties"] = {name: _convert(part, defs) for name, part in source["properties"].items()}
    if "items" in source:
        out["items"] = _convert(source["items"], defs)
    return out


def _resolved(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> Json:
    """Return a schema with its reference or its one non-null alternative put in its place; its own keys win."""
    merged = dict(schema)
    for choice in schema.get("anyOf", ()):
        if choice.get("type") != "null":
            merged = _resolved(choice, defs) | merged
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        merged = _resolved(_OPEN_WORDS.get(name, defs[name]), defs) | merged
    return merged


def _without_nulls(default: Any) -> Any:  # noqa: ANN401 -- any JSON value
    if isinstance(default, dict):
        return {name: _without_nulls(value) for name, value in default.items() if value is not None}
    return default


def _trimmed(description: str) -> str:
    return " ".join(description.replace("`", "").split())


def _without_defaults(schema: Json) -> Json:
    out = {key: value for key, value in schema.items() if key != "default"}
    if "properties" in out:
        out["properties"] = {name: _without_defaults(part) for name, part in out["properties"].items()}
    if "items" in out:
        out["items"] = _without_defaults(out["items"])
    return out
