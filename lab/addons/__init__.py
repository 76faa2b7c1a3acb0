"""What a rollout needs beside Sluice, as plain objects: Prometheus, MLflow, Istio with a gateway, Seldon's stand-in."""

from __future__ import annotations

from lab.addons.installer import NAMES, install

__all__ = ["NAMES", "install"]
