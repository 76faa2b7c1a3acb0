"""Values that type checking keeps as they are: compared by content, never changed.

`@dataclass(frozen=True)` keeps them at run time too, for which each field is set through a call: it takes four times
as long, and a tick makes dozens of values for each metric of each candidate.
"""

from dataclasses import dataclass, field
from typing import TypeVar

from typing_extensions import dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[T]) -> type[T]:
    """Make a class a dataclass whose instances nobody may change."""
    return dataclass(slots=True, unsafe_hash=True)(cls)
