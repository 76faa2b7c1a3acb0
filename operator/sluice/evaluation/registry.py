"""What the Job needs of MLflow: artifacts in, with their digests checked, and one run out."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import requests
from mlflow.artifacts import download_artifacts
from mlflow.entities import FileInfo, Metric, Param
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repo import ArtifactRepository
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from mlflow.tracking import MlflowClient
from mlflow.utils.credentials import get_default_host_creds
from mlflow.utils.rest_utils import http_request

from sluice.adapters.model_folder import folder_digest
from sluice.api.evaluation_result import RUN_FOLDER
from sluice.api.evaluation_spec import Limits, ModelInput
from sluice.evaluation.failure import EvaluationFailure, too_large

T = TypeVar("T")

_NOT_FOUND = 404
_PIECE = 1 << 20
_USUAL = Limits()


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """What is written to the run beside its files."""

    name: str
    params: Mapping[str, str]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]


class RegistryClient:
    """The MLflow server of the spec."""

    def __init__(self, tracking_uri: str, limits: Limits = _USUAL) -> None:
        self._uri = tracking_uri
        self._limits = limits
        self._client = MlflowClient(tracking_uri, tracking_uri)
        self._models: dict[Path, Path] = {}

    def model(self, model: ModelInput, folder: Path, *, arm: str) -> Path:
        """Download a model, once, to a folder of its own. Raises EvaluationFailure, also for another digest."""
        if folder not in self._models:
            self._models[folder] = self._model(model, folder, arm)
        return self._models[folder]

    def _model(self, model: ModelInput, folder: Path, arm: str) -> Path:
        size = self._asked(model.uri, lambda: self._model_size(model.uri, field=arm), field=arm)
        if size > self._limits.model_bytes:
            what = f"the artifact of version {model.version} of {model.name}"
            raise too_large("ModelTooLarge", what, size, self._limits.model_bytes, field=arm)
        path = self._download(model.uri, folder, field=arm)
        found = folder_digest(path)
        if found != model.digest:
            message = f"the artifact of version {model.version} of {model.name} has digest {found}, not the pinned one"
            raise EvaluationFailure("ModelDigestMismatch", f"{message} {model.digest}", field=arm)
        return path

    def file(self, uri: str, folder: Path, *, field: str) -> Path:
        """Download a file. Raises EvaluationFailure, with the field that names it."""
        size = self._asked(uri, lambda: self._file_size(uri, field=field), field=field)
        if size > self._limits.dataset_bytes:
            raise too_large("FileTooLarge", uri, size, self._limits.dataset_bytes, field=field)
        path = self._download(uri, folder, field=field)
        if not path.is_file():
            raise EvaluationFailure("FileUnreadable", f"{uri} is not a file", field=field)
        return path

    def _model_size(self, uri: str, *, field: str) -> int:
        """Return the bytes of all files of an artifact. Raises EvaluationFailure."""
        repository = get_artifact_repository(uri, self._uri)
        files = repository.list_artifacts()
        if not files:
            raise _missing(uri, field)
        return _size(repository, files, self._limits.model_bytes)

    def _file_size(self, uri: str, *, field: str) -> int:
        """Return the bytes of a file. Raises EvaluationFailure.

        Its folder is asked, not the file: MLflow puts what became of downloads into words only.
        """
        folder, _, name = uri.rpartition("/")
        repository = get_artifact_repository(folder or "/", self._uri)
        found = [entry for entry in repository.list_artifacts() if entry.path.rpartition("/")[2] == name]
        if not found:
            raise _missing(uri, field)
        return _size(repository, found, self._limits.dataset_bytes)

    def record(self, experiment: str, run: RunRecord, files: Path) -> str:
        """Write a finished run with all files of a folder, and return its id. Raises EvaluationFailure."""
        try:
            return self._record(experiment, run, files)
        except (MlflowException, requests.RequestException, OSError) as error:
            raise _unavailable(error) from error

    def _record(self, experiment: str, run: RunRecord, files: Path) -> str:
        found = self._client.get_experiment_by_name(experiment)
        number = found.experiment_id if found else self._client.create_experiment(experiment)
        run_id = str(self._client.create_run(number, tags=dict(run.tags), run_name=run.name).info.run_id)
        metrics = [Metric(key, value, 0, 0) for key, value in run.metrics.items()]
        params = [Param(key, value) for key, value in run.params.items()]
        self._client.log_batch(run_id, metrics=metrics, params=params)
        self._client.log_artifacts(run_id, str(files), RUN_FOLDER)
        self._client.set_terminated(run_id)
        return run_id

    def _download(self, uri: str, folder: Path, *, field: str) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        fetch = lambda: download_artifacts(artifact_uri=uri, dst_path=str(folder), tracking_uri=self._uri)  # noqa: E731
        return Path(self._asked(uri, fetch, field=field))

    def _asked(self, uri: str, ask: Callable[[], T], *, field: str) -> T:
        try:
            return ask()
        except (MlflowException, requests.RequestException, OSError) as error:
            if _says_missing(error):
                raise _missing(uri, field) from error
            raise _unavailable(error) from error


def _size(repository: ArtifactRepository, entries: Iterable[FileInfo], most: int) -> int:
    """Return the bytes of files and of all below folders; what is beyond `most` is not read to its end."""
    files = list(_files(repository, entries))
    size = sum(file.file_size or 0 for file in files)
    for file in files:
        if file.file_size is None and size <= most:
            size += _counted(repository, file.path, most - size)
    return size


def _files(repository: ArtifactRepository, entries: Iterable[FileInfo]) -> Iterator[FileInfo]:
    for entry in entries:
        if entry.is_dir:
            yield from _files(repository, repository.list_artifacts(entry.path))
        else:
            yield entry


def _counted(repository: ArtifactRepository, path: str, most: int) -> int:
    """Return the bytes of a file whose size the registry does not tell, counted as they come, until it is too many.

    MLflow does so with empty files. Another server may with any: without a count it could fill the disk.
    """
    size, where = 0, get_default_host_creds(repository.artifact_uri)
    with http_request(where, f"/{quote(path)}", "GET", stream=True) as response:
        response.raise_for_status()
        for piece in response.iter_content(_PIECE):
            size += len(piece)
            if size > most:
                break
    return size


def _says_missing(error: Exception) -> bool:
    """Say whether the registry answered that something is not there; words prove nothing, a URL may hold any number."""
    code = getattr(error, "error_code", "")
    status = getattr(getattr(error, "response", None), "status_code", None)
    return code in {"RESOURCE_DOES_NOT_EXIST", "NOT_FOUND"} or status == _NOT_FOUND


def _missing(uri: str, field: str) -> EvaluationFailure:
    message = f"{uri} is not in the registry: is the URI right, was it deleted?"
    return EvaluationFailure("ArtifactMissing", message, field=field)


def _unavailable(error: Exception) -> EvaluationFailure:
    """Return the failure for "no answer, or none that helps"; what it answered goes to the log only."""
    message = f"the registry gave no usable answer ({type(error).__name__}): is it up, can this namespace reach it?"
    return EvaluationFailure("RegistryUnavailable", message)
