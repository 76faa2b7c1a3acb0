"""How the stand-in reads Kubernetes objects: plain JSON dictionaries."""

from typing import Any

JsonObject = dict[str, Any]
Key = tuple[str, str]

GROUP = "machinelearning.seldon.io"
KIND = "SeldonDeployment"
API_VERSION = f"{GROUP}/v1"


def key_of(obj: JsonObject) -> Key:
    """Namespace and name."""
    return obj["metadata"].get("namespace", ""), obj["metadata"]["name"]


def owner_key(obj: JsonObject) -> Key | None:
    """Return the SeldonDeployment that controls this object, if one does."""
    for reference in obj["metadata"].get("ownerReferences", []):
        if reference.get("controller") and reference["kind"] == KIND and reference["apiVersion"] == API_VERSION:
            return obj["metadata"].get("namespace", ""), reference["name"]
    return None


def owned_by(sdep: JsonObject) -> list[JsonObject]:
    """Return the owner references of everything the controller creates."""
    return [
        {
            "apiVersion": API_VERSION,
            "kind": KIND,
            "name": sdep["metadata"]["name"],
            "uid": sdep["metadata"]["uid"],
            "controller": True,
            "blockOwnerDeletion": True,
        }
    ]


def annotation(sdep: JsonObject, name: str, fallback: str) -> str:
    """Return an annotation of the spec, else of the object, else the fallback."""
    in_spec = sdep["spec"].get("annotations") or {}
    on_object = sdep["metadata"].get("annotations") or {}
    value: str = in_spec.get(name, on_object.get(name, fallback))
    return value
