"""Loads a model, code and all. What does not load gets no number; it is said what it lacks."""

from pathlib import Path
from typing import Any

from sluice.evaluation.failure import EvaluationFailure, first_line

_FLAVOUR = "python_function"


def load_model(path: Path, *, arm: str) -> Any:  # noqa: ANN401 -- an mlflow PyFuncModel
    """Load the model in a folder. Raises EvaluationFailure."""
    import mlflow.pyfunc  # noqa: PLC0415 -- seconds, and only a real model needs it
    from mlflow.models import Model  # noqa: PLC0415

    try:
        flavours = sorted(Model.load(str(path)).flavors)
        loaded = mlflow.pyfunc.load_model(str(path)) if _FLAVOUR in flavours else None
    except (Exception, SystemExit) as error:
        package = _missing(error)
        if package:
            what = f"the {arm} needs the package {package}, which the evaluation image does not have"
            cure = "build an image that has it and name it in evaluation.image, or log the model without it"
            raise EvaluationFailure("ModelPackageMissing", f"{what}: {cure}", field=arm) from error
        message = f"the {arm} cannot be loaded with mlflow.pyfunc in the evaluation image ({first_line(error)})"
        raise EvaluationFailure("ModelLoadFailed", message, field=arm) from error
    if loaded is None:
        what = f"the {arm} has no flavor {_FLAVOUR}, only {', '.join(flavours) or 'none'}"
        raise EvaluationFailure("ModelFlavorMissing", f"{what}: log it with a flavor that pyfunc loads", field=arm)
    return loaded


def _missing(error: BaseException | None) -> str:
    """Return the package whose absence is behind an error, which MLflow wraps in its own; empty when none is."""
    while error is not None:
        if isinstance(error, ModuleNotFoundError):
            return error.name or ""
        error = error.__cause__ or error.__context__
    return ""
