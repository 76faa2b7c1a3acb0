"""What the command line needs of a cluster: a small port, so that tests and recordings can stand in for it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol


class Reader(Protocol):
    """Reads candidates. All methods raise the errors of `sluice.ports`, whose messages end with the next step."""

    @property
    def namespace(self) -> str:
        """Return the namespace that the kubeconfig's context names."""

    def candidates(self, namespace: str | None) -> Sequence[Mapping[str, Any]]:
        """Return all candidates of a namespace, or of all of them."""

    def candidate(self, namespace: str, name: str) -> Mapping[str, Any]:
        """Return one candidate. Raises NotFound."""


@dataclass(frozen=True, kw_only=True)
class Where:
    """Which cluster: empty fields take what kubectl would take."""

    kubeconfig: str = ""
    context: str = ""


def _now() -> datetime:
    return datetime.now(UTC)


def _connected(where: Where) -> Reader:
    from sluice.cli.cluster import connected  # noqa: PLC0415 -- the client costs a second, `--help` should not

    return connected(where)


@dataclass(frozen=True, kw_only=True)
class Session:
    """How a command reaches its surroundings."""

    connect: Callable[[Where], Reader] = field(default=_connected)
    now: Callable[[], datetime] = field(default=_now)
