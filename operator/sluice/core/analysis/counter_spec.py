"""What to read: one counter of a target in Prometheus."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CounterSpec:
    """A counter by name and exact labels; namespace and target are added by whoever reads."""

    metric: str
    """Its name in Prometheus."""
    labels: tuple[tuple[str, str], ...] = ()
    """Labels and the values that they must have, in order."""
    target_label: str = "deployment_name"
    """The label that holds the target's name."""
