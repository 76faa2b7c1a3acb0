"""States as text, in the candidate's status. What cannot be read back is refused as a whole: never half a state.

Numbers come back bit for bit: logarithms are multiples of 2^-20 (`mixture.grained`) and written as whole ones. What
pods' counters showed is left out, it can be read again. The text of a rollout with many pods is compressed.
"""

import json
from base64 import b85decode, b85encode
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, NoReturn
from zlib import compress, decompressobj
from zlib import error as ZlibError  # noqa: N812 -- it is a class

from sluice.core.analysis.breach import Breach, Start, staked
from sluice.core.analysis.cohorts import Cohorts
from sluice.core.analysis.counts import Counts, Tally
from sluice.core.analysis.deltas import Cursor
from sluice.core.analysis.evidence import Channel, Evidence
from sluice.core.analysis.limit import ODDS, Limit
from sluice.core.analysis.pace import Pace
from sluice.core.analysis.points import POINTS
from sluice.core.analysis.progress import RATIO_PRIOR, Progress
from sluice.core.analysis.routing import Seen
from sluice.core.analysis.spread import Spread
from sluice.core.analysis.state import State

VERSION = 4
GRAINS = 2.0**20
READABLE = 4096
"""Longer texts are compressed."""
COMPRESSED = "z:"
MOST_BYTES = 1 << 20
"""A text that grows beyond this was not written by us."""


def dumps(states: Mapping[str, State]) -> str:
    """Return states by name as text."""
    raw = {"version": VERSION, "states": {name: _plain(state) for name, state in states.items()}}
    text = json.dumps(raw, separators=(",", ":"), allow_nan=False)
    return text if len(text) <= READABLE else COMPRESSED + b85encode(compress(text.encode(), 9)).decode()


def loads(text: str) -> dict[str, State]:
    """Return the states of `dumps`. Raises ValueError for anything else, other versions included."""
    try:
        raw = json.loads(_readable(text), parse_constant=_refuse)
        if raw["version"] != VERSION:
            raise ValueError(f"version {raw['version']!r} is not {VERSION}")
        return {str(name): _state(state) for name, state in raw["states"].items()}
    except (AttributeError, IndexError, KeyError, TypeError, RecursionError, OverflowError, ZlibError) as error:
        raise ValueError(f"not a state of the live analysis: {type(error).__name__}") from error


def _readable(text: str) -> str:
    if not text.startswith(COMPRESSED):
        return text
    whole = decompressobj().decompress(b85decode(text.removeprefix(COMPRESSED)), MOST_BYTES)
    return whole.decode()


def _plain(state: State) -> dict[str, Any]:
    evidence = state.evidence
    return {
        "cursors": {key: _plain_cursor(cursor) for key, cursor in state.cursors.items()},
        "at": [state.end, state.step, int(state.disjoint), state.seen.candidate, state.seen.stable],
        "channels": {name: _plain_channel(one) for name, one in evidence.channels.items()},
        "profile": {name: _plain_counts(one) for name, one in evidence.profile.items()},
        "limit": _plain_limit(evidence.limit),
        "cohorts": [evidence.cohorts.since, evidence.cohorts.waiting, evidence.cohorts.events],
        "against": evidence.against,
        "crossed": evidence.crossed_at,
    }


def _plain_cursor(cursor: Cursor) -> list[Any]:
    return [cursor.source, cursor.since, cursor.time, cursor.gap, *([cursor.carried] if cursor.carried else [])]


def _plain_channel(channel: Channel) -> list[Any]:
    breach, progress = channel.breach, channel.progress
    return [
        [[start.since, _grains(start.stake), _plain_tally(start.before)] for start in breach.starts],
        _grains(breach.wealth),
        _plain_tally(breach.tally),
        _plain_pace(breach.pace),
        _plain_counts(breach.total),
        _plain_spread(breach.spread),
        [
            _plain_counts(progress.counts),
            _grains(progress.wealth),
            [progress.rounds, progress.begun, progress.ended, progress.ratio_part],
        ],
        None if channel.good is None else _plain_tally(channel.good),
    ]


def _plain_counts(counts: Counts) -> list[float]:
    return [
        _short(value)
        for value in (
            counts.candidate_failures,
            counts.candidate_requests,
            counts.stable_failures,
            counts.stable_requests,
        )
    ]


def _plain_tally(tally: Tally) -> list[float]:
    return [_short(value) for value in (tally.requests, tally.observed, tally.expected, tally.squares)]


