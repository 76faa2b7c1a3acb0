"""Reads what a model says of itself, then loads it, code and all.

What does not load gets no number; it is said what it lacks.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sluice.evaluation.failure import EvaluationFailure, first_line

_FLAVOUR = "python_function"


def described(path: Path, *, arm: str) -> Any:  # noqa: ANN401 -- an mlflow Model
    """Return what the file MLmodel in a folder says; nothing else of the model is read. Raises EvaluationFailure."""
    from mlflow.models import Model  # noqa: PLC0415 -- seconds, and only a real model needs it

    with _in_our_words(arm):
        found = Model.load(str(path))
        flavours = sorted(found.flavors)
    if _FLAVOUR not in flavours:
        what = f"the {arm} has no flavor {_FLAVOUR}, only {', '.join(flavours) or 'none'}"
        raise EvaluationFailure("ModelFlavorMissing", f"{what}: log it with a flavor that pyfunc loads", field=arm)
    return found


def load_model(path: Path, *, arm: str) -> Any:  # noqa: ANN401 -- an mlflow PyFuncModel
    """Load the model in a folder. Raises EvaluationFailure."""
    import mlflow.pyfunc  # noqa: PLC0415 -- as above

    with _in_our_words(arm):
        return mlflow.pyfunc.load_model(str(path))


@contextmanager
def _in_our_words(arm: str) -> Iterator[None]:
    try:
        yield
    except (Exception, SystemExit) as error:
        package = _missing(error)
        if package:
            what = f"the {arm} needs the package {package}, which the evaluation image does not have"
            cure = "build an image that has it and name it in evaluation.image, or log the model without it"
            raise EvaluationFailure("ModelPackageMissing", f"{what}: {cure}", field=arm) from error
        message = f"the {arm} cannot be loaded with mlflow.pyfunc in the evaluation image ({first_line(error)})"
        raise EvaluationFailure("ModelLoadFailed", message, field=arm) from error


def _missing(error: BaseException | None) -> str:
    """Return the package whose absence is behind an error, which MLflow wraps in its own; empty when none is."""
    while error is not None:
        if isinstance(error, ModuleNotFoundError):
            return error.name or ""
        error = error.__cause__ or error.__context__
    return ""
