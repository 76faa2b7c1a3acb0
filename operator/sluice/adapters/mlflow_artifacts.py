"""Artifacts through the tracking server's own proxy: listed and streamed, bounded in time, size and number.

Nothing but the configured server is ever asked: what an artifact's URI says about hosts is not followed.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlsplit

import requests
from mlflow.utils.credentials import get_default_host_creds
from mlflow.utils.rest_utils import http_request

from sluice.core.artifact_digest import artifact_digest
from sluice.ports import NotFound, Rejected, Unavailable

SCHEME = "mlflow-artifacts"
MOST_FILES = 10_000
MOST_DEPTH = 32
_CHUNK = 1 << 20
_ENDPOINT = "/api/2.0/mlflow-artifacts/artifacts"
_MISSING, _FIRST_ERROR, _SERVER_ERROR = 404, 400, 500


def location(uri: str, server: str) -> str:
    """Return the proxy's path of an artifact URI. Raises Rejected for one that the server's proxy does not serve."""
    parts = urlsplit(uri)
    if parts.scheme != SCHEME:
        raise Rejected(f"the artifacts are not served by the registry's proxy ({parts.scheme or 'a path'}:)")
    if parts.netloc and parts.netloc != urlsplit(server).netloc:
        raise Rejected("the artifacts are on another server than the registry")
    return _safe(parts.path.strip("/"))


def _safe(path: str) -> str:
    steps = path.split("/")
    if not path or any(step in {"", ".", ".."} for step in steps) or not path.isprintable():
        raise Rejected("the artifact's path is not a plain relative path")
    return path


class ArtifactProxy:
    """Blocking reads of one tracking server's artifact proxy."""

    def __init__(self, server: str, timeout: float) -> None:
        self._server = server
        self._timeout = timeout

    def digest(self, root: str, limit: int) -> str:
        """Return the digest of all files under a path, streamed.

        Raises NotFound when there is none, Rejected when they have more than `limit` bytes: before any is read, as far
        as the server tells their sizes.
        """
        sizes = dict(self._walk(root, "", MOST_DEPTH))
        if not sizes:
            raise NotFound("the version has no artifact files")
        _bounded(sum(sizes.values()), limit)
        files, read = {}, 0
        for path in sizes:
            state = hashlib.sha256()
            for chunk in self._stream(f"{root}/{path}", _CHUNK):
                state.update(chunk)
                read += len(chunk)
                _bounded(read, limit)
            files[path] = state.hexdigest()
        return artifact_digest(files)

    def read(self, path: str, limit: int) -> bytes:
        """Return a file. Raises NotFound, Unavailable, Rejected (larger than `limit` bytes)."""
        content = bytearray()
        for chunk in self._stream(_safe(path), min(_CHUNK, limit + 1)):
            content += chunk
            if len(content) > limit:
                raise Rejected(f"the artifact is larger than {limit} bytes", reason="TooLarge")
        return bytes(content)

    def _walk(self, root: str, folder: str, depth: int) -> Iterator[tuple[str, int]]:
        """Yield the paths of files with their bytes, 0 where the server does not tell."""
        if not depth:
            raise Rejected(f"the artifact's folders are deeper than {MOST_DEPTH}")
        for count, (path, size) in enumerate(self._list(f"{root}/{folder}".rstrip("/"))):
            if count >= MOST_FILES:
                raise Rejected(f"the artifact has more than {MOST_FILES} files")
            inside = _safe(f"{folder}/{path}".lstrip("/"))
            if size is None:
                yield from self._walk(root, inside, depth - 1)
            else:
                yield inside, size

    def _list(self, path: str) -> list[tuple[str, int | None]]:
        """Return names with their bytes; None: a folder."""
        with self._get(_ENDPOINT, params={"path": path}) as response:
            answer = _json(response)
        return [
            (str(one["path"]), None if one.get("is_dir") else int(one.get("file_size") or 0))
            for one in answer.get("files") or ()
        ]

    def _stream(self, path: str, size: int) -> Iterator[bytes]:
        with self._get(f"{_ENDPOINT}/{quote(path)}", stream=True) as response:
            try:
                yield from response.iter_content(size)
            except requests.RequestException as error:
                raise Unavailable(f"the registry broke off ({type(error).__name__})") from error

    @contextmanager
    def _get(self, endpoint: str, **options: Any) -> Iterator[requests.Response]:  # noqa: ANN401 -- requests' options
        try:
            response = http_request(
                get_default_host_creds(self._server),
                endpoint,
                "GET",
                max_retries=0,
                timeout=self._timeout,
                raise_on_status=False,
                allow_redirects=False,
                **options,
            )
        except Exception as error:  # MLflow raises its own, requests' and urllib3's
            raise Unavailable(f"the registry gave no answer ({type(error).__name__})") from error
        with response:
            _check(response.status_code)
            yield response


def _bounded(size: int, limit: int) -> None:
    if size > limit:
        cure = "register a smaller version, or have the administrator raise evaluation.maxModelMebibytes"
        raise Rejected(f"the artifact has {size:,} bytes or more, allowed are {limit:,}: {cure}", reason="TooLarge")


def _check(status: int) -> None:
    if status == _MISSING:
        raise NotFound("the artifact does not exist")
    if status >= _SERVER_ERROR:
        raise Unavailable(f"the registry answered {status}")
    if status >= _FIRST_ERROR or status // 100 != 2:  # noqa: PLR2004 -- HTTP
        raise Rejected(f"the registry refused the artifact ({status})")


def _json(response: requests.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except requests.RequestException as error:
        raise Unavailable("the registry's answer is not JSON") from error
    if not isinstance(answer, dict):
        raise Unavailable("the registry's answer is not an object")
    return answer
