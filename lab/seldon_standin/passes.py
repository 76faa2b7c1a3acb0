"""One pass over one SeldonDeployment, in the real controller's order.

Services, Deployments, gate, VirtualService, DestinationRules, deletion of old Deployments, status.
"""

import copy
import datetime as dt
from dataclasses import dataclass, field

from lab.seldon_standin import gate, status
from lab.seldon_standin.api import DEPLOYMENTS, DESTINATION_RULES, SERVICES, VIRTUAL_SERVICES, Api
from lab.seldon_standin.cache import Cache
from lab.seldon_standin.cleanup import Cleanup
from lab.seldon_standin.desired import Desired, desired
from lab.seldon_standin.difference import contains, deployment_differs, service_differs, stamped
from lab.seldon_standin.objects import JsonObject, Key, key_of
from lab.seldon_standin.settings import Settings


@dataclass
class World:
    """What a pass can read and write: the API, the caches, and the template changes under way."""

    api: Api
    settings: Settings
    deployments: Cache
    services: Cache
    virtual_services: Cache
    rolls: dict[Key, gate.Roll] = field(default_factory=dict)


class Pass:
    """The work of one pass; `run` gives the new status."""

    def __init__(self, world: World, sdep: JsonObject) -> None:
        self._world = world
        self._sdep = sdep
        self._namespace: str = sdep["metadata"]["namespace"]
        self._status: JsonObject = copy.deepcopy(sdep.get("status") or {})
        self._now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    async def run(self) -> JsonObject:
        """Bring the cluster nearer to the spec."""
        want = desired(self._sdep, self._world.settings)
        services = await self._services(want)
        status.set_condition(self._status, status.SERVICES_READY, "False", {"reason": "NotAllServices"}, self._now)
        ready, progressing = await self._deployments(want)
        if ready:
            told = {"reason": "AllServices"} if services else {"reason": "NotAllServices"}
            value = "True" if services else "False"
            status.set_condition(self._status, status.SERVICES_READY, value, told, self._now)
            await self._routes(want)
            await Cleanup(self._world.api, self._world.deployments, self._world.services).run(
                self._sdep, self._status, want
            )
        status.set_ready(self._status, self._now)
        status.set_state(self._status, deployments=ready, services=services, progressing=progressing)
        return self._status

    async def _services(self, want: Desired) -> bool:
        ready = True
        for service in want.services:
            live = self._world.services.get(*key_of(service))
            if live is None:
                await self._world.api.create(SERVICES, service)
                ready = False
                continue
            self._status["address"] = {"url": want.address}
            if service_differs(service, live):
                await self._world.api.replace(SERVICES, _updated_service(live, service))
            else:
                name = service["metadata"]["name"]
                self._status.setdefault("serviceStatus", {}).setdefault(name, want.service_details[name])
        return ready

    async def _deployments(self, want: Desired) -> tuple[bool, bool]:
        ready, progressing = True, True
        for deployment in want.deployments:
            live, judged = await self._deployment(deployment)
            if live is None:
                ready = False
                continue
            status.record_deployment(self._status, live)
            roll = self._world.rolls.get(key_of(deployment))
            looks_ready = judged and gate.looks_ready(gate.status_seen(live, roll))
            if ready and judged:
                status.deployments_condition(self._status, live, self._now)
                progressing = progressing and not status.gave_up(live)
            if judged:
                self._keep(key_of(deployment), gate.next_roll(live, roll))
            ready = ready and looks_ready
        return ready, progressing

    async def _deployment(self, want: JsonObject) -> tuple[JsonObject | None, bool]:
        """Create or update one; what is live, and whether its status may be judged in this pass."""
        live = self._world.deployments.get(*key_of(want))
        if live is None:
            await self._world.api.create(DEPLOYMENTS, stamped(want))
            return None, False
        if not deployment_differs(want, live):
            return live, True
        written = await self._world.api.replace(DEPLOYMENTS, _updated_deployment(live, stamped(want)))
        if written["spec"]["template"]["spec"] == live["spec"]["template"]["spec"]:
            return written, True
        switch = gate.chosen(self._sdep, self._world.settings)
        roll = gate.begin(written, live.get("status") or {}, switch, self._world.settings.seed)
        self._keep(key_of(want), roll)
        return written, False

    def _keep(self, key: Key, roll: gate.Roll | None) -> None:
        if roll is None:
            self._world.rolls.pop(key, None)
        else:
            self._world.rolls[key] = roll

    async def _routes(self, want: Desired) -> None:
        unchanged = await self._virtual_service(want.virtual_service)
        for rule in want.destination_rules:
            unchanged = await self._destination_rule(rule) and unchanged
        told = {"reason": "AllVirtualServices" if unchanged else "NotAllVirtualServices"}
        value = "True" if unchanged else "False"
        status.set_condition(self._status, status.ROUTES_READY, value, told, self._now)

    async def _virtual_service(self, want: JsonObject) -> bool:
        live = self._world.virtual_services.get(*key_of(want))
        if live is None:
            await self._world.api.create(VIRTUAL_SERVICES, want)
            return False
        if live["spec"] == want["spec"]:
            return True
        await self._world.api.replace(VIRTUAL_SERVICES, live | {"spec": want["spec"]})
        return False

    async def _destination_rule(self, want: JsonObject) -> bool:
        live = await self._world.api.get(DESTINATION_RULES, *key_of(want))
        if live is None:
            await self._world.api.create(DESTINATION_RULES, want)
        elif not contains(live["spec"], want["spec"]):
            await self._world.api.replace(DESTINATION_RULES, live | {"spec": want["spec"]})
        else:
            return True
        return False


def _updated_service(live: JsonObject, want: JsonObject) -> JsonObject:
    metadata = live["metadata"] | {key: want["metadata"][key] for key in ("labels", "annotations")}
    return live | {"metadata": metadata, "spec": live["spec"] | want["spec"]}


def _updated_deployment(live: JsonObject, want: JsonObject) -> JsonObject:
    kept = {key: value for key, value in live["metadata"].items() if key not in {"labels", "annotations"}}
    metadata = kept | {key: want["metadata"][key] for key in ("labels", "annotations")}
    replicas = want["spec"].get("replicas", live["spec"].get("replicas", 1))
    return live | {"metadata": metadata, "spec": want["spec"] | {"replicas": replicas}}
