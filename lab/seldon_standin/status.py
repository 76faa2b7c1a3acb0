"""The status of a SeldonDeployment. It never says which generation it describes."""

from lab.seldon_standin.gate import looks_ready
from lab.seldon_standin.objects import JsonObject

DEPLOYMENTS_READY = "DeploymentsReady"
SERVICES_READY = "ServicesReady"
ROUTES_READY = "istioVirtualServicesReady"
NOT_USED = {
    "AmbassadorMappingsReady": "No Ambassador Mappings defined",
    "HpasReady": "No HPAs defined",
    "KedaReady": "No KEDA resources defined",
    "PdbsReady": "No PDBs defined",
}


def set_condition(status: JsonObject, kind: str, value: str, told: JsonObject, now: str) -> None:
    """Set one condition; `told` may hold `reason` and `message`. The time moves only with a change."""
    conditions: list[JsonObject] = status.setdefault("conditions", [])
    old = next((item for item in conditions if item["type"] == kind), None)
    new: JsonObject = {"type": kind, "status": value} | {key: text for key, text in told.items() if text}
    if old is not None and new == {key: text for key, text in old.items() if key != "lastTransitionTime"}:
        return
    status["conditions"] = sorted(
        [item for item in conditions if item["type"] != kind] + [new | {"lastTransitionTime": now}],
        key=lambda item: str(item["type"]),
    )


def set_ready(status: JsonObject, now: str) -> None:
    """Sum up the conditions in `Ready`."""
    for kind, reason in NOT_USED.items():
        set_condition(status, kind, "True", {"reason": reason}, now)
    others = [item for item in status["conditions"] if item["type"] != "Ready"]
    failed = next((item for item in others if item["status"] == "False"), None)
    unknown = any(item["status"] != "True" for item in others)
    value = "False" if failed else "Unknown" if unknown else "True"
    told = {"reason": (failed or {}).get("reason", ""), "message": (failed or {}).get("message", "")}
    set_condition(status, "Ready", value, told, now)


def record_deployment(status: JsonObject, live: JsonObject) -> None:
    """Note a Deployment's replicas. One that has none yet is not noted: hence the orphans."""
    name, counts = live["metadata"]["name"], live.get("status") or {}
    known = (status.get("deploymentStatus") or {}).get(name, {})
    seen = {key: counts[key] for key in ("availableReplicas", "replicas") if counts.get(key)}
    if seen != {key: known[key] for key in ("availableReplicas", "replicas") if known.get(key)}:
        status.setdefault("deploymentStatus", {})[name] = seen


def deployments_condition(status: JsonObject, live: JsonObject, now: str) -> None:
    """Copy a Deployment's own `Available` condition."""
    available = deployment_condition(live, "Available")
    told = {key: available.get(key, "") for key in ("reason", "message")}
    set_condition(status, DEPLOYMENTS_READY, available.get("status", "Unknown"), told, now)


def deployment_condition(live: JsonObject, kind: str) -> JsonObject:
    """One condition of a Deployment, empty where it is not set."""
    conditions: list[JsonObject] = (live.get("status") or {}).get("conditions") or []
    return next((item for item in conditions if item["type"] == kind), {})


def gave_up(live: JsonObject) -> bool:
    """Whether a Deployment is past its progress deadline and has nothing available."""
    return (
        not looks_ready(live.get("status") or {})
        and deployment_condition(live, "Progressing").get("status") == "False"
        and deployment_condition(live, "Available").get("status") == "False"
    )


def set_state(status: JsonObject, *, deployments: bool, services: bool, progressing: bool) -> None:
    """`Available`, `Failed` or `Creating`."""
    status.pop("description", None)
    if deployments and services:
        status["state"] = "Available"
    elif not deployments and not progressing:
        status["state"] = "Failed"
        status["description"] = "Deployment is no longer progressing and not available."
    else:
        status["state"] = "Creating"


def leftovers(status: JsonObject, wanted: list[str]) -> list[str]:
    """Deployments that the status names and the spec no longer has: the only ones that get deleted."""
    return [name for name in status.get("deploymentStatus") or {} if name not in wanted]
