"""An event loop whose clock jumps to whatever is due next: minutes of ticks in milliseconds, the same every time."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

from typing_extensions import override

V = TypeVar("V")


class _Selector(selectors.SelectSelector):
    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    @override
    def select(self, timeout: float | None = None) -> Any:
        if timeout is None:
            raise RuntimeError("nothing is ever due: everybody waits for somebody else")
        self.now += timeout
        return super().select(0)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _Selector()
        super().__init__(self._jumping)

    @override
    def time(self) -> float:
        return self._jumping.now


def run(work: Coroutine[Any, Any, V]) -> V:
    """Run a coroutine to its end; RuntimeError when it would wait for ever."""
    with asyncio.Runner(loop_factory=_Loop) as runner:
        return runner.run(work)
