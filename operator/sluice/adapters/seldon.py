"""The traffic of a Seldon Core v1 `SeldonDeployment` behind Istio: read whole, written by guarded patches.

Measured behaviour that this relies on: `status.state` and events say nothing about a step; the VirtualService does. A
failed `test` and a webhook's refusal are both 422; a webhook that is down is a 500.
"""

import asyncio
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from sluice.adapters import seldon_parse as parse
from sluice.adapters.kubernetes_api import Api, Json, path
from sluice.core.target import Predictor, Route, Target, Workload
from sluice.ports import Conflict, NotFound, Ref, Rejected

SELDON = "machinelearning.seldon.io/v1"
ISTIO_GROUP = "networking.istio.io"
_ISTIO_VERSIONS = ("v1", "v1beta1", "v1alpha3")
_WEBHOOK = "admission webhook"
_WHOLE = 100


class SeldonTargets:
    """`ports.Targets`."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._istio = ""

    async def read(self, ref: Ref) -> Target:
        """Return the target with its Deployments, pods' troubles and route. Raises NotFound, Rejected (unreadable)."""
        sdep = await self._get(ref)
        workloads, route = await asyncio.gather(self._workloads(ref, sdep), self._route(ref, sdep))
        return parse.target_of(sdep, workloads, route)

    async def patch(self, ref: Ref, generation: int, operations: Sequence[Mapping[str, Any]]) -> None:
        """Apply a JSON patch to the SeldonDeployment if its generation is still this one.

        Raises Conflict (generation moved), Rejected (webhook refusal, forbidden), Unavailable (its webhook is down).
        """
        guard = {"op": "test", "path": "/metadata/generation", "value": generation}
        try:
            await self._api.patch(_sdep(ref), [guard, *operations])
        except Rejected as error:
            if not str(error).startswith(_WEBHOOK) and await self._generation(ref) != generation:
                raise Conflict(f"SeldonDeployment {ref.name} changed since it was read") from error
            raise

    async def write_route(self, ref: Ref, weights: Mapping[str, int]) -> None:
        """Set the VirtualService's weights directly: the way out when Seldon's manager is down."""
        where = await self._istio_path("virtualservices", ref.namespace, ref.name)
        found = await self._api.get(where)
        wanted = with_weights(found, weights)
        if wanted != found:
            await self._api.replace(where, wanted)

    async def delete_workload(self, ref: Ref, name: str) -> None:
        """Delete a Deployment that the target left behind; absent is fine."""
        where = path("apps/v1", "deployments", ref.namespace, name)
        try:
            found = await self._api.get(where)
        except NotFound:
            return
        if (found["metadata"].get("labels") or {}).get(parse.TARGET_LABEL) != ref.name:
            raise Rejected(f"Deployment {name} does not belong to SeldonDeployment {ref.name}")
        await self._api.delete(where, uid=found["metadata"]["uid"])

    async def _get(self, ref: Ref) -> Json:
        found = await self._api.get(_sdep(ref))
        if ref.uid and found["metadata"]["uid"] != ref.uid:
            raise NotFound(f"SeldonDeployment {ref.name} is another one than before")
        return found

    async def _generation(self, ref: Ref) -> int:
        return int((await self._api.get(_sdep(ref)))["metadata"].get("generation") or 0)

    async def _workloads(self, ref: Ref, sdep: Json) -> tuple[Workload, ...]:
        """Return the Deployments; pods are read only when one of them is not as it should be."""
        selector = f"{parse.TARGET_LABEL}={ref.name}"
        raw = await self._api.items(path("apps/v1", "deployments", ref.namespace), labelSelector=selector)
        names = {parse.predictor_key(ref.name, predictor): predictor.name for predictor in parse.predictors(sdep)}
        found = tuple(parse.workload(one, ref.name, names, ()) for one in raw)
        if all(workload.rolled for workload in found):
            return found
        pods = await self._api.items(path("v1", "pods", ref.namespace), labelSelector=selector)
        return tuple(parse.workload(one, ref.name, names, pods) for one in raw)

    async def _route(self, ref: Ref, sdep: Json) -> Route | None:
        """Return the route. A rule is read only of a predictor without traffic: a step is judged without any."""
        try:
            service = await self._api.get(await self._istio_path("virtualservices", ref.namespace, ref.name))
            weights = parse.weights(service)
            served = frozenset(name for name, weight in weights.items() if weight)
        except NotFound:
            return None
        idle = [one for one in parse.predictors(sdep) if one.name not in served]
        rules = await asyncio.gather(*[self._rule(ref, one) for one in idle])
        found = parse.subsets([rule for rule in rules if rule is not None], sdep["metadata"]["uid"])
        return Route(weights=weights, subsets=served | found)

    async def _rule(self, ref: Ref, predictor: Predictor) -> Json | None:
        """Return a predictor's DestinationRule; None while there is none."""
        try:
            name = parse.predictor_key(ref.name, predictor)
            return await self._api.get(await self._istio_path("destinationrules", ref.namespace, name))
        except NotFound:
            return None

    async def _istio_path(self, plural: str, namespace: str, name: str = "") -> str:
        """Return a path in the newest version of Istio's API that the cluster serves. Raises NotFound: none."""
        if not self._istio:
            group = await self._api.get(f"/apis/{ISTIO_GROUP}")
            served = {str(one.get("version")) for one in group.get("versions") or ()}
            version = next((version for version in _ISTIO_VERSIONS if version in served), "")
            if not version:
                raise NotFound(f"the cluster serves none of {', '.join(_ISTIO_VERSIONS)} of {ISTIO_GROUP}")
            self._istio = f"{ISTIO_GROUP}/{version}"
        return path(self._istio, plural, namespace, name)


def _sdep(ref: Ref) -> str:
    return path(SELDON, "seldondeployments", ref.namespace, ref.name)


def with_weights(virtual_service: Json, weights: Mapping[str, int]) -> Json:
    """Return the VirtualService with these weights in each of its entries. Raises Rejected when they do not sum to 100.

    Both entries (REST and gRPC) are set; a destination that `weights` does not name gets 0.
    """
    changed: Json = deepcopy(virtual_service)
    for entry in parse.http_entries(changed):
        for route in entry["route"]:
            route["weight"] = weights.get(parse.subset_of(route), 0)
        total = sum(route["weight"] for route in entry["route"])
        if total != _WHOLE:
            raise Rejected(
                f"VirtualService {virtual_service['metadata']['name']}: weights would sum to {total}, not 100"
            )
    return changed
