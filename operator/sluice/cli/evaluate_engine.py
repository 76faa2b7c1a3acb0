"""What asks the models for `sluice evaluate`: this machine, unless a Ray cluster is named."""

from pydantic import ValidationError

from sluice.api.engine import WORKERS, RayInput
from sluice.api.plan import Evaluation
from sluice.cli.evaluate_inputs import check_extra
from sluice.cli.progressing import say
from sluice.core.timeline import printable
from sluice.ports import Rejected


def ray_of(address: str, evaluation: Evaluation) -> RayInput | None:
    """Return the Ray cluster to use, with as many workers as the plan says; None without one. Raises Rejected."""
    engine = evaluation.engine
    if not address:
        if engine is not None:
            cluster = engine.ray.cluster
            say(f"the plan's Ray cluster {cluster} is the operator's: here this machine asks the models; see --engine")
        return None
    try:
        found = RayInput(address=address, workers=WORKERS if engine is None else engine.ray.workers)
    except ValidationError as error:
        what = f"--engine {printable(address)} is no address of a Ray Client server"
        raise Rejected(f"{what}: say ray://HOST:PORT, as in ray://ray-head:10001") from error
    check_extra(extra="ray")
    return found
