"""A local copy of all objects of one kind, kept by a watch. What the controller reads is as old as this."""

import asyncio
import logging
from collections.abc import Callable

import aiohttp

from lab.seldon_standin.api import Api, ApiError, Resource
from lab.seldon_standin.objects import JsonObject, Key, key_of

log = logging.getLogger(__name__)
RETRY_SECONDS = 0.5


class Cache:
    """Objects by namespace and name; `changed` is called with each object that came, changed or went."""

    def __init__(self, api: Api, resource: Resource, changed: Callable[[JsonObject], None]) -> None:
        self.objects: dict[Key, JsonObject] = {}
        self.filled = asyncio.Event()
        self._api = api
        self._resource = resource
        self._changed = changed

    def get(self, namespace: str, name: str) -> JsonObject | None:
        """One object as last seen."""
        return self.objects.get((namespace, name))

    async def run(self) -> None:
        """List, then watch, for ever; start again when the server is away or forgot our version."""
        while True:
            try:
                await self._follow(await self._fill())
            except (ApiError, aiohttp.ClientError, TimeoutError) as error:
                log.info("watch of %s starts again: %s", self._resource.plural, error)
                await asyncio.sleep(RETRY_SECONDS)

    async def _fill(self) -> str:
        listed = await self._api.list(self._resource)
        found = {key_of(item): item for item in listed["items"]}
        for gone in self.objects.keys() - found.keys():
            self._changed(self.objects.pop(gone))
        self.objects.update(found)
        for item in found.values():
            self._changed(item)
        self.filled.set()
        version: str = listed["metadata"]["resourceVersion"]
        return version

    async def _follow(self, version: str) -> None:
        while True:
            async for event in self._api.watch(self._resource, version):
                version = event["object"]["metadata"]["resourceVersion"]
                self._apply(event["type"], event["object"])

    def _apply(self, kind: str, obj: JsonObject) -> None:
        if kind == "BOOKMARK":
            return
        if kind == "DELETED":
            self.objects.pop(key_of(obj), None)
        else:
            self.objects[key_of(obj)] = obj
        self._changed(obj)
