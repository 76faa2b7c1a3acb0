"""MLflow as the model registry: versions and aliases resolved and pinned by the digest of their bytes; outcomes noted.

MLflow's client blocks: it runs in threads, with time-outs of seconds instead of its own of minutes. Digests of large
models have threads of their own, so that short calls never wait for them.
"""

import asyncio
import os
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient
from pydantic import ValidationError

from sluice.adapters.mlflow_artifacts import ArtifactProxy, location
from sluice.api.candidate import ModelRef, PinnedModel
from sluice.api.evaluation_spec import Limits
from sluice.core import use_tags
from sluice.ports import NotFound, Rejected, SluiceError, Unavailable

T = TypeVar("T")

IMAGE_TAG = "sluice.image"
_PATIENCE_SECONDS = 8.0
"""How long a caller waits for a digest; it goes on without them, and the next call finds it."""
_RUN_ID = re.compile(r"^[A-Za-z0-9]{1,64}$")
_REFUSALS = frozenset({"INVALID_PARAMETER_VALUE", "BAD_REQUEST", "PERMISSION_DENIED", "UNAUTHENTICATED"})
_MISSING = frozenset({"RESOURCE_DOES_NOT_EXIST", "NOT_FOUND"})


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One registry of the administrator's configuration."""

    name: str
    uri: str
    timeout_seconds: float = 5.0
    model_bytes: int = Limits().model_bytes
    """Larger artifacts are refused before they are read."""
    rewrites: Sequence[tuple[str, str]] = ()
    """(prefix, replacement) of what predictors get as `modelUri`; the first that matches counts."""


class MlflowRegistry:
    """`ports.Registry`."""

    def __init__(self, endpoint: Endpoint) -> None:
        _bound(endpoint.timeout_seconds)
        self._endpoint = endpoint
        self._client = MlflowClient(endpoint.uri, endpoint.uri)
        self._proxy = ArtifactProxy(endpoint.uri, endpoint.timeout_seconds)
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix=f"registry-{endpoint.name}")
        self._readers = ThreadPoolExecutor(max_workers=2, thread_name_prefix=f"digest-{endpoint.name}")
        self._digests: dict[str, asyncio.Task[str]] = {}
        self._counting = asyncio.Lock()
        """Uses are counted one by one, so that no two have one number."""

    async def resolve(self, model: ModelRef) -> PinnedModel:
        """Return the version with its digest and origins. Raises NotFound, Unavailable, Rejected."""
        version = await self._run(self._find, model)
        uri = await self._run(self._client.get_model_version_download_uri, model.name, version.version)
        digest = await self._digest(f"{model.name}/{version.version} {uri}", location(uri, self._endpoint.uri))
        try:
            return PinnedModel(
                registry=self._endpoint.name,
                name=model.name,
                version=str(version.version),
                digest=digest,
                uri=uri,
                serving_uri=self._serving_uri(uri),
                image=str(version.tags.get(IMAGE_TAG) or ""),
            )
        except ValidationError as error:
            raise Rejected("the version's URI or image is longer than 1024 characters") from error

    async def tag(self, model: PinnedModel, tags: Mapping[str, str]) -> None:
        """Set tags on the version (idempotent)."""
        for key, value in tags.items():
            await self._run(self._client.set_model_version_tag, model.name, model.version, key, value)

    async def set_alias(self, model: PinnedModel, alias: str) -> None:
        """Point an alias at the version (idempotent)."""
        await self._run(self._client.set_registered_model_alias, model.name, alias, model.version)

    async def uses(self, model: PinnedModel, datasets: Collection[str]) -> Mapping[str, int]:
        """Return which use of each data set this model's is, from 1, by digest; uncounted sets are missing."""
        return use_tags.uses(await self._tags(model), model.digest, datasets)

    async def count_use(self, model: PinnedModel, datasets: Collection[str]) -> None:
        """Count that this model is judged on the data sets; a use that is counted keeps its number (idempotent)."""
        async with self._counting:
            for key, value in use_tags.due(await self._tags(model), model.digest, datasets).items():
                await self._run(self._client.set_registered_model_tag, model.name, key, value)

    async def artifact(self, run_id: str, path: str, *, limit: int) -> bytes:
        """Return a run's artifact. Raises NotFound, Unavailable, Rejected (larger than `limit` bytes)."""
        if not _RUN_ID.match(run_id):
            raise Rejected("the run's id is not an id")
        run = await self._run(self._client.get_run, run_id)
        root = location(run.info.artifact_uri, self._endpoint.uri)
        return await self._run(self._proxy.read, f"{root}/{path}", limit)

    def close(self) -> None:
        """Give up the threads; a call under way ends by its own time-out."""
        for threads in (self._threads, self._readers):
            threads.shutdown(wait=False, cancel_futures=True)

    async def _tags(self, model: PinnedModel) -> Mapping[str, str]:
        found = await self._run(self._client.get_registered_model, model.name)
        return dict(found.tags)

    def _find(self, model: ModelRef) -> Any:  # noqa: ANN401 -- mlflow.entities.ModelVersion
        if model.alias is not None:
            version = self._client.get_model_version_by_alias(model.name, model.alias)
        else:
            version = self._client.get_model_version(model.name, model.version)
        if version.status == "PENDING_REGISTRATION":
            raise Unavailable(f"version {version.version} is still being registered")
        if version.status != "READY":
            raise Rejected(f"version {version.version} is {version.status}: register it again")
        return version

    async def _digest(self, key: str, root: str) -> str:
        """Return the digest of a version's files; it is never begun twice, large ones outlast the caller's patience."""
        task = self._digests.get(key)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = self._digests[key] = asyncio.create_task(self._measured(root))
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await asyncio.shield(task)
        except TimeoutError as error:
            raise Unavailable("the artifact's files are still being read", reason="Reading") from error

    async def _measured(self, root: str) -> str:
        return await self._run(self._proxy.digest, root, self._endpoint.model_bytes, on=self._readers)

    def _serving_uri(self, uri: str) -> str:
        for prefix, replacement in self._endpoint.rewrites:
            if uri.startswith(prefix):
                return replacement + uri[len(prefix) :]
        return uri

    async def _run(self, call: Callable[..., T], *arguments: object, on: ThreadPoolExecutor | None = None) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(on or self._threads, call, *arguments)
        except SluiceError:
            raise
        except MlflowException as error:
            raise _ours(error) from error
        except (OSError, ValueError) as error:
            raise Unavailable(f"the registry gave no usable answer ({type(error).__name__})") from error


def _ours(error: MlflowException) -> SluiceError:
    """Return our error; MLflow says of a missing alias that the parameter is invalid."""
    code, message = str(error.error_code), str(error.message or "").partition("\n")[0][:300]
    said = message.removeprefix(f"{code}: ")
    if code in _MISSING or (code == "INVALID_PARAMETER_VALUE" and "alias" in said and "not found" in said):
        return NotFound(said)
    if code in _REFUSALS:
        return Rejected(said)
    return Unavailable(f"the registry gave no answer ({code})")


def _bound(timeout: float) -> None:
    """Bound MLflow's own patience (it has no arguments for it) and keep it from calling home."""
    os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "1"
    os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"] = str(max(1, round(timeout)))
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
