"""Whether a live object still says what was last written, past the API server's own defaults."""

import hashlib
import json
import re
from decimal import Decimal
from typing import Any

from lab.seldon_standin.objects import JsonObject

LAST_APPLIED = "seldon.io/last-applied"

_QUANTITY = re.compile(r"^(\d+(?:\.\d+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$")
_SCALE = {
    "": Decimal(1),
    "m": Decimal("0.001"),
    "k": Decimal(10**3),
    "M": Decimal(10**6),
    "G": Decimal(10**9),
    "T": Decimal(10**12),
    "Ki": Decimal(2**10),
    "Mi": Decimal(2**20),
    "Gi": Decimal(2**30),
    "Ti": Decimal(2**40),
}


def stamped(deployment: JsonObject) -> JsonObject:
    """Return the Deployment with a mark of its own spec, by which a later change of wishes is seen."""
    annotations = deployment["metadata"]["annotations"] | {LAST_APPLIED: _mark(deployment["spec"])}
    return deployment | {"metadata": deployment["metadata"] | {"annotations": annotations}}


def deployment_differs(wanted: JsonObject, live: JsonObject) -> bool:
    """Whether the wish changed since the last write, or somebody else changed the Deployment."""
    written = (live["metadata"].get("annotations") or {}).get(LAST_APPLIED)
    return written != _mark(wanted["spec"]) or not contains(live["spec"], wanted["spec"])


def service_differs(wanted: JsonObject, live: JsonObject) -> bool:
    """Labels and annotations must be equal; the spec may hold more."""
    return (
        wanted["metadata"]["labels"] != live["metadata"].get("labels", {})
        or wanted["metadata"]["annotations"] != live["metadata"].get("annotations", {})
        or not contains(live["spec"], wanted["spec"])
    )


def contains(live: Any, wanted: Any) -> bool:  # noqa: ANN401
    """Whether every wanted value is there; lists must match item by item, quantities by size."""
    if isinstance(wanted, dict):
        return isinstance(live, dict) and all(
            contains(live.get(key), value) for key, value in wanted.items() if value not in (None, {}, [])
        )
    if isinstance(wanted, list):
        return (
            isinstance(live, list)
            and len(live) == len(wanted)
            and all(contains(there, want) for there, want in zip(live, wanted, strict=True))
        )
    return bool(live == wanted) or _same_size(live, wanted) or (live is None and not wanted)


def _same_size(live: Any, wanted: Any) -> bool:  # noqa: ANN401
    size = _size(wanted)
    return size is not None and size == _size(live)


def _size(value: Any) -> Decimal | None:  # noqa: ANN401
    match = _QUANTITY.match(str(value))
    return Decimal(match[1]) * _SCALE[match[2] or ""] if match else None


def _mark(spec: JsonObject) -> str:
    return hashlib.sha256(json.dumps(spec, sort_keys=True).encode()).hexdigest()
