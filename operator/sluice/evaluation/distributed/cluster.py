"""A Ray cluster that asks models through Daft: the connection, and what must be the same there as here."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version
from typing import Any

from sluice.api.engine import RayInput
from sluice.evaluation.distributed.asking import Asking
from sluice.evaluation.distributed.depot import NAMESPACE
from sluice.evaluation.distributed.libraries import daft, ray
from sluice.evaluation.engine import FIELD
from sluice.evaluation.failure import EvaluationFailure, first_line
from sluice.evaluation.scoring import Ask

PACKAGES = ("sluice-operator", "mlflow", "numpy", "pandas", "polars", "pyarrow", "scikit-learn", "scipy", "daft", "ray")
_PROBE_SECONDS = 120
_ATTEMPTS = 3
"""How often to ask for a server of our own: Ray forks one for each client, which ends at once now and then."""


@dataclass(frozen=True)
class Cluster:
    """A cluster that we are connected to."""

    workers: int

    @contextmanager
    def asking(self, folder: Path, *, arm: str) -> Iterator[Ask]:
        """Yield what asks copies of the model in a folder. Raises EvaluationFailure."""
        with _in_our_words(f"while it asked the {arm}"), Asking.of(folder, arm=arm, workers=self.workers) as asking:
            yield asking


@contextmanager
def connected(wanted: RayInput) -> Iterator[Cluster]:
    """Connect to a cluster and make sure that it has what we have. Raises EvaluationFailure."""
    _connect(wanted.address)
    try:
        with _in_our_words("when it was asked what it has"):
            probe = ray.remote(versions).options(num_cpus=0, max_retries=0).remote()
            _compare(versions(), ray.get(probe, timeout=_PROBE_SECONDS))
            daft.set_runner_ray(noop_if_initialized=True)
            cpus = int(ray.cluster_resources().get("CPU", 0))
        yield Cluster(workers=max(1, min(wanted.workers, cpus)))
    finally:
        ray.shutdown()


def _connect(address: str) -> None:
    try:
        _init(address)
    except RuntimeError as error:
        if "ersion mismatch" not in str(error):
            raise _away(address, error) from error
        told = " ".join(str(error).split())[:400]
        what = f"the Ray cluster at {address} runs other versions than this image ({told})"
        raise EvaluationFailure("EngineMismatch", f"{what}: {_SAME_IMAGE}", field=FIELD) from error
    except Exception as error:
        raise _away(address, error) from error


def _init(address: str) -> None:
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            ray.init(address, namespace=NAMESPACE, log_to_driver=False, logging_level="WARNING")
        except ConnectionAbortedError:
            if attempt == _ATTEMPTS:
                raise
        else:
            return


_SAME_IMAGE = "have the administrator run the cluster's nodes with the image that rayClusters names"


def _away(address: str, error: Exception) -> EvaluationFailure:
    what = f"the Ray cluster at {address} gives no usable answer ({first_line(error)})"
    return EvaluationFailure("EngineUnavailable", f"{what}: is it up, can this namespace reach its port?")


def versions() -> dict[str, str]:
    """Return the versions of what a model's answers may depend on; empty texts for what is not there."""
    return {"python": python_version(), **{name: _version(name) for name in PACKAGES}}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _compare(here: Mapping[str, str], there: Mapping[str, str]) -> None:
    other = [
        f"{name} {there.get(name) or 'missing'} (here {known or 'missing'})"
        for name, known in here.items()
        if there.get(name) != known
    ]
    if other:
        what = f"the Ray cluster runs {', '.join(other)}"
        raise EvaluationFailure("EngineMismatch", f"{what}: {_SAME_IMAGE}", field=FIELD)


@contextmanager
def _in_our_words(when: str) -> Iterator[None]:
    try:
        yield
    except EvaluationFailure:
        raise
    except Exception as error:
        package = _lacking(error)
        if package:
            what = f"the Ray cluster lacks the package {package}"
            raise EvaluationFailure("EngineMismatch", f"{what}: {_SAME_IMAGE}", field=FIELD) from error
        what = f"the Ray cluster failed {when} ({first_line(error)})"
        raise EvaluationFailure("EngineFailed", f"{what}: its own logs say more") from error


def _lacking(error: Any) -> str:  # noqa: ANN401 -- any error, with Ray's causes
    while error is not None:
        if isinstance(error, ModuleNotFoundError):
            return error.name or "it needs"
        error = getattr(error, "cause", None) or error.__cause__
    return ""
