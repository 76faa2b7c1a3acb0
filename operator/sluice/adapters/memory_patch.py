"""JSON patch (RFC 6902) as the API server applies it, as far as Sluice uses it: test, add, replace, remove."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from sluice.ports import Rejected

Json = dict[str, Any]


def patched(document: Mapping[str, Any], operations: Sequence[Mapping[str, Any]]) -> Json:
    """Return the document with all operations applied. Raises Rejected (reason Invalid) when one of them cannot be."""
    changed = deepcopy(dict(document))
    for operation in operations:
        _apply(changed, operation)
    return changed


def _apply(document: Json, operation: Mapping[str, Any]) -> None:
    *parents, last = str(operation["path"]).strip("/").split("/")
    holder: Any = document
    for step in parents:
        holder = _child(holder, step)
    match operation["op"]:
        case "test":
            if _child(holder, last) != operation["value"]:
                raise Rejected(f"test of {operation['path']} failed", reason="Invalid")
        case "add" if isinstance(holder, list):
            holder.insert(len(holder) if last == "-" else int(last), deepcopy(operation["value"]))
        case "add":
            holder[_key(last)] = deepcopy(operation["value"])
        case "replace":
            _child(holder, last)
            holder[int(last) if isinstance(holder, list) else _key(last)] = deepcopy(operation["value"])
        case "remove":
            _child(holder, last)
            del holder[int(last) if isinstance(holder, list) else _key(last)]
        case unknown:
            raise Rejected(f"unknown operation {unknown}", reason="Invalid")


def _child(holder: Any, step: str) -> Any:  # noqa: ANN401 -- JSON
    try:
        return holder[int(step)] if isinstance(holder, list) else holder[_key(step)]
    except (KeyError, IndexError, ValueError, TypeError) as error:
        raise Rejected(f"no {step} there", reason="Invalid") from error


def _key(step: str) -> str:
    return step.replace("~1", "/").replace("~0", "~")
