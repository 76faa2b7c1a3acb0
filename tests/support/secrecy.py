"""S12: what a candidate's status and Events never hold: credentials, or the raw answers of other systems."""

import json
import re

from tests.support.history import History
from tests.support.movements import title

FORBIDDEN = {
    "a bearer token": re.compile(r"\bbearer\s+\S", re.IGNORECASE),
    "a JSON web token": re.compile(r"\beyJ[\w-]{10,}\.[\w-]{10,}"),
    "a private key or certificate": re.compile(r"-----BEGIN "),
    "credentials in a URL": re.compile(r"://[^/\s\"@]+:[^/\s\"@]+@"),
    "a password": re.compile(r"\b(password|passwd|secret[_-]?key|access[_-]?key)\s*[=:]", re.IGNORECASE),
    "a page of HTML": re.compile(r"<(!doctype|html|body)\b", re.IGNORECASE),
    "a traceback": re.compile(r"Traceback \(most recent call last\)"),
}


def nothing_secret_is_told(history: History) -> list[str]:
    """S12: no secret, credential or response body is in a status or an Event."""
    told = [(version, json.dumps(version.status)) for version in history.of("ModelCandidate")]
    told += [(version, str(version.body.get("message") or "")) for version in history.of("Event")]
    return [
        f"S12: {title(version)} holds {what}"
        for version, text in told
        for what, pattern in FORBIDDEN.items()
        if pattern.search(text)
    ]
