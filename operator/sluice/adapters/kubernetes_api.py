"""The way to the API server: bounded calls with raw JSON, and the translation of its errors into ours.

`kubernetes.aio` carries the connection and the credentials; its typed classes are not used (they cost 70 MiB).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from kubernetes.aio import config
from kubernetes.aio.client import ApiClient, Configuration

from sluice.ports import Conflict, NotFound, Rejected, SluiceError, Unavailable

Json = dict[str, Any]

TIMEOUT_SECONDS = 4.0
"""Below the lease's spare time: a write that was begun while leading ends while leading."""
PAGE = 500
_MESSAGE_LIMIT = 400
_OUTCOMES: Mapping[int, type[SluiceError]] = {
    401: Unavailable,
    404: NotFound,
    408: Unavailable,
    409: Conflict,
    410: Conflict,
    429: Unavailable,
}


def error_of(status: int, body: bytes) -> SluiceError:
    """Return our error for an API server's refusal. `reason` is the server's one word, the message is bounded."""
    try:
        answer = json.loads(body)
    except ValueError:
        answer = {}
    answer = answer if isinstance(answer, dict) else {}
    kind = _OUTCOMES.get(status, Unavailable if status >= 500 else Rejected)  # noqa: PLR2004 -- HTTP
    message = str(answer.get("message") or f"HTTP {status}")
    printable = "".join(letter if letter.isprintable() else " " for letter in message[:_MESSAGE_LIMIT])
    return kind(printable, reason=str(answer.get("reason") or kind.__name__))


async def connect() -> ApiClient:
    """Return a client for the cluster around this process, or else for the one that KUBECONFIG names."""
    configuration = Configuration()
    try:
        config.load_incluster_config(configuration)
    except config.ConfigException:
        await config.load_kube_config(client_configuration=configuration)
    # Told to trust the environment, aiohttp looks for a netrc file before each request, in a thread.
    configuration.client_session_kwargs = {"trust_env": False}
    configuration.proxy = configuration.proxy or proxy_for(configuration.host)
    return ApiClient(configuration)


def proxy_for(url: str) -> str | None:
    """Return the proxy that the environment names for a server (HTTPS_PROXY, NO_PROXY); None: there is none."""
    parts = urlsplit(url)
    return None if proxy_bypass(parts.netloc) else getproxies().get(parts.scheme)


def free() -> None:
    """Let every write pass: the fence of a process that has no rival."""


class Api:
    """Raw JSON calls. Every write first passes the fence, which raises when this process no longer leads."""

    def __init__(
        self, client: ApiClient, *, fence: Callable[[], None] = free, timeout: float = TIMEOUT_SECONDS
    ) -> None:
        self._client = client
        self._fence = fence
        self._timeout = aiohttp.ClientTimeout(total=timeout)

    async def get(self, path: str) -> Json:
        """Return an object. Raises NotFound, Unavailable, Rejected."""
        return await self._call("GET", path)

    async def items(self, path: str, **query: str) -> list[Json]:
        """Return all items of a collection, page by page."""
        found: list[Json] = []
        token = ""
        while True:
            page = {"limit": str(PAGE), **query} | ({"continue": token} if token else {})
            answer = await self._call("GET", f"{path}?{urlencode(page)}")
            found.extend(answer.get("items") or [])
            token = (answer.get("metadata") or {}).get("continue") or ""
            if not token:
                return found

    async def create(self, path: str, body: Mapping[str, Any]) -> Json:
        """Create an object. Raises Conflict when the name is taken."""
        return await self._write("POST", path, body)

    async def replace(self, path: str, body: Mapping[str, Any]) -> Json:
        """Replace an object or subresource; a resourceVersion inside guards it. Raises Conflict, NotFound."""
        return await self._write("PUT", path, body)

    async def merge(self, path: str, body: Mapping[str, Any]) -> Json:
        """Apply a merge patch; a resourceVersion inside guards it. Raises Conflict, NotFound."""
        return await self._write("PATCH", path, body, "application/merge-patch+json")

    async def patch(self, path: str, operations: Sequence[Mapping[str, Any]]) -> Json:
        """Apply a JSON patch. A failed `test` is Rejected here: the server gives it no status of its own."""
        return await self._write("PATCH", path, list(operations), "application/json-patch+json")

    async def delete(self, path: str, *, uid: str = "") -> None:
        """Delete an object (of this UID) and, in the background, what it owns. Absent is fine, another UID too."""
        options: Json = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"}
        if uid:
            options["preconditions"] = {"uid": uid}
        try:
            await self._write("DELETE", path, options)
        except (NotFound, Conflict):
            return

    async def _write(self, method: str, path: str, body: object, kind: str = "application/json") -> Json:
        self._fence()
        return await self._call(method, path, body, kind)

    async def _call(self, method: str, path: str, body: object = None, kind: str = "application/json") -> Json:
        headers = {"Accept": "application/json", "Content-Type": kind}
        try:
            request = await self._client.param_serialize(
                method, path, header_params=headers, body=body, auth_settings=["BearerToken"]
            )
            response = await self._client.call_api(*request, _request_timeout=self._timeout)
            content: bytes = await response.read()
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise Unavailable(f"the API server gave no answer ({type(error).__name__})") from error
        if response.status >= 400:  # noqa: PLR2004 -- HTTP
            raise error_of(response.status, content)
        return _object(content)


def _object(content: bytes) -> Json:
    try:
        answer = json.loads(content)
    except ValueError as error:
        raise Unavailable("the API server's answer is not JSON") from error
    if not isinstance(answer, dict):
        raise Unavailable("the API server's answer is not an object")
    return answer


def path(group: str, plural: str, namespace: str, name: str = "", *, sub: str = "") -> str:
    """Return the path of a namespaced collection, object or subresource; `group` is "apps/v1", or "v1" for core."""
    root = "/apis/" if "/" in group else "/api/"
    parts = ["namespaces", namespace, plural, *filter(None, (name, sub))]
    return root + group + "/" + "/".join(quote(part, safe="") for part in parts)
