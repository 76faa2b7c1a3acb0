"""The MLflow of `sluice evaluate`: a server, or a store in a file. It finds models and data, and keeps the run.

MLflow is imported on first use only: a model in a folder needs none of it before the evaluation itself starts.
"""

import logging
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sluice.adapters.mlflow_environment import behave
from sluice.ports import NotFound, Rejected, SluiceError, Unavailable

T = TypeVar("T")

SQLITE = "sqlite:///"
_MISSING = frozenset({"RESOURCE_DOES_NOT_EXIST", "NOT_FOUND"})
_REFUSED = frozenset({"INVALID_PARAMETER_VALUE", "BAD_REQUEST", "PERMISSION_DENIED", "UNAUTHENTICATED"})
_SHORT = 120
_PASSWORD = re.compile(r"//[^/@]*@")
_OTHER_STORE = "or name the MLflow that has it: --tracking-uri, MLFLOW_TRACKING_URI"


@dataclass(frozen=True, kw_only=True)
class Registered:
    """A model of the registry: what it is called, and its files on this machine."""

    name: str
    version: str
    folder: Path


class Registry:
    """One MLflow. All methods raise errors of `sluice.ports` whose messages end with the next step."""

    def __init__(self, uri: str) -> None:
        self.uri = uri

    @property
    def shown(self) -> str:
        """The address without a password that may be in it."""
        return _PASSWORD.sub("//", self.uri)

    @property
    def is_server(self) -> bool:
        """Whether it serves artifacts, as that of a cluster does."""
        return self.uri.startswith(("http://", "https://"))

    def model(self, uri: str, folder: Path) -> Registered:
        """Return a model with its files, which lie in `folder` where they had to be fetched."""
        if not self._exists():
            raise NotFound(f"there is no MLflow store at {self.shown}: give the model's folder, {_OTHER_STORE}")
        if uri.startswith("models:/"):
            return self._asked(uri, lambda: self._version(uri, folder))
        name = uri if len(uri) <= _SHORT else f"{uri[: _SHORT - 1]}…"
        return self._asked(uri, lambda: Registered(name=name, version="", folder=self._files(uri, folder)))

    def tags(self, name: str) -> Mapping[str, str]:
        """Return the tags of a registered model."""
        client = _mlflow().MlflowClient(self.uri, self.uri)
        return self._asked(f"registered model {name}", lambda: dict(client.get_registered_model(name).tags))

    def tag(self, name: str, tags: Mapping[str, str]) -> None:
        """Set tags of a registered model."""
        client = _mlflow().MlflowClient(self.uri, self.uri)
        for key, value in tags.items():
            self._asked(f"tag {key} of {name}", partial(client.set_registered_model_tag, name, key, value))

    def file(self, uri: str, folder: Path) -> Path:
        """Return a file of its artifact store."""
        return self._asked(uri, lambda: self._files(uri, folder))

    def results(self, run_id: str, folder: Path) -> Path:
        """Return what an evaluation left in its run, in a folder below `folder`."""
        uri = f"runs:/{run_id}/sluice"
        return self._asked(uri, lambda: self._files(uri, folder))

    def _exists(self) -> bool:
        return not self.uri.startswith(SQLITE) or Path(self.uri.removeprefix(SQLITE)).exists()

    def _version(self, uri: str, folder: Path) -> Registered:
        client = _mlflow().MlflowClient(self.uri, self.uri)
        name, _, version = uri.removeprefix("models:/").partition("/")
        if not version and "@" in name:
            name, _, alias = name.rpartition("@")
            version = str(client.get_model_version_by_alias(name, alias).version)
        source = client.get_model_version_download_uri(name, version) if version else uri
        return Registered(name=name, version=version, folder=self._files(source, folder))

    def _files(self, uri: str, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        fetch = _mlflow().artifacts.download_artifacts
        return Path(fetch(artifact_uri=uri, dst_path=str(folder), tracking_uri=self.uri))

    def _asked(self, uri: str, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except SluiceError:
            raise
        except Exception as error:  # MLflow raises its own, those of requests, of SQLAlchemy, of the file system
            raise _plainly(uri, self.shown, error) from error


def _mlflow() -> Any:  # noqa: ANN401 -- a module without types
    behave()
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # MLflow warns about its own type hints when it is imported
        import mlflow.artifacts  # noqa: PLC0415 -- seconds
    return mlflow


def _plainly(uri: str, store: str, error: Exception) -> SluiceError:
    code = str(getattr(error, "error_code", ""))
    if code in _MISSING or isinstance(error, FileNotFoundError) or "404" in str(error):
        return NotFound(f"{uri} is not in {store}: check its name and version, {_OTHER_STORE}")
    if code in _REFUSED:
        return Rejected(f"{uri}: {store} refuses it ({code}): say models:/NAME/VERSION or runs:/RUN_ID/PATH")
    return Unavailable(f"{store} gives no usable answer ({type(error).__name__}): check --tracking-uri")
