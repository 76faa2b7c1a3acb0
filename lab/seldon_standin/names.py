"""Names of the objects made for a SeldonDeployment, and the labels that select them."""

import hashlib

from lab.seldon_standin.objects import JsonObject

LONGEST = 63

LABEL_ID = "seldon-deployment-id"
LABEL_APP = "seldon-app"
LABEL_SERVICE = "seldon-app-svc"
LABEL_ORCHESTRATOR = "seldon-deployment-contains-svcorch"
LABEL_MANAGED_BY = "app.kubernetes.io/managed-by"
MANAGED_BY = "seldon-core"

ENGINE = "seldon-container-engine"


def fitting(name: str) -> str:
    """Return the name itself, or its hash where it is too long for a label."""
    digest = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
    return name if len(name) <= LONGEST else f"seldon-{digest}"


def seldon_id(sdep: JsonObject) -> str:
    """Name of the VirtualService and value of the identifying label."""
    return fitting(sdep["metadata"]["name"])


def predictor_key(sdep: JsonObject, predictor: JsonObject) -> str:
    """Name of a predictor's Service and DestinationRule."""
    custom: str | None = (predictor.get("annotations") or {}).get("seldon.io/svc-name")
    return custom or fitting(f"{sdep['metadata']['name']}-{predictor['name']}")


def container_service(sdep: JsonObject, predictor: JsonObject, container: str) -> str:
    """Name of the Service that reaches one model container past the executor."""
    return fitting(f"{sdep['metadata']['name']}-{predictor['name']}-{container}")


def deployment(sdep: JsonObject, predictor: JsonObject, index: int) -> str:
    """Name of the Deployment of one component: ends in its own name or in those of its containers."""
    component = predictor["componentSpecs"][index]
    own = (component.get("metadata") or {}).get("name")
    ending = own or "-".join(container["name"] for container in component["spec"]["containers"])
    return fitting(f"{sdep['metadata']['name']}-{predictor['name']}-{index}-{ending}")


def host(service: str, namespace: str) -> str:
    """Return the full host name of a Service."""
    return f"{service}.{namespace}.svc.cluster.local"
