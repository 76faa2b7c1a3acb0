"""Daft and Ray, imported when their environment is set: they read it then. Their types would cost minutes to check."""

import os
from importlib import import_module
from typing import Any, Final

ENVIRONMENT: Final = {
    "DAFT_ANALYTICS_ENABLED": "0",
    "DAFT_PROGRESS_BAR": "0",
    "DO_NOT_TRACK": "true",
    "RAY_DISABLE_DASHBOARD": "1",
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
}
"""No calls home, no bars, no guess that the cluster wants this machine's files."""
os.environ.update(ENVIRONMENT)

ray: Any = import_module("ray")
daft: Any = import_module("daft")
scheduling: Any = import_module("ray.util.scheduling_strategies")
