"""Values told apart by which they are, not by what they hold: keys of what is worked out once for each."""

from typing import Generic, TypeVar

from typing_extensions import override

T = TypeVar("T")


class Same(Generic[T]):
    """A value as itself. While it is a key the value lives, so no other one can be taken for it."""

    __slots__ = ("value",)

    def __init__(self, value: T) -> None:
        self.value = value

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.value is self.value

    @override
    def __hash__(self) -> int:
        return id(self.value)
