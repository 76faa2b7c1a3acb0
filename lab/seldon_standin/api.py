"""A small client of the API server: read, write, delete and watch plain JSON objects."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from lab.seldon_standin.kubeconfig import Access
from lab.seldon_standin.objects import JsonObject

NOT_FOUND = 404
CONFLICT = 409
GONE = 410
WATCH_SECONDS = 240


class ApiError(Exception):
    """A refusal of the API server, with its HTTP code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Resource:
    """One kind of object, as URLs name it."""

    api_version: str
    plural: str
    namespaced: bool = True

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """Return the path of one object, or of all."""
        root = "/api/v1" if self.api_version == "v1" else f"/apis/{self.api_version}"
        scope = f"/namespaces/{namespace}" if self.namespaced and namespace else ""
        return f"{root}{scope}/{self.plural}" + "".join(f"/{part}" for part in (name, subresource) if part)


SELDON_DEPLOYMENTS = Resource("machinelearning.seldon.io/v1", "seldondeployments")
DEPLOYMENTS = Resource("apps/v1", "deployments")
SERVICES = Resource("v1", "services")
VIRTUAL_SERVICES = Resource("networking.istio.io/v1alpha3", "virtualservices")
DESTINATION_RULES = Resource("networking.istio.io/v1alpha3", "destinationrules")
WEBHOOKS = Resource("admissionregistration.k8s.io/v1", "validatingwebhookconfigurations", namespaced=False)
CRDS = Resource("apiextensions.k8s.io/v1", "customresourcedefinitions", namespaced=False)


class Api:
    """An open connection."""

    def __init__(self, session: aiohttp.ClientSession, access: Access) -> None:
        self._session = session
        self._access = access

    async def get(self, resource: Resource, namespace: str, name: str) -> JsonObject | None:
        """One object, or None where there is none."""
        try:
            return await self.request("GET", resource.path(namespace, name))
        except ApiError as error:
            if error.code == NOT_FOUND:
                return None
            raise

    async def list(self, resource: Resource, namespace: str = "", **query: str) -> JsonObject:
        """All objects, in a list object."""
        return await self.request("GET", resource.path(namespace), query=query)

    async def create(self, resource: Resource, obj: JsonObject) -> JsonObject:
        """Create; the stored object."""
        return await self.request("POST", resource.path(obj["metadata"].get("namespace", "")), body=obj)

    async def replace(self, resource: Resource, obj: JsonObject, subresource: str = "") -> JsonObject:
        """Replace the whole object, guarded by its resourceVersion."""
        metadata = obj["metadata"]
        path = resource.path(metadata.get("namespace", ""), metadata["name"], subresource)
        return await self.request("PUT", path, body=obj)

    async def delete(self, resource: Resource, namespace: str, name: str, policy: str = "Background") -> None:
        """Delete; fine where it is gone already."""
        try:
            await self.request("DELETE", resource.path(namespace, name), body={"propagationPolicy": policy})
        except ApiError as error:
            if error.code != NOT_FOUND:
                raise

    async def request(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,  # noqa: ANN401
        query: Mapping[str, str] | None = None,
        content_type: str = "application/json",
    ) -> JsonObject:
        """One call; raises ApiError with the server's own code and message."""
        headers = self._access.headers | ({"Content-Type": content_type} if body is not None else {})
        data = None if body is None else json.dumps(body)
        url = self._access.server + path
        timeout = aiohttp.ClientTimeout(total=40)
        async with self._session.request(
            method, url, params=query, data=data, headers=headers, ssl=self._access.tls, timeout=timeout
        ) as response:
            text = await response.text()
            if response.ok:
                answer: JsonObject = json.loads(text)
                return answer
            raise ApiError(response.status, _message(text))

    async def watch(self, resource: Resource, version: str) -> AsyncIterator[JsonObject]:
        """Yield changes since a version, until the server ends the stream; raises ApiError 410 when it is too old."""
        query = {
            "watch": "true",
            "resourceVersion": version,
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(WATCH_SECONDS),
        }
        url = self._access.server + resource.path()
        timeout = aiohttp.ClientTimeout(total=None, sock_read=WATCH_SECONDS + 30)
        async with self._session.get(
            url, params=query, headers=self._access.headers, ssl=self._access.tls, timeout=timeout
        ) as response:
            if not response.ok:
                raise ApiError(response.status, _message(await response.text()))
            async for line in lines(response.content):
                event: JsonObject = json.loads(line)
                if event["type"] == "ERROR":
                    raise ApiError(event["object"].get("code", GONE), event["object"].get("message", ""))
                yield event


async def lines(content: aiohttp.StreamReader) -> AsyncIterator[bytes]:
    """Whole lines of any length."""
    rest = b""
    async for chunk in content.iter_any():
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line


@asynccontextmanager
async def connect(access: Access) -> AsyncIterator[Api]:
    """Open an API client for the time of a `with` block."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        yield Api(session, access)


def _message(text: str) -> str:
    try:
        return str(json.loads(text).get("message", text))
    except ValueError:
        return text
