"""`Reader` on a real cluster, by the kubeconfig that kubectl uses or, in a pod, by its service account."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kubernetes import client, config
from kubernetes.client.exceptions import ApiException
from kubernetes.config.config_exception import ConfigException
from urllib3.exceptions import HTTPError

from sluice.api.crd import CANDIDATE, GROUP, VERSION
from sluice.cli.reader import Where
from sluice.core.timeline import printable
from sluice.ports import NotFound, Rejected, SluiceError, Unavailable

_SECONDS = 10
_NOT_FOUND = 404
_FORBIDDEN = (401, 403)
_POD_NAMESPACE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")


class Cluster:
    """Candidates as the API server has them."""

    def __init__(self, api_client: Any, namespace: str) -> None:  # noqa: ANN401 -- the client is untyped
        self._api = client.CustomObjectsApi(api_client)
        self._namespace = namespace

    @property
    def namespace(self) -> str:
        """Return the namespace that the context names."""
        return self._namespace

    def kinds(self) -> frozenset[str]:
        """Return the plural names of the kinds that the API server serves in our group."""
        try:
            return frozenset(item.name for item in self._call("get_api_resources").resources)
        except NotFound:
            return frozenset()

    def candidates(self, namespace: str | None) -> Sequence[Mapping[str, Any]]:
        """Return all candidates of a namespace, or of all of them."""
        if namespace is None:
            found = self._call("list_custom_object_for_all_namespaces", resource_plural=CANDIDATE.plural)
        else:
            found = self._call("list_namespaced_custom_object", namespace=namespace, plural=CANDIDATE.plural)
        return list(found["items"])

    def candidate(self, namespace: str, name: str) -> Mapping[str, Any]:
        """Return one candidate. Raises NotFound."""
        try:
            found: Mapping[str, Any] = self._call(
                "get_namespaced_custom_object", namespace=namespace, plural=CANDIDATE.plural, name=name
            )
        except NotFound as error:
            if CANDIDATE.plural not in self.kinds():
                raise
            raise NotFound(
                f"there is no ModelCandidate {name} in the namespace {namespace}: `sluice get -A` lists all"
            ) from error
        return found

    def _call(self, method: str, **arguments: str) -> Any:  # noqa: ANN401 -- JSON
        try:
            return getattr(self._api, method)(group=GROUP, version=VERSION, _request_timeout=_SECONDS, **arguments)
        except ApiException as error:
            raise _refusal(error) from error
        except (HTTPError, OSError) as error:
            raise _silence(type(error).__name__) from error


def _refusal(error: ApiException) -> SluiceError:
    if error.status == _NOT_FOUND:
        return NotFound("the cluster does not know ModelCandidates: install Sluice with its Helm chart")
    if error.status in _FORBIDDEN:
        return Rejected(
            f"the API server refuses ({error.status} {error.reason}): "
            "ask for the role view (or get, list on modelcandidates.sluice.dev) in the namespace"
        )
    if not error.status:
        return _silence(error.reason)
    return Unavailable(f"the API server answers {error.status} {error.reason}: try again")


def _silence(cause: object) -> SluiceError:
    return Unavailable(f"the API server does not answer ({printable(str(cause))}): does `kubectl version` work?")


def connected(where: Where | None = None) -> Cluster:
    """Return the cluster of a kubeconfig and context. Raises Rejected when there is none to be found."""
    where = where or Where()
    try:
        return _by_kubeconfig(where)
    except (ConfigException, OSError) as error:
        inside = None if where.kubeconfig or where.context else _in_pod()
        if inside is None:
            raise Rejected(f"{_first_line(error)}: set KUBECONFIG, or pass --kubeconfig and --context") from error
        return inside


def _by_kubeconfig(where: Where) -> Cluster:
    chosen = {"config_file": where.kubeconfig or None, "context": where.context or None}
    contexts, active = config.list_kube_config_contexts(chosen["config_file"])
    if where.context:
        active = next((context for context in contexts if context["name"] == where.context), active)
    api_client = config.new_client_from_config(**chosen, client_configuration=_configuration())
    return Cluster(api_client, active["context"].get("namespace") or "default")


def _in_pod() -> Cluster | None:
    configuration = _configuration()
    try:
        config.load_incluster_config(client_configuration=configuration)
        namespace = _POD_NAMESPACE.read_text(encoding="utf-8").strip()
    except (ConfigException, OSError):
        return None
    return Cluster(client.ApiClient(configuration), namespace)


def _configuration() -> Any:  # noqa: ANN401 -- the client is untyped
    configuration = client.Configuration()
    configuration.retries = False
    return configuration


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".: ")
