"""A plain client of the API server that returns refusals instead of raising them."""

import http.client
import json
import ssl
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from lab.seldon_standin.kubeconfig import Access, from_file

Body = dict[str, Any]

SDEPS = "/apis/machinelearning.seldon.io/v1"
APPS = "/apis/apps/v1"
CORE = "/api/v1"
ISTIO = "/apis/networking.istio.io/v1alpha3"

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
APPLY = "application/apply-patch+yaml"


@dataclass(frozen=True)
class Answer:
    """A response: its code and its text."""

    code: int
    text: str

    @property
    def body(self) -> Body:
        """The JSON object, or what was said instead of one."""
        found: Body = json.loads(self.text) if self.text.startswith("{") else {"message": self.text}
        return found

    @property
    def message(self) -> str:
        """Why it was refused."""
        return str(self.body.get("message", ""))

    def checked(self) -> Body:
        """The body of an accepted request."""
        assert self.code < 300, f"{self.code}: {self.message}"
        return self.body


_CLOSED = (
    http.client.RemoteDisconnected,
    http.client.CannotSendRequest,
    BrokenPipeError,
    ConnectionResetError,
    ssl.SSLEOFError,
)
"""How a connection that the server closed shows at the next request."""


class Kube:
    """One connection, kept open."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._connection = http.client.HTTPSConnection(
            urllib.parse.urlsplit(access.server).netloc, context=access.tls, timeout=60
        )

    @classmethod
    def of(cls, kubeconfig: Path) -> Self:
        return cls(from_file(kubeconfig))

    def close(self) -> None:
        self._connection.close()

    def send(
        self, method: str, path: str, body: object = None, *, kind: str = "application/json", **query: str
    ) -> Answer:
        """Send one request; a connection that the server closed in the meantime is opened anew."""
        target = path + (f"?{urllib.parse.urlencode(query)}" if query else "")
        headers = {**self._access.headers, "Content-Type": kind}
        data = None if body is None else json.dumps(body)
        try:
            self._connection.request(method, target, data, headers)
            response = self._connection.getresponse()
        except _CLOSED:
            self._connection.close()
            self._connection.request(method, target, data, headers)
            response = self._connection.getresponse()
        return Answer(response.status, response.read().decode())

    def get(self, path: str) -> Answer:
        return self.send("GET", path)

    def items(self, path: str, **query: str) -> list[Body]:
        found: list[Body] = self.send("GET", path, **query).checked()["items"]
        return found

    def version(self) -> str:
        """Where the history of all objects stands now."""
        found: str = self.send("GET", f"{CORE}/namespaces", limit="1").checked()["metadata"]["resourceVersion"]
        return found

    def history(self, path: str, since: str, **query: str) -> list[Body]:
        """Every version of every object of a list that was written since; a deleted one as it was at the end."""
        answer = self.send("GET", path, watch="true", resourceVersion=since, timeoutSeconds="1", **query)
        events = [json.loads(line) for line in answer.text.splitlines()]
        return [event["object"] for event in events if event["type"] != "BOOKMARK"]

    def create(self, path: str, body: Body) -> Answer:
        return self.send("POST", path, body)

    def merge(self, path: str, body: Mapping[str, Any]) -> Answer:
        return self.send("PATCH", path, body, kind=MERGE_PATCH)

    def patch(self, path: str, *operations: Body) -> Answer:
        return self.send("PATCH", path, list(operations), kind=JSON_PATCH)

    def apply(self, path: str, body: Body, *, manager: str, force: bool) -> Answer:
        return self.send("PATCH", path, body, kind=APPLY, fieldManager=manager, force=str(force).lower())

    def delete(self, path: str, policy: str = "Background") -> Answer:
        return self.send("DELETE", path, {"propagationPolicy": policy})
