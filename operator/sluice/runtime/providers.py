"""The real world: every port's adapter, made from the administrator's configuration."""

from sluice.adapters.kubernetes import KubernetesCandidateWriter, KubernetesEvents, KubernetesObjects
from sluice.adapters.kubernetes_api import Api
from sluice.adapters.kubernetes_jobs import KubernetesJobs
from sluice.adapters.mlflow import Endpoint as RegistryEndpoint
from sluice.adapters.mlflow import MlflowRegistry
from sluice.adapters.prometheus import Endpoint as MetricsEndpoint
from sluice.adapters.prometheus import PrometheusMetrics
from sluice.adapters.seldon import SeldonTargets
from sluice.ports import Providers
from sluice.runtime.settings import OperatorSettings, RegistrySettings
from sluice.runtime.world import World


def world_of(settings: OperatorSettings, api: Api) -> World:
    """Return the ports over one API server connection and the configured endpoints."""
    return World(
        settings=settings.for_decisions(),
        objects=KubernetesObjects(api),
        writer=KubernetesCandidateWriter(api),
        jobs=KubernetesJobs(api),
        targets=SeldonTargets(api),
        events=KubernetesEvents(api),
        providers=providers_of(settings),
    )


def providers_of(settings: OperatorSettings) -> Providers:
    """Return the named endpoints."""
    return Providers(
        registries={name: MlflowRegistry(_registry(name, one)) for name, one in settings.registries.items()},
        metrics={
            name: PrometheusMetrics(MetricsEndpoint(url=one.url, timeout_seconds=one.timeout_seconds))
            for name, one in settings.metrics_providers.items()
        },
    )


def _registry(name: str, settings: RegistrySettings) -> RegistryEndpoint:
    return RegistryEndpoint(
        name=name,
        uri=settings.uri.rstrip("/"),
        timeout_seconds=settings.timeout_seconds,
        rewrites=tuple((rewrite.source, rewrite.to) for rewrite in settings.serving_rewrite),
    )
