"""Models as `sluice evaluate` and registries take them: MLflow pyfuncs whose own code travels with them."""

import logging
import os
import shutil
import warnings
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import cloudpickle  # type: ignore[import-untyped]
import mlflow.pyfunc
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, DataType, Schema

REQUIREMENTS = ("mlflow", "scikit-learn", "pandas", "numpy", "cloudpickle")


def quiet() -> None:
    """Keep MLflow's advice out of the output, and this repository's lock file out of the models."""
    os.environ |= {"MLFLOW_UV_AUTO_DETECT": "false", "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true"}
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="mlflow")


def requirements() -> list[str]:
    """Return what a server of these models needs, in the versions that are here."""
    return [f"{package}=={version(package)}" for package in REQUIREMENTS]


def save(model: mlflow.pyfunc.PythonModel, folder: Path, module: ModuleType, inputs: Mapping[str, DataType]) -> None:
    """Write a model to a folder that is made anew; its module is pickled by value, so it is needed nowhere else."""
    shutil.rmtree(folder, ignore_errors=True)
    cloudpickle.register_pickle_by_value(module)
    columns = [ColSpec(kind, name) for name, kind in inputs.items()]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # MLflow's advice on type hints and integers is for other models
        mlflow.pyfunc.save_model(
            str(folder),
            python_model=model,
            signature=ModelSignature(inputs=Schema(columns)),
            pip_requirements=requirements(),
        )
