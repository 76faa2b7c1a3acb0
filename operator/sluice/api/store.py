"""A store of data: a bucket of S3, or of what speaks its protocol, that the administrator gave a name."""

from typing import Annotated

from pydantic import Field

from sluice.api.schema import SUBDOMAIN, LabelName, Model, Reachable, Record


class Store(Model):
    """What the administrator says of it. Credentials are in a Secret of each candidate's namespace, never here."""

    endpoint: Annotated[str, Field(pattern=r"^https?://[^\s/@?#]+$", max_length=1024), Reachable]
    """Scheme, host and port."""
    bucket: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
    """The bucket: keys are looked for nowhere else."""
    prefix: Annotated[str, Field(pattern=r"^([A-Za-z0-9_=-][A-Za-z0-9._=-]*/)*$", max_length=512)] = ""
    """What every key begins with, ending with a slash: plans name what is below."""
    region: Annotated[str, Field(pattern=r"^[a-z0-9-]+$", max_length=64)] = "us-east-1"
    """Region of the bucket: signatures name it."""
    credentials: Annotated[str, Field(alias="secretName", pattern=rf"^$|{SUBDOMAIN}", max_length=253)] = ""
    """Secret with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; empty: the bucket asks for none."""


class StoreInput(Store, Record):
    """A store as an evaluation is told of it."""

    name: LabelName
    """Name in the URIs of a plan's files."""


def named(name: str, store: Store) -> StoreInput:
    """Return a store with the name that the configuration gives it."""
    return StoreInput(name=name, **store.model_dump())
