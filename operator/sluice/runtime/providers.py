"""The real world: every port's adapter, made from the administrator's configuration."""

from sluice.adapters.kubernetes import KubernetesCandidateWriter, KubernetesEvents, KubernetesObjects
from sluice.adapters.kubernetes_api import Api
from sluice.adapters.kubernetes_jobs import KubernetesJobs
from sluice.adapters.mlflow import Endpoint as RegistryEndpoint
from sluice.adapters.mlflow import MlflowRegistry
from sluice.adapters.prometheus import Endpoint as MetricsEndpoint
from sluice.adapters.prometheus import PrometheusMetrics
from sluice.adapters.seldon import SeldonTargets
from sluice.ports import MetricsProvider, Providers
from sluice.runtime.noting import Notes
from sluice.runtime.sampling import SharedReads
from sluice.runtime.settings import MetricsProviderSettings, OperatorSettings
from sluice.runtime.telemetry import Telemetry
from sluice.runtime.world import World


def world_of(settings: OperatorSettings, api: Api, telemetry: Telemetry, instance: str = "") -> World:
    """Return the ports over one API server connection and the configured endpoints; Events name the instance."""
    return World(
        settings=settings.for_decisions(),
        objects=KubernetesObjects(api),
        writer=KubernetesCandidateWriter(api),
        jobs=KubernetesJobs(api),
        targets=SeldonTargets(api),
        events=KubernetesEvents(api, instance=instance),
        providers=providers_of(settings, telemetry),
    )


def providers_of(settings: OperatorSettings, telemetry: Telemetry) -> Providers:
    """Return the named endpoints."""
    return Providers(
        registries={name: MlflowRegistry(_registry(name, settings)) for name in settings.registries},
        metrics={name: _metrics(name, one, telemetry) for name, one in settings.metrics_providers.items()},
    )


def _metrics(name: str, settings: MetricsProviderSettings, telemetry: Telemetry) -> MetricsProvider:
    """Return one provider, its reads shared among candidates and timed."""
    endpoint = MetricsEndpoint(url=settings.url, timeout_seconds=settings.timeout_seconds)
    notes = Notes(telemetry, name)
    return SharedReads(PrometheusMetrics(endpoint, notes.query), notes.samples)


def _registry(name: str, settings: OperatorSettings) -> RegistryEndpoint:
    registry = settings.registries[name]
    return RegistryEndpoint(
        name=name,
        uri=registry.uri.rstrip("/"),
        timeout_seconds=registry.timeout_seconds,
        model_bytes=settings.for_decisions().evaluation_limits.model_bytes,
        rewrites=tuple((rewrite.source, rewrite.to) for rewrite in registry.serving_rewrite),
    )
