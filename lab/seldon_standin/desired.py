"""Everything a SeldonDeployment should have in the cluster."""

from dataclasses import dataclass

from lab.seldon_standin import names, routes
from lab.seldon_standin.defaults import with_defaults
from lab.seldon_standin.deployments import deployments
from lab.seldon_standin.engine import HTTP_PORT
from lab.seldon_standin.objects import JsonObject
from lab.seldon_standin.services import details, services
from lab.seldon_standin.settings import Settings


@dataclass(frozen=True)
class Desired:
    """The objects, and what the status says of them."""

    services: list[JsonObject]
    deployments: list[JsonObject]
    virtual_service: JsonObject
    destination_rules: list[JsonObject]
    service_details: dict[str, JsonObject]
    address: str

    @property
    def deployment_names(self) -> list[str]:
        """Names, in the order of the predictors."""
        return [deployment["metadata"]["name"] for deployment in self.deployments]


def desired(sdep: JsonObject, settings: Settings) -> Desired:
    """From the object as it is written."""
    filled = with_defaults(sdep, settings.images.servers)
    wanted_services = services(filled)
    first = names.predictor_key(filled, filled["spec"]["predictors"][0])
    host = names.host(first, filled["metadata"]["namespace"])
    return Desired(
        services=wanted_services,
        deployments=deployments(filled, settings),
        virtual_service=routes.virtual_service(filled, settings.gateway),
        destination_rules=routes.destination_rules(filled),
        service_details={service["metadata"]["name"]: details(service) for service in wanted_services},
        address=f"http://{host}:{HTTP_PORT}/api/v1.0/predictions",
    )
