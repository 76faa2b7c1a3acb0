"""The registry's version numbers for the model ids that model servers answer with."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from typing import Any

_SECONDS = 30
_SEARCH = "/api/2.0/mlflow/model-versions/search"


def versions(registry: str, model: str) -> dict[str, str]:
    """Return MLflow model id → version number of every version of a registered model."""
    query = urllib.parse.urlencode({"filter": f"name='{model}'", "max_results": 1000})
    with urllib.request.urlopen(f"{registry.rstrip('/')}{_SEARCH}?{query}", timeout=_SECONDS) as answer:
        return numbered(json.load(answer))


def numbered(found: dict[str, Any]) -> dict[str, str]:
    """Return model id → version number from the registry's answer; a version's source is `models:/<id>`."""
    return {
        str(version["source"]).removeprefix("models:/"): str(version["version"])
        for version in found.get("model_versions", [])
    }
