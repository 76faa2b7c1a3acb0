"""What each image is made of: a Containerfile, the files it may see, and the image it stands on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lab import binaries, paths
from lab.images import programs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

PYTHON = "docker.io/library/python:3.11-slim-bookworm"
"""The name the project's Dockerfile starts from; in the lab it is a Debian made on the spot."""

_IMAGES = paths.LAB / "images"
_REPOSITORY = paths.LAB.parent
_LOCK = ("pyproject.toml", "uv.lock")
_CODE = (*_LOCK, "README.md", "LICENSE", "operator")
_SENTIMENT_VERSIONS = 4
_TOYS = ("champion", "good", "erring", "slow", "crashing", "silent")


@dataclass(frozen=True)
class Recipe:
    """One image. `files` maps names in the build context to files or folders on this machine.

    `programs` are built by Go on demand, name in the context to the function that returns its path.
    """

    name: str
    containerfile: Path
    parent: str | None = None
    files: Mapping[str, Path] = field(default_factory=dict)
    programs: Mapping[str, Callable[[Callable[[str], None]], Path]] = field(default_factory=dict)
    target: str | None = None
    arguments: tuple[str, ...] = ()
    tag: str = "dev"

    @property
    def ref(self) -> str:
        """The name that pods give."""
        return PYTHON if self.name == "python" else f"localhost/sluice-lab/{self.name}:{self.tag}"

    @property
    def key(self) -> str:
        """The recipe's own name, unique among all."""
        return self.name if self.tag == "dev" else f"{self.name}-{self.tag}"


def recipes() -> dict[str, Recipe]:
    """Return every recipe by key, parents before children."""
    found = [*_project(), *_prometheus_and_gateway(), *_models(), *_toys(), *_standin(), _loadgen()]
    return {recipe.key: recipe for recipe in found}


def _project() -> list[Recipe]:
    """Return the targets of the project's Dockerfile; its dependency layers are images that others stand on."""

    def of(name: str, parent: str, target: str, files: tuple[str, ...]) -> Recipe:
        return Recipe(name, _REPOSITORY / "Dockerfile", parent, _from(_REPOSITORY, *files), target=target)

    return [
        Recipe("python", _IMAGES / "base/Containerfile"),
        of("deps", "python", "deps", _LOCK),
        of("operator", "deps", "operator", _CODE),
        of("ml", "deps", "evaluation-deps", _LOCK),
        of("evaluation", "ml", "evaluation", _CODE),
    ]


def _prometheus_and_gateway() -> list[Recipe]:
    prometheus, envoy = _IMAGES / "prometheus", _IMAGES / "envoy"
    return [
        Recipe("prometheus", prometheus / "Containerfile", "python", _from(prometheus, "discovery.py")),
        Recipe("envoy", envoy / "Containerfile", "python"),
        Recipe(
            "istiod",
            _IMAGES / "istiod/Containerfile",
            programs={"pilot-discovery": binaries.pilot_discovery},
        ),
    ]


def _models() -> list[Recipe]:
    server, custom = _IMAGES / "mlflowserver", _IMAGES / "sentiment-custom"
    code = {f"lab/images/mlflowserver/{name}": server / name for name in ("model_server.py", "shapes.py")}
    return [
        Recipe("mlflow", _IMAGES / "mlflow/Containerfile", "ml"),
        Recipe("mlflowserver", server / "Containerfile", "ml", _from(server, "requirements.txt") | code),
        *(
            Recipe(
                "sentiment-custom",
                custom / "Containerfile",
                "mlflowserver",
                _from(custom, "start.py"),
                arguments=(f"MODEL_VERSION={version}",),
                tag=str(version),
            )
            for version in range(1, _SENTIMENT_VERSIONS + 1)
        ),
    ]


def _toys() -> list[Recipe]:
    """Return the models of the cluster tests, one tag a behaviour."""
    toy = _IMAGES / "toy"
    server = _from(toy, "server.py")
    return [
        Recipe("toy", toy / "Containerfile", "python", server, arguments=(f"BEHAVIOUR={behaviour}",), tag=behaviour)
        for behaviour in _TOYS
    ]


def _standin() -> list[Recipe]:
    standin = paths.LAB / "seldon_standin"
    package = {"lab/seldon_standin": standin, "lab/__init__.py": paths.LAB / "__init__.py"}
    executor, initializer = programs.seldon_executor, _from(standin, "initializer.py")
    return [
        Recipe("seldon-standin", standin / "Containerfile.controller", "deps", package),
        Recipe("seldon-executor", standin / "Containerfile.executor", programs={"seldon-executor": executor}),
        Recipe("storage-initializer", standin / "Containerfile.initializer", "python", initializer),
    ]


def _loadgen() -> Recipe:
    files = {"lab/loadgen": paths.LAB / "loadgen", "lab/__init__.py": paths.LAB / "__init__.py"}
    return Recipe("loadgen", _IMAGES / "loadgen/Containerfile", "deps", files)


def _from(folder: Path, *names: str) -> dict[str, Path]:
    return {name: folder / name for name in names}
