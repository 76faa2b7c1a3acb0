"""A recording: raw samples as JSON Lines, compressed when the name ends in .gz.

The first line says what it is and whose samples follow, the last one holds the number of lines and a SHA-256 of all
lines before it: a file that was cut off or changed is refused before anything is made of it.
"""

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from gzip import BadGzipFile, GzipFile
from hashlib import sha256
from itertools import pairwise
from math import isfinite
from pathlib import Path
from typing import IO, Any, Literal, cast

from sluice.core.analysis.samples import Series
from sluice.core.analysis.signals import CounterSpec
from sluice.core.history import Origin, Portion
from sluice.core.timeline import printable
from sluice.ports import Conflict, NotFound, Rejected

FORMAT, VERSION = "sluice-recording", 1
_LONGEST_LINE = 64 * 1024 * 1024
_MILLISECONDS = 1000
_AGAIN = "record it again with `sluice record`"


@dataclass(frozen=True, kw_only=True)
class Step:
    """When a step of the recorded rollout took effect."""

    index: int
    began: float


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """What is known of the rollout that was recorded."""

    candidate: str
    stable: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, kw_only=True)
class Header:
    """The first line."""

    origin: Origin
    rollout: Rollout | None = None


def write(path: Path, header: Header, portions: Iterable[Portion]) -> int:
    """Write a recording and return how many samples it holds. Raises Conflict when the file exists."""
    part = path.with_name(path.name + ".part")
    try:
        with _opened(part, "wb") as file:
            samples = _written(file, header, portions)
        path.hardlink_to(part)
    except FileExistsError as error:
        raise Conflict(f"{path} exists: name another file with --out, or remove it") from error
    except OSError as error:
        raise Rejected(f"{path} cannot be written ({error.strerror}): name another file with --out") from error
    finally:
        part.unlink(missing_ok=True)
    return samples


def _written(file: IO[bytes], header: Header, portions: Iterable[Portion]) -> int:
    digest, lines, samples = sha256(), 0, 0
    for document in _documents(header, portions):
        line = json.dumps(document, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode() + b"\n"
        digest.update(line)
        file.write(line)
        lines, samples = lines + 1, samples + len(document.get("values", ()))
    footer = {"end": {"lines": lines, "samples": samples, "sha256": digest.hexdigest()}}
    file.write(json.dumps(footer, separators=(",", ":")).encode() + b"\n")
    return samples


def _documents(header: Header, portions: Iterable[Portion]) -> Iterator[Mapping[str, Any]]:
    yield _header(header)
    known: dict[tuple[tuple[str, str], ...], int] = {}
    for portion in portions:
        for series in portion.series:
            key = tuple(sorted(series.labels.items()))
            if key not in known:
                known[key] = len(known)
                yield {"series": known[key], "labels": dict(key)}
            yield {"of": known[key], **_samples(series)}
        yield {"begin": portion.begin, "end": portion.end}


def _samples(series: Series) -> Mapping[str, Any]:
    """Return samples as the first time and the gaps after it, in milliseconds, and the values as they were."""
    times = [round(time * _MILLISECONDS) for time, _ in series.samples]
    gaps = [after - before for before, after in pairwise(times)]
    return {"time": times[0], "gaps": gaps, "values": [_plain(value) for _, value in series.samples]}


def _plain(value: float) -> float | str:
    if not isfinite(value):
        return repr(value)
    return int(value) if value.is_integer() else value


def _header(header: Header) -> Mapping[str, Any]:
    origin, rollout = header.origin, header.rollout
    document: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "namespace": origin.namespace,
        "target": origin.target,
        "from": origin.begin,
        "to": origin.end,
        "counters": [
            {"metric": spec.metric, "labels": dict(spec.labels), "targetLabel": spec.target_label}
            for spec in origin.counters
        ],
    }
    if rollout is not None:
        steps = [{"index": step.index, "began": step.began} for step in rollout.steps]
        document["rollout"] = {"candidate": rollout.candidate, "stable": rollout.stable, "steps": steps}
    return document


