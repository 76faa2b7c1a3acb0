"""Asking a load generator that runs elsewhere, in the cluster, say."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

from lab.loadgen.records import parse
from lab.loadgen.report import Report

_SECONDS = 30


def fetch(url: str, *, since: float = 0) -> Report:
    """Return the report of what a load generator sent since that moment (Unix seconds)."""
    with urllib.request.urlopen(f"{url.rstrip('/')}/records?since={since!r}", timeout=_SECONDS) as answer:
        return Report.of(parse(answer.read().decode().splitlines()))


def change(url: str, **settings: float) -> dict[str, Any]:
    """Change rate, long_share or timeout of a running load generator; return its settings."""
    body = json.dumps(settings).encode()
    request = urllib.request.Request(f"{url.rstrip('/')}/settings", data=body, method="PUT")
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
        changed: dict[str, Any] = json.load(answer)
    return changed
