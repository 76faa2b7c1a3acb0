"""What goes once the gate is open: Deployments of removed predictors, then their Services. Never DestinationRules."""

from lab.seldon_standin import names
from lab.seldon_standin.api import DEPLOYMENTS, SERVICES, Api
from lab.seldon_standin.cache import Cache
from lab.seldon_standin.desired import Desired
from lab.seldon_standin.objects import JsonObject
from lab.seldon_standin.status import leftovers


class Cleanup:
    """Deletes what the status names and the spec no longer has."""

    def __init__(self, api: Api, deployments: Cache, services: Cache) -> None:
        self._api = api
        self._deployments = deployments
        self._services = services

    async def run(self, sdep: JsonObject, status: JsonObject, want: Desired) -> None:
        """Delete, and strike from the status what is really gone."""
        namespace = sdep["metadata"]["namespace"]
        old = leftovers(status, want.deployment_names)
        for name in old:
            if self._deployments.get(namespace, name) is None:
                del status["deploymentStatus"][name]
            else:
                await self._api.delete(DEPLOYMENTS, namespace, name, "Foreground")
        # Services outlive the pods that they lead to.
        if not old:
            await self._remove_services(sdep, status, want)

    async def _remove_services(self, sdep: JsonObject, status: JsonObject, want: Desired) -> None:
        wanted = {service["metadata"]["name"] for service in want.services}
        for name in set(status.get("serviceStatus") or {}) - wanted:
            del status["serviceStatus"][name]
        namespace, identity = sdep["metadata"]["namespace"], names.seldon_id(sdep)
        for (place, name), service in list(self._services.objects.items()):
            labelled = service["metadata"].get("labels", {}).get(names.LABEL_ID) == identity
            if place == namespace and labelled and name not in wanted:
                await self._api.delete(SERVICES, namespace, name)
