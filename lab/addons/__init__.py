"""What a rollout needs beside Sluice, as plain objects: Prometheus, MLflow, Istio with a gateway, Seldon's stand-in.

And clients: `install_traffic` starts the load generator for one SeldonDeployment.
"""

from __future__ import annotations

from lab.addons.installer import NAMES, install
from lab.addons.traffic import Traffic, install_traffic

__all__ = ["NAMES", "Traffic", "install", "install_traffic"]