def _plain_spread(spread: Spread) -> list[float]:
    return [spread.squares, spread.freedom, spread.noise, spread.whole]


def _plain_pace(pace: Pace) -> list[float | None]:
    return [pace.left, pace.minute, pace.planned, pace.large, pace.asked]


def _plain_limit(limit: Limit) -> list[Any]:
    return [_grains(limit.wealth), _plain_pace(limit.pace), limit.observed, limit.requests]


def _grains(logs: Sequence[float]) -> list[int]:
    return [int(value * GRAINS) for value in logs]


def _short(value: float) -> float:
    """Return a whole number as one: it is written shorter."""
    return int(value) if value == int(value) else value


def _state(raw: Mapping[str, Any]) -> State:
    end, step, disjoint, candidate, stable = raw["at"]
    since, waiting, events = raw["cohorts"]
    return State(
        cursors={str(key): _cursor(one) for key, one in raw["cursors"].items()},
        end=_time(end),
        step=None if step is None else int(step),
        seen=Seen(_float(candidate), _float(stable)),
        disjoint=bool(disjoint),
        evidence=Evidence(
            channels={str(name): _channel(one) for name, one in raw["channels"].items()},
            profile={str(name): Counts(*_floats(one, 4)) for name, one in raw["profile"].items()},
            limit=_limit(*raw["limit"]),
            cohorts=Cohorts(_time(since), tuple([_waiting(one) for one in waiting]), _pair(events)),
            against=_float(raw["against"]),
            crossed_at=_time(raw["crossed"]),
        ),
    )


def _cursor(raw: Sequence[Any]) -> Cursor:
    source, since, time, gap, *carried = raw
    kept = {str(name): _float(value) for name, value in carried[0].items()} if carried else {}
    return Cursor(_float(since), _float(time), str(source), None, kept, _float(gap))


def _channel(raw: Sequence[Any]) -> Channel:
    starts, wealth, tally, pace, total, spread, progress, good = raw
    begun = tuple([_start(*one) for one in starts])
    breach = Breach(
        begun,
        _logs(wealth, len(POINTS)),
        Tally(*_floats(tally, 4)),
        _pace(*pace),
        Counts(*_floats(total, 4)),
        Spread(*_floats(spread, 4)),
        stakes=staked(begun),
    )
    return Channel(breach, _progress(*progress), None if good is None else Tally(*_floats(good, 4)))


def _progress(counts: Sequence[Any], wealth: Sequence[Any], times: Sequence[Any]) -> Progress:
    rounds, begun, ended, ratio_part = _floats(times, 4)
    if not 0 < ratio_part < 1:
        raise ValueError(f"{ratio_part!r} is not a part")
    return Progress(
        Counts(*_floats(counts, 4)),
        _logs(wealth, len(RATIO_PRIOR)),
        int(rounds),
        begun,
        ended,
        ratio_part,
    )


def _start(since: object, wealth: Sequence[Any], tally: Sequence[Any]) -> Start:
    return Start(_float(since), _logs(wealth, len(POINTS)), Tally(*_floats(tally, 4)))


def _pace(left: object, minute: object, planned: int, large: object, asked: object) -> Pace:
    return Pace(_float(left), _time(minute), int(planned), _float(large), _time(asked))


def _limit(wealth: Sequence[Any], pace: Sequence[Any], observed: object, requests: object) -> Limit:
    return Limit(_logs(wealth, len(ODDS) if wealth else 0), _pace(*pace), _float(observed), _float(requests))


def _waiting(raw: Sequence[Any]) -> tuple[float, float, float, float]:
    begin, end, mine, theirs = _floats(raw, 4)
    return begin, end, mine, theirs


def _pair(raw: Sequence[Any]) -> tuple[float, float]:
    first, second = _floats(raw, 2)
    return first, second


def _logs(raw: Sequence[Any], length: int) -> tuple[float, ...]:
    return tuple([value / GRAINS for value in _floats(raw, length)])


def _floats(raw: Sequence[Any], length: int) -> tuple[float, ...]:
    values = tuple([_float(value) for value in raw])
    if len(values) != length:
        raise ValueError(f"{len(values)} values where {length} belong")
    return values


def _time(raw: object) -> float | None:
    return None if raw is None else _float(raw)


def _float(raw: object) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not isfinite(raw):
        raise ValueError(f"{raw!r} is not a number")
    return float(raw)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number")
