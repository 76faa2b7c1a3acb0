"""Where the models of an evaluation are asked: in its Job, or on a Ray cluster that the administrator gave a name.

A tenant's object names the cluster, never an address: who reaches a Ray cluster runs code on it.
"""

from typing import Annotated

from pydantic import Field

from sluice.api.schema import LabelName, Model, Reachable, Record

RayAddress = Annotated[
    str, Field(pattern=r"^ray://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}$", max_length=300), Reachable
]
"""Host and port of a Ray Client server, as Ray writes it."""
_Workers = Annotated[int, Field(strict=True, ge=1, le=1024)]
WORKERS = 4


class RayEngine(Model):
    """A Ray cluster asks the models, through Daft. The results are those of one machine."""

    cluster: LabelName
    """Name of the cluster in the administrator's configuration."""
    workers: _Workers = WORKERS
    """How many copies of a model answer side by side, each on a CPU of its own; at most the CPUs of the cluster."""


class Engine(Model):
    """What asks the models. Without it, the evaluation Job does."""

    ray: RayEngine
    """A Ray cluster: for data sets that take one machine too long."""


class RayCluster(Model):
    """What the administrator says of a Ray cluster."""

    address: RayAddress
    """Its Ray Client server, `ray://HOST:PORT`."""
    image: Annotated[str, Field(min_length=1, max_length=512)]
    """The image of the Jobs that use it: the one that its nodes run."""


class RayInput(Record):
    """A Ray cluster as an evaluation is told of it."""

    address: RayAddress
    """Its Ray Client server."""
    workers: _Workers = WORKERS
    """How many copies of a model answer side by side at most."""
