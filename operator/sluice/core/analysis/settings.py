"""What a plan fixes about the judgement of one live metric."""

from dataclasses import dataclass

RESTART_SECONDS = 1800.0


@dataclass(frozen=True, slots=True)
class HardLimit:
    """A share of bad events that the candidate may not exceed, whatever the stable arm does."""

    rate: float
    channel: str = ""
    """The channel that it is about."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Error rates, bounds and times of one metric over the whole rollout."""

    alpha: float = 0.01
    """Chance of a false rollback over the whole rollout and all its metrics."""
    share: float = 1.0
    """This metric's part of alpha; the parts of all metrics sum to 1."""
    required: bool = True
    """Whether a step needs its pass."""
    higher: bool = False
    """Whether events are the good thing: bad is then an opportunity without one."""
    hard_limit: HardLimit | None = None
    beta: float = 0.05
    """Chance, at each step, to pass a candidate that is unacceptable there."""
    null_ratio: float = 1.0
    """Ratio of bad rates up to which the candidate is not called worse."""
    min_excess: float = 0.001
    """Bad events per request beyond the stable arm's below which nothing is rolled back."""
    min_ratio: float = 1.05
    """Nor is anything below this ratio of rates (of bad or of good events, whichever shows more)."""
    singly: bool = False
    """Whether events are known to come one by one from the first round on: on an expected path nothing could tell."""
    restarts: int = 0
    """How many planned later starts the evidence is spread over: step starts, and half hours in long steps."""
    restart_seconds: float = RESTART_SECONDS
    """A step as long as this gets a further start."""
    horizon_seconds: float = 3600.0
    """How long the rollout may take: over this time the small starts of every minute are spread, if any are planned."""
    matures_seconds: float = 0.0
    """How late after its opportunity an event may come."""
    warm_up_seconds: float = 0.0
    """What a pod does this soon after its first sample does not count."""
    min_dwell_seconds: float = 10.0
    """A step is not passed sooner."""
    min_rounds: int = 2
    """Nor with fewer rounds of samples."""
    stale_seconds: float = 15.0
    """A series is missing when its last sample is older than this (and than three of its own scrape intervals)."""
    pool_seconds: float = 60.0
    """With little traffic a round stays open until both arms served, but no longer than this."""

    def compares_as(self, other: "Settings") -> bool:
        """Return whether a metric that counts the same takes in the same rounds, and compares the arms the same way.

        Late events have rounds that only fill cohorts: each such metric goes by itself.
        """
        return other.matures_seconds == self.matures_seconds == 0 and _compared(self) == _compared(other)

    def __post_init__(self) -> None:
        bounds = {
            "alpha": 0 < self.alpha < 1,
            "share": 0 < self.share <= 1,
            "beta": 0 < self.beta < 1,
            "null_ratio": self.null_ratio >= 1,
            "min_excess": 0 <= self.min_excess < 1,
            "restarts": self.restarts >= 0,
            "restart_seconds": self.restart_seconds > 0,
            "horizon_seconds": self.horizon_seconds > 0,
            "matures_seconds": self.matures_seconds >= 0,
            "stale_seconds": self.stale_seconds > 0,
            "pool_seconds": self.pool_seconds >= 0,
            "hard_limit": self.hard_limit is None or 0 < self.hard_limit.rate < 1,
        }
        _require(bounds)


@dataclass(frozen=True, slots=True)
class Step:
    """The step under judgement. Unacceptable is: `margin` times the stable's rate or more, and by `floor` or more."""

    index: int
    started_at: float
    """Unix seconds; only rounds that begin later count for the step."""
    weight: float
    """The candidate's share of traffic, as configured: 0..1."""
    margin: float
    floor: float

    def __post_init__(self) -> None:
        bounds = {"weight": 0 <= self.weight <= 1, "margin": self.margin > 1, "floor": 0 < self.floor < 1}
        _require(bounds)


def planned_restarts(durations: tuple[float, ...], restart_seconds: float = RESTART_SECONDS) -> int:
    """Return `Settings.restarts` for a plan whose steps last at most so many seconds."""
    inside = sum(int(max(duration - 1, 0) // restart_seconds) for duration in durations)
    return max(len(durations) - 1, 0) + inside


def _compared(settings: Settings) -> tuple[float, ...]:
    return (
        settings.higher,
        settings.null_ratio,
        settings.singly,
        settings.restarts,
        settings.restart_seconds,
        settings.horizon_seconds,
        settings.warm_up_seconds,
        settings.stale_seconds,
        settings.pool_seconds,
    )


def _require(bounds: dict[str, bool]) -> None:
    wrong = [name for name, holds in bounds.items() if not holds]
    if wrong:
        raise ValueError(f"out of bounds: {', '.join(wrong)}")