@dataclass(frozen=True, kw_only=True)
class Recording:
    """A whole recording, still on the disk."""

    path: Path
    header: Header

    def portions(self) -> Iterator[Portion]:
        """Yield its samples. Raises Rejected for what no recording holds."""
        labels: dict[int, Mapping[str, str]] = {}
        series: list[Series] = []
        for number, line in enumerate(_lines(self.path), start=1):
            try:
                document = json.loads(line)
                if "series" in document:
                    labels[document["series"]] = {str(name): str(value) for name, value in document["labels"].items()}
                elif "of" in document:
                    series.append(Series(labels[document["of"]], _read_samples(document)))
                elif "begin" in document:
                    yield Portion(float(document["begin"]), float(document["end"]), tuple(series))
                    series = []
            except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
                raise Rejected(f"{self.path}: line {number} is not of a recording: {_AGAIN}") from error


def _read_samples(document: Mapping[str, Any]) -> tuple[tuple[float, float], ...]:
    time, times = int(document["time"]), []
    for gap in (0, *document["gaps"]):
        time += gap
        times.append(time / _MILLISECONDS)
    return tuple(zip(times, map(float, document["values"]), strict=True))


def opened(path: Path) -> Recording:
    """Return a recording that is whole. Raises NotFound, and Rejected for a file that is something else or cut off."""
    digest, last, lines = sha256(), b"", 0
    first = b""
    for line in _lines(path):
        if lines:
            digest.update(last)
        else:
            first = line
        last, lines = line, lines + 1
    header = _read_header(path, first)
    if _footer(last) != {"lines": lines - 1, "sha256": digest.hexdigest()}:
        raise Rejected(f"{path} is cut off or was changed (its last line does not fit those before): {_AGAIN}")
    return Recording(path=path, header=header)


def _footer(line: bytes) -> Mapping[str, object] | None:
    try:
        end = json.loads(line)["end"]
        return {"lines": end["lines"], "sha256": end["sha256"]}
    except (ValueError, KeyError, TypeError):
        return None


def _read_header(path: Path, line: bytes) -> Header:
    try:
        raw = json.loads(line)
        if raw["format"] != FORMAT:
            raise Rejected(f"{path} is no recording: {_AGAIN}")
        if raw["version"] != VERSION:
            version = printable(str(raw["version"]))[:20]
            raise Rejected(f"{path} is of version {version}, this program reads {VERSION}: update it, or {_AGAIN}")
        return Header(origin=_origin(raw), rollout=_rollout(raw.get("rollout")))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise Rejected(f"{path} is no recording: {_AGAIN}") from error


def _origin(raw: Mapping[str, Any]) -> Origin:
    counters = (
        CounterSpec(one["metric"], tuple(sorted(one["labels"].items())), one["targetLabel"]) for one in raw["counters"]
    )
    return Origin(
        namespace=str(raw["namespace"]),
        target=str(raw["target"]),
        begin=float(raw["from"]),
        end=float(raw["to"]),
        counters=tuple(counters),
    )


def _rollout(raw: Mapping[str, Any] | None) -> Rollout | None:
    if raw is None:
        return None
    steps = (Step(index=int(step["index"]), began=float(step["began"])) for step in raw["steps"])
    return Rollout(candidate=str(raw["candidate"]), stable=str(raw["stable"]), steps=tuple(steps))


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with _opened(path, "rb") as file:
            while line := file.readline(_LONGEST_LINE):
                yield line
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {path}: name a recording, or {_AGAIN}") from error
    except EOFError as error:
        raise Rejected(f"{path} is cut off: {_AGAIN}") from error
    except (BadGzipFile, zlib.error) as error:
        raise Rejected(f"{path} is not gzip, as its name says, or is damaged: {_AGAIN}") from error
    except OSError as error:
        raise Rejected(f"{path} cannot be read ({error.strerror}): name a recording") from error


@contextmanager
def _opened(path: Path, mode: Literal["rb", "wb"]) -> Iterator[IO[bytes]]:
    """Open a file; compressed ones without their time, so that equal recordings are equal files."""
    with path.open(mode) as raw:
        if ".gz" not in path.suffixes[-2:]:
            yield raw
            return
        with GzipFile(filename="", fileobj=raw, mode=mode, mtime=0) as file:
            yield cast("IO[bytes]", file)
