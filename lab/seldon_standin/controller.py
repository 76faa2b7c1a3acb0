"""The controller: watches, a queue, one worker."""

import asyncio
import logging

import aiohttp

from lab.seldon_standin.api import (
    CONFLICT,
    DEPLOYMENTS,
    SELDON_DEPLOYMENTS,
    SERVICES,
    VIRTUAL_SERVICES,
    Api,
    ApiError,
)
from lab.seldon_standin.cache import Cache
from lab.seldon_standin.objects import JsonObject, Key, key_of, owner_key
from lab.seldon_standin.passes import Pass, World
from lab.seldon_standin.settings import Settings
from lab.seldon_standin.workqueue import WorkQueue

log = logging.getLogger(__name__)


class Controller:
    """Reconciles every SeldonDeployment when it, or an object it owns, changes."""

    def __init__(self, api: Api, settings: Settings) -> None:
        self._api = api
        self._queue = WorkQueue()
        self._sdeps = Cache(api, SELDON_DEPLOYMENTS, lambda obj: self._queue.add(key_of(obj)))
        deployments, services, virtual_services = (
            Cache(api, resource, self._owned_changed) for resource in (DEPLOYMENTS, SERVICES, VIRTUAL_SERVICES)
        )
        self._caches = [self._sdeps, deployments, services, virtual_services]
        self._world = World(api, settings, deployments, services, virtual_services)

    async def run(self) -> None:
        """Watch and work for ever."""
        async with asyncio.TaskGroup() as tasks:
            for cache in self._caches:
                tasks.create_task(cache.run())
            for cache in self._caches:
                await cache.filled.wait()
            log.info("caches are filled")
            tasks.create_task(self._queue.run(self._work))

    def _owned_changed(self, obj: JsonObject) -> None:
        owner = owner_key(obj)
        if owner is not None:
            self._queue.add(owner)

    async def _work(self, key: Key) -> bool:
        await asyncio.sleep(self._world.settings.lag)
        sdep = self._sdeps.get(*key)
        if sdep is None or "deletionTimestamp" in sdep["metadata"]:
            return True
        try:
            await self._write_status(sdep, await Pass(self._world, sdep).run())
        except ApiError as error:
            log.info("%s/%s: %s", *key, error)
            return await self._failed(sdep, error)
        except (aiohttp.ClientError, TimeoutError) as error:
            log.info("%s/%s: %s", *key, error)
            return False
        except (KeyError, TypeError, ValueError):
            # An object that the schema let through and nobody foresaw must not stop the work on all others.
            log.exception("%s/%s cannot be built", *key)
            return False
        return True

    async def _write_status(self, sdep: JsonObject, status: JsonObject) -> None:
        if status != sdep.get("status"):
            await self._api.replace(SELDON_DEPLOYMENTS, sdep | {"status": status}, "status")

    async def _failed(self, sdep: JsonObject, error: ApiError) -> bool:
        """Say so in the status, unless the cause is only that somebody else wrote first. Never a success."""
        if error.code != CONFLICT:
            told = (sdep.get("status") or {}) | {"state": "Failed", "description": error.message}
            try:
                await self._write_status(sdep, told)
            except ApiError as second:
                log.info("status of %s: %s", sdep["metadata"]["name"], second)
        return False
