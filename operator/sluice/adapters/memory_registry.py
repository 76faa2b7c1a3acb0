"""A model registry in memory."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sluice.api.candidate import ModelRef, PinnedModel
from sluice.api.evaluation_spec import Limits
from sluice.core import use_tags
from sluice.core.artifact_digest import artifact_digest
from sluice.ports import NotFound, Rejected, Unavailable

_Version = tuple[str, str]


@dataclass
class MemoryRegistry:
    """`ports.Registry`. Set `down` and every call raises Unavailable."""

    name: str = "default"
    down: bool = False
    model_bytes: int = Limits().model_bytes
    """Larger artifacts are refused."""
    tags: dict[_Version, dict[str, str]] = field(default_factory=dict)
    model_tags: dict[str, dict[str, str]] = field(default_factory=dict)
    """Tags of registered models, which all their versions share."""
    aliases: dict[_Version, str] = field(default_factory=dict)
    """(model, alias) → version."""
    artifacts: dict[tuple[str, str], bytes] = field(default_factory=dict)
    """(run id, path) → content."""
    _files: dict[_Version, Mapping[str, bytes]] = field(default_factory=dict)

    def register(self, name: str, version: str, files: Mapping[str, bytes], **tags: str) -> None:
        """Add a version with its files; `image="…"` sets the tag `sluice.image`."""
        self._files[name, version] = dict(files)
        self.tags[name, version] = {f"sluice.{key}": value for key, value in tags.items()}

    async def resolve(self, model: ModelRef) -> PinnedModel:
        """Return the version with its digest and origins. Raises NotFound, Unavailable, Rejected."""
        self._answer()
        version = model.version or self.aliases.get((model.name, model.alias or ""), "")
        files = self._files.get((model.name, version))
        if files is None:
            raise NotFound(f"version {version or model.alias} of {model.name} not found")
        if sum(map(len, files.values())) > self.model_bytes:
            raise Rejected(f"the artifact is too large: allowed are {self.model_bytes:,} bytes", reason="TooLarge")
        uri = f"mlflow-artifacts:/1/models/m-{model.name}-{version}/artifacts"
        return PinnedModel(
            registry=self.name,
            name=model.name,
            version=version,
            digest=artifact_digest({path: hashlib.sha256(content).hexdigest() for path, content in files.items()}),
            uri=uri,
            serving_uri=uri.replace("mlflow-artifacts:/", "mlflow-artifacts://mlflow.mlflow:5000/"),
            image=self.tags[model.name, version].get("sluice.image", ""),
        )

    async def tag(self, model: PinnedModel, tags: Mapping[str, str]) -> None:
        """Set tags on the version (idempotent)."""
        self._answer()
        if (model.name, model.version) not in self._files:
            raise NotFound(f"version {model.version} of {model.name} not found")
        self.tags[model.name, model.version].update(tags)

    async def set_alias(self, model: PinnedModel, alias: str) -> None:
        """Point an alias at the version (idempotent)."""
        self._answer()
        if (model.name, model.version) not in self._files:
            raise NotFound(f"version {model.version} of {model.name} not found")
        self.aliases[model.name, alias] = model.version

    async def uses(self, model: PinnedModel, datasets: Collection[str]) -> Mapping[str, int]:
        """Return which use of each data set this model's is, from 1, by digest; uncounted sets are missing."""
        return use_tags.uses(self._shared(model.name), model.digest, datasets)

    async def count_use(self, model: PinnedModel, datasets: Collection[str]) -> None:
        """Count that this model is judged on the data sets; a use that is counted keeps its number (idempotent)."""
        tags = self._shared(model.name)
        tags.update(use_tags.due(tags, model.digest, datasets))

    async def artifact(self, run_id: str, path: str, *, limit: int) -> bytes:
        """Return a run's artifact. Raises NotFound, Unavailable, Rejected (larger than `limit` bytes)."""
        self._answer()
        content = self.artifacts.get((run_id, path))
        if content is None:
            raise NotFound("the artifact does not exist")
        if len(content) > limit:
            raise Rejected(f"the artifact is larger than {limit} bytes", reason="TooLarge")
        return content

    def _shared(self, name: str) -> dict[str, str]:
        self._answer()
        if all(known != name for known, _ in self._files):
            raise NotFound(f"registered model {name} not found")
        return self.model_tags.setdefault(name, {})

    def _answer(self) -> None:
        if self.down:
            raise Unavailable("the registry gave no answer")
