"""What happened in a namespace, version by version, in the order in which the API server committed it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

Body = Mapping[str, Any]

EVERYTHING = 100


@dataclass(frozen=True, kw_only=True)
class Version:
    """One version of one object. `revision` is the store's own count: it orders the versions of all kinds."""

    kind: str
    namespace: str
    name: str
    uid: str
    revision: int
    received: float
    """Unix seconds at which the recorder got it."""
    deleted: bool = False
    body: Body = field(repr=False)

    @classmethod
    def of(cls, kind: str, body: Body, *, received: float, deleted: bool = False) -> "Version":
        """Return the version that an object's metadata tells."""
        about = body["metadata"]
        return cls(
            kind=kind,
            namespace=about.get("namespace", ""),
            name=about["name"],
            uid=about["uid"],
            revision=int(about["resourceVersion"]),
            received=received,
            deleted=deleted,
            body=body,
        )

    @property
    def status(self) -> Body:
        """The status, or an empty one."""
        found: Body = self.body.get("status") or {}
        return found

    @property
    def traffic(self) -> Body:
        """A candidate's `status.traffic`, or an empty one."""
        found: Body = self.status.get("traffic") or {}
        return found

    @property
    def judged_step(self) -> int | None:
        """The step whose weight a candidate carries in the route; None before the first one and on the way back."""
        judged = self.traffic.get("stage") == "Stepping" and self.traffic.get("appliedAt")
        return self.traffic["step"] if judged else None


@dataclass(frozen=True)
class History:
    """All versions seen, oldest first."""

    versions: tuple[Version, ...]

    @classmethod
    def sorted(cls, versions: Iterable[Version]) -> "History":
        """Return the versions in the order of commit, each once."""
        unique = {(version.kind, version.uid, version.revision, version.deleted): version for version in versions}
        return cls(tuple(sorted(unique.values(), key=lambda version: version.revision)))

    def __iter__(self) -> Iterator[Version]:
        return iter(self.versions)

    def of(self, kind: str) -> tuple[Version, ...]:
        """Return the versions of one kind."""
        return tuple(version for version in self.versions if version.kind == kind)

    def lives(self, kind: str) -> list[tuple[Version, ...]]:
        """Return the versions of each object of a kind: one that was deleted and made again is another object."""
        ordered = sorted(self.of(kind), key=lambda version: (version.uid, version.revision))
        return [tuple(life) for _, life in groupby(ordered, key=lambda version: version.uid)]

    def before(self, version: Version, kind: str, name: str) -> Version | None:
        """Return the last version of an object that was committed before another version."""
        return next(reversed(self.earlier(version, kind, name)), None)

    def earlier(self, version: Version, kind: str, name: str) -> tuple[Version, ...]:
        """Return the versions of an object that were committed before another version."""
        found = self._named(kind, version.namespace, name)
        return tuple(one for one in found if one.revision < version.revision)

    def after(self, version: Version, kind: str, name: str) -> tuple[Version, ...]:
        """Return the versions of an object that were committed after another version."""
        found = self._named(kind, version.namespace, name)
        return tuple(one for one in found if one.revision > version.revision)

    def _named(self, kind: str, namespace: str, name: str) -> Iterator[Version]:
        return (one for one in self.versions if (one.kind, one.namespace, one.name) == (kind, namespace, name))

    def at(self, name: str) -> "History":
        """Return the part that concerns one target: its objects and its candidates'."""
        mine = {version.uid for version in self.of("ModelCandidate") if target_of(version) == name}
        return History(tuple(version for version in self.versions if _concerns(version, name, mine)))


def _concerns(version: Version, target: str, candidates: set[str]) -> bool:
    match version.kind:
        case "ModelCandidate":
            return version.uid in candidates
        case "SeldonDeployment" | "VirtualService":
            return version.name == target
        case "Deployment":
            return _labels(version).get("seldon-deployment-id") == target
        case "Job":
            owners = version.body["metadata"].get("ownerReferences") or ()
            return any(owner["uid"] in candidates for owner in owners)
        case _:
            return True


def _labels(version: Version) -> Body:
    found: Body = version.body["metadata"].get("labels") or {}
    return found


def target_of(candidate: Version) -> str:
    """Return the name of a candidate's target."""
    return str(candidate.body["spec"]["targetRef"]["name"])


def predictors(target: Version) -> list[Body]:
    """Return the predictors of a SeldonDeployment that take traffic."""
    found = target.body["spec"]["predictors"]
    return [predictor for predictor in found if not predictor.get("shadow")]


def wanted_weights(target: Version) -> dict[str, int]:
    """Return what `spec.predictors` gives each predictor; a lone one has everything."""
    found = predictors(target)
    if len(found) == 1:
        return {str(found[0]["name"]): EVERYTHING}
    return {str(predictor["name"]): int(predictor.get("traffic") or 0) for predictor in found}


def routed_weights(route: Version) -> dict[str, int]:
    """Return what a VirtualService gives each predictor; a missing weight is 0, a lone route has everything."""
    found = route.body["spec"]["http"][0]["route"]
    if len(found) == 1:
        return {str(found[0]["destination"]["subset"]): EVERYTHING}
    return {str(one["destination"]["subset"]): int(one.get("weight") or 0) for one in found}


def holder_of(lease: Version) -> str:
    """Return who holds a Lease; empty when nobody does."""
    return str(lease.body["spec"].get("holderIdentity") or "")


def phase(candidate: Version) -> str:
    """Return a candidate's phase; Pending before it has a status."""
    return str(candidate.status.get("phase", "Pending"))
