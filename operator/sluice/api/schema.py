"""Building blocks of every API type: the base model, bounded strings, decimals, lists and CEL rules.

What these annotations say is enforced twice from one source: by pydantic here and by the CRD's structural schema on
the API server. Sources: Kubernetes API conventions; apiextensions/v1 `x-kubernetes-*` extensions.
"""

from decimal import Decimal
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

LABEL_NAME = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"
SUBDOMAIN = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"
FREE_NAME = r"^[A-Za-z0-9]([A-Za-z0-9 ._:/+-]*[A-Za-z0-9])?$"
DIGEST = r"^sha256:[a-f0-9]{64}$"
POSITIVE_DECIMAL = r"^(0|[1-9][0-9]{0,8})(\.[0-9]{1,9})?$"

LabelName = Annotated[str, Field(min_length=1, max_length=63, pattern=LABEL_NAME)]
"""A DNS-1123 label: names of predictors, gates, steps, providers."""
ObjectName = Annotated[str, Field(min_length=1, max_length=253, pattern=SUBDOMAIN)]
"""A DNS-1123 subdomain: the name of a Kubernetes object."""
FreeName = Annotated[str, Field(min_length=1, max_length=256, pattern=FREE_NAME)]
"""A name in another system (registry, data set, class label): printable, no quotes, no control characters."""
Digest = Annotated[str, Field(pattern=DIGEST, max_length=71)]
"""`sha256:` and 64 hexadecimal digits."""
DecimalString = Annotated[str, Field(pattern=POSITIVE_DECIMAL, max_length=20)]
"""A non-negative decimal written as a string: CRDs carry no floats."""
Message = Annotated[str, Field(max_length=1024)]
ShortText = Annotated[str, Field(max_length=256)]
"""Text of another system: an identity, a reason, a number with its unit."""
ParamText = Annotated[str, Field(max_length=65_536)]
"""A parameter of a metric between operator and evaluation: 64 costs with their classes fit."""
Flag = Annotated[bool, Field(strict=True)]
"""A boolean that is written as one: "yes" and 1 are refused, as the API server does."""
Timestamp = Annotated[str, Field(max_length=40, json_schema_extra={"format": "date-time"})]
"""RFC 3339 in UTC, as the API server writes it."""


def _reachable(url: str) -> str:
    """Return a URL that names a host, and a port from 1 to 65535 if it names one. Raises ValueError."""
    try:
        parts = urlsplit(url)
        usable = parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("the URL must name a host, and a port from 1 to 65535 if it names one")
    return url


Reachable = AfterValidator(_reachable)
"""What a URL must hold beyond its pattern."""


def _add_rules(schema: dict[str, Any], model: type[BaseModel]) -> None:
    rules: tuple[tuple[str, str], ...] = getattr(model, "CEL", ())
    if rules:
        schema["x-kubernetes-validations"] = [{"rule": rule, "message": message} for rule, message in rules]


class Model(BaseModel):
    """Base of all types that users write: unknown fields are refused, names are camelCase in YAML.

    `CEL` holds `(rule, message)` pairs which become `x-kubernetes-validations` of the type's schema; a model validator
    of the same type states the same rule in Python.
    """

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
        json_schema_extra=_add_rules,
    )
    CEL: ClassVar[tuple[tuple[str, str], ...]] = ()


class Record(Model):
    """Base of what Sluice itself writes into status: unknown fields of a newer version are ignored, not refused."""

    model_config = ConfigDict(extra="ignore")


def map_list(*keys: str, most: int) -> Any:  # noqa: ANN401 -- pydantic's FieldInfo has no public name for this use
    """Return the field metadata of a list that Kubernetes merges by `keys`, with at most `most` items."""
    return Field(
        max_length=most,
        json_schema_extra={"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": list(keys)},
    )


def atomic_list(*, most: int, least: int = 0) -> Any:  # noqa: ANN401 -- as above
    """Return the field metadata of a list that is always replaced as a whole, with `least` to `most` items."""
    return Field(min_length=least, max_length=most, json_schema_extra={"x-kubernetes-list-type": "atomic"})


def set_list(*, most: int, least: int = 0) -> Any:  # noqa: ANN401 -- as above
    """Return the field metadata of a list of `least` to `most` items in which none is there twice."""
    return Field(min_length=least, max_length=most, json_schema_extra={"x-kubernetes-list-type": "set"})


def decimal(text: str) -> Decimal:
    """Return the exact value of a `DecimalString`."""
    return Decimal(text)
