"""The administrator's configuration: a YAML file that names the endpoints, so that tenants' objects never do."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import Field, ValidationError

from sluice.api.engine import RayCluster
from sluice.api.evaluation_spec import Limits
from sluice.api.schema import LabelName, Model, Reachable
from sluice.api.store import Store, named
from sluice.core.observed import Settings

Url = Annotated[str, Field(pattern=r"^https?://[^\s]+$", max_length=1024), Reachable]


class ConfigurationError(Exception):
    """The configuration cannot be used; the message names the field and what is wrong with it."""


class Rewrite(Model):
    """A prefix of the URI that the registry knows, and what predictors use in its place."""

    source: Annotated[str, Field(alias="from", min_length=1)]
    to: str


class RegistrySettings(Model):
    """A model registry (MLflow)."""

    uri: Url
    """Tracking URI, as the operator and the evaluation Job reach it."""
    timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 5
    serving_rewrite: tuple[Rewrite, ...] = ()
    """First match wins; without a match the URI is handed to predictors as it is."""


class MetricsProviderSettings(Model):
    """A Prometheus."""

    url: Url
    timeout_seconds: Annotated[float, Field(gt=0, le=30)] = 2


class EvaluationSettings(Model):
    """The evaluation Job that every candidate gets."""

    image: Annotated[str, Field(min_length=1)]
    attempts: Annotated[int, Field(ge=1, le=10)] = 3
    resources: Mapping[str, Any] = {}
    max_model_mebibytes: Annotated[int, Field(ge=1, le=1 << 20)] = 2048
    """Models whose artifact is larger are refused before it is fetched."""
    max_dataset_mebibytes: Annotated[int, Field(ge=1, le=1 << 20)] = 4096
    """Files of data sets that are larger are refused."""
    pod_ports: Sequence[Annotated[int, Field(ge=1, le=65_535)]] = ()
    """Ports that Jobs may use besides those of the URLs: of pods whose Service has another port."""


class OperatorSettings(Model):
    """The whole configuration file."""

    registries: Mapping[LabelName, RegistrySettings]
    metrics_providers: Mapping[LabelName, MetricsProviderSettings] = {}
    stores: Mapping[LabelName, Store] = {}
    """Buckets that data sets may lie in; their Secrets are those of each candidate's namespace."""
    ray_clusters: Mapping[LabelName, RayCluster] = {}
    """Ray clusters that plans may have models asked on."""
    evaluation: EvaluationSettings
    champion_alias: str = "champion"
    workers: Annotated[int, Field(ge=1, le=64)] = 8
    gateway_seconds: Annotated[float, Field(ge=0, le=60)] = 2
    heartbeat_seconds: Annotated[float, Field(ge=5, le=3600)] = 60
    """A reconcile loop silent for longer is taken for dead: the liveness probe fails."""

    def for_decisions(self) -> Settings:
        """Return the part that decisions look at."""
        return Settings(
            evaluation_image=self.evaluation.image,
            registry_uris={name: registry.uri for name, registry in self.registries.items()},
            metrics_providers=frozenset(self.metrics_providers),
            stores={name: named(name, store) for name, store in self.stores.items()},
            ray_clusters=self.ray_clusters,
            champion_alias=self.champion_alias,
            evaluation_attempts=self.evaluation.attempts,
            evaluation_resources=self.evaluation.resources,
            evaluation_limits=Limits(
                model_bytes=self.evaluation.max_model_mebibytes << 20,
                dataset_bytes=self.evaluation.max_dataset_mebibytes << 20,
            ),
            pod_ports=tuple(self.evaluation.pod_ports),
            gateway_seconds=self.gateway_seconds,
        )


def parse(text: str) -> OperatorSettings:
    """Return the settings that a YAML text holds. Raises ConfigurationError."""
    try:
        return OperatorSettings.model_validate(yaml.safe_load(text) or {})
    except yaml.YAMLError as error:
        raise ConfigurationError(f"not YAML: {error}") from error
    except ValidationError as error:
        raise ConfigurationError("; ".join(map(_sentence, error.errors()))) from error


def load(file: Path) -> OperatorSettings:
    """Return the settings of a file. Raises ConfigurationError."""
    try:
        return parse(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read: {error.strerror}") from error


def _sentence(error: Any) -> str:  # noqa: ANN401 -- pydantic's ErrorDetails
    field = ".".join(map(str, error["loc"])) or "the file"
    return f"{field}: {error['msg']}"
