"""Times on the command line: how far back, or from when to when; and targets."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from sluice.core.timeline import printable
from sluice.ports import Rejected

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_SINCE = re.compile(r"([0-9]{1,7})([smhdw])")
_LONGEST = 400 * 86_400
_NAME = r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?"
_TARGET = re.compile(rf"({_NAME})/({_NAME})")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a person typed; empty where nothing."""

    since: str = ""
    begin: str = ""
    end: str = ""


def span(wanted: Wanted, now: datetime) -> tuple[float, float]:
    """Return from when to when, in Unix seconds. Raises Rejected."""
    if bool(wanted.since) == bool(wanted.begin):
        raise Rejected("say how far to go back: --since 30d, or --from TIME (and --to TIME)")
    end = _moment("--to", wanted.end) if wanted.end else now.timestamp()
    begin = _moment("--from", wanted.begin) if wanted.begin else end - _seconds(wanted.since)
    if not 0 < end - begin <= _LONGEST:
        raise Rejected("--from must be before --to, by at most 400 days")
    return begin, end


def _seconds(text: str) -> int:
    found = _SINCE.fullmatch(text)
    if found is None or not int(found[1]):
        raise Rejected(f"--since: {printable(text)!r} is no time to go back: say 90m, 12h or 30d")
    return int(found[1]) * _UNITS[found[2]]


def _moment(option: str, text: str) -> float:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Rejected(f"{option}: {printable(text)!r} is no time: say 2026-11-24T08:30:00Z") from error
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def target(text: str) -> tuple[str, str]:
    """Return namespace and name. Raises Rejected."""
    found = _TARGET.fullmatch(text)
    if found is None:
        raise Rejected(f"--target: {printable(text)!r} is no target: say NAMESPACE/NAME of the SeldonDeployment")
    return found[1], found[3]


def shown(moment: float) -> str:
    """Return a time as people and `--from` read it."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
