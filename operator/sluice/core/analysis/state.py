"""The state of one metric's analysis: a small value that, with the raw samples since, gives the same verdict again.

It is written to the candidate's status as JSON. What cannot be read back is refused as a whole: never half a state.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import isfinite
from typing import Any, NoReturn

from sluice.core.analysis.breach import METHOD, Breach, Start
from sluice.core.analysis.counts import Counts, Tally
from sluice.core.analysis.deltas import Cursor
from sluice.core.analysis.progress import Progress, fresh
from sluice.core.analysis.routing import Seen

VERSION = 1


@dataclass(frozen=True, slots=True)
class State:
    """Everything that is remembered between two looks."""

    cursors: Mapping[str, Cursor] = field(default_factory=dict)
    """How far each pod's samples were used, by pod."""
    end: float | None = None
    """Time of the last round."""
    breach: Breach = Breach()  # noqa: RUF009 -- frozen
    step: int | None = None
    """Index of the step that `progress` and `seen` are about."""
    progress: Progress = field(default_factory=fresh)
    seen: Seen = Seen()  # noqa: RUF009 -- frozen
    total: Counts = Counts()  # noqa: RUF009 -- frozen
    """All rounds of the rollout."""


def dumps(state: State) -> str:
    """Return the state as compact JSON."""
    return json.dumps({"version": VERSION, **asdict(state)}, separators=(",", ":"), allow_nan=False)


def loads(text: str) -> State:
    """Return the state of `dumps`. Raises ValueError for anything else, other versions included."""
    try:
        raw = json.loads(text, parse_constant=_refuse)
        if raw["version"] != VERSION:
            raise ValueError(f"version {raw['version']!r} is not {VERSION}")
        return _state(raw)
    except (AttributeError, IndexError, KeyError, TypeError, RecursionError, OverflowError) as error:
        raise ValueError(f"not a state of the live analysis: {type(error).__name__}") from error


def _state(raw: Mapping[str, Any]) -> State:
    return State(
        cursors={str(key): _cursor(cursor) for key, cursor in raw["cursors"].items()},
        end=_time(raw["end"]),
        breach=_breach(raw["breach"]),
        step=None if raw["step"] is None else int(raw["step"]),
        progress=_progress(raw["progress"]),
        seen=Seen(**_floats(raw["seen"])),
        total=Counts(**_floats(raw["total"])),
    )


def _cursor(raw: Mapping[str, Any]) -> Cursor:
    since, time, gap = (_float(raw[name]) for name in ("since", "time", "gap"))
    return Cursor(since, time, str(raw["source"]), _floats(raw["counters"]), gap)


def _breach(raw: Mapping[str, Any]) -> Breach:
    return Breach(tuple(_start(start) for start in raw["starts"]), _time(raw["crossed_at"]))


def _start(raw: Mapping[str, Any]) -> Start:
    wealth = _wealth(raw["wealth"], len(METHOD.start()))
    return Start(_float(raw["since"]), wealth, Tally(**_floats(raw["tally"])))


def _progress(raw: Mapping[str, Any]) -> Progress:
    wealth = _wealth(raw["wealth"], len(fresh().wealth))
    return Progress(Counts(**_floats(raw["counts"])), wealth, int(raw["rounds"]), _float(raw["seconds"]))


def _wealth(raw: list[Any], length: int) -> tuple[float, ...]:
    wealth = tuple(_float(value) for value in raw)
    if len(wealth) != length:
        raise ValueError(f"{len(wealth)} values where {length} belong")
    return wealth


def _floats(raw: Mapping[str, Any]) -> dict[str, float]:
    return {str(name): _float(value) for name, value in raw.items()}


def _time(raw: object) -> float | None:
    return None if raw is None else _float(raw)


def _float(raw: object) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not isfinite(raw):
        raise ValueError(f"{raw!r} is not a number")
    return float(raw)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number")
