"""Where models are asked: in this process, or on a Ray cluster. What is asked and made of the answers is the same."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Protocol

from sluice.api.engine import RayInput
from sluice.evaluation.failure import EvaluationFailure
from sluice.evaluation.scoring import Ask, natively

FIELD = "spec.evaluation.engine.ray"


class Engine(Protocol):
    """Asks models."""

    def asking(self, folder: Path, *, arm: str) -> AbstractContextManager[Ask]:
        """Return what asks the model in a folder, as long as it is open. Raises EvaluationFailure."""


class Native:
    """This process."""

    def asking(self, folder: Path, *, arm: str) -> AbstractContextManager[Ask]:
        """Return what asks the loaded model."""
        del folder, arm
        return nullcontext(natively)


@contextmanager
def engine_of(ray: RayInput | None) -> Iterator[Engine]:
    """Yield the engine that an order names. Raises EvaluationFailure, also where the image has no Ray."""
    if ray is None:
        yield Native()
        return
    try:
        from sluice.evaluation.distributed.cluster import connected  # noqa: PLC0415 -- seconds, and in few images
    except ModuleNotFoundError as error:
        what = f"a Ray cluster is to ask the models, and the evaluation image lacks the package {error.name}"
        cure = "name an image with the extra `ray` of sluice-operator in rayClusters, the one that the cluster runs"
        raise EvaluationFailure("EnginePackageMissing", f"{what}: {cure}", field=FIELD) from error
    with connected(ray) as cluster:
        yield cluster
