"""What can be set when the stand-in is installed: images, delays, and which way a missed gate falls."""

from dataclasses import dataclass, field
from enum import StrEnum


class MissedGate(StrEnum):
    """What the gate does just after a Deployment's template changed (rule 3 of the facts).

    The real controller races with the Deployment controller: sometimes it still reads the old pods' readiness.
    """

    MISS = "miss"
    HOLD = "hold"
    RANDOM = "random"


MISSED_GATE_ANNOTATION = "standin.sluice.dev/missed-gate"

REAL_READINESS_DELAY = 20
REAL_PROBE_PERIOD = 5


@dataclass(frozen=True)
class Probes:
    """Delays of the readiness probes, in seconds; the defaults are those of the real controller."""

    readiness_delay: int = REAL_READINESS_DELAY
    period: int = REAL_PROBE_PERIOD


@dataclass(frozen=True)
class Images:
    """Where the containers that the controller injects come from."""

    executor: str = "localhost/sluice-lab/seldon-executor:dev"
    initializer: str = "localhost/sluice-lab/storage-initializer:dev"
    servers: dict[str, str] = field(
        default_factory=lambda: {"MLFLOW_SERVER": "localhost/sluice-lab/mlflowserver:dev"},
    )


@dataclass(frozen=True)
class Resources:
    """Requests and limits of the injected containers, much below the real ones so that many fit on one small node."""

    cpu_request: str = "50m"
    memory_request: str = "32Mi"
    memory_limit: str = "512Mi"

    def spec(self) -> dict[str, dict[str, str]]:
        """As a container holds them."""
        return {
            "requests": {"cpu": self.cpu_request, "memory": self.memory_request},
            "limits": {"memory": self.memory_limit},
        }


@dataclass(frozen=True)
class Settings:
    """Everything that shapes the objects and the gate; `lag` is the seconds each pass waits before it reads."""

    images: Images = field(default_factory=Images)
    probes: Probes = field(default_factory=Probes)
    resources: Resources = field(default_factory=Resources)
    gateway: str = "istio-system/seldon-gateway"
    missed_gate: MissedGate = MissedGate.RANDOM
    seed: int = 0
    lag: float = 0.03
