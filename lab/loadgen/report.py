"""What the clients saw, and the questions tests ask about it: all pure, over records."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lab.loadgen.records import Record

_RECENT_SECONDS = 60


@dataclass(frozen=True)
class Gap:
    """A time without any prediction: from the end of one to the end of the next (Unix seconds)."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it was."""
        return self.end - self.start


@dataclass(frozen=True, kw_only=True)
class Arm:
    """What one predictor with one model version answered: counts, first and last time, latencies in seconds."""

    requests: int
    failures: int
    first: float
    last: float
    median: float
    p99: float


@dataclass(frozen=True)
class Report:
    """Records in the order in which they were sent."""

    records: tuple[Record, ...]

    @classmethod
    def of(cls, records: Iterable[Record]) -> Report:
        """Return the report of these records, in any order."""
        return cls(tuple(sorted(records, key=lambda record: record.sent)))

    def between(self, start: float, end: float = float("inf")) -> Report:
        """Return the part that was sent at or after `start` and before `end`."""
        return Report(tuple(record for record in self.records if start <= record.sent < end))

    def named(self, names: dict[str, str]) -> Report:
        """Return the report with versions renamed, MLflow's model ids to version numbers, say."""
        return Report(
            tuple(replace(record, version=names.get(record.version, record.version)) for record in self.records)
        )

    def failures(self) -> tuple[Record, ...]:
        """Return every request that got no prediction; "no failed request" is its being empty."""
        return tuple(record for record in self.records if not record.ok)

    def answered_by(self, version: str, *, after: float = 0) -> tuple[Record, ...]:
        """Return the predictions of a model version to requests sent after that moment."""
        return tuple(
            record for record in self.records if record.ok and record.version == version and record.sent > after
        )

    def last_seen(self) -> dict[str, float]:
        """Return, by model version, when it last answered (Unix seconds)."""
        seen: dict[str, float] = {}
        for record in self.records:
            if record.ok:
                seen[record.version] = max(seen.get(record.version, 0), record.ended)
        return seen

    def gaps(self, longer_than: float) -> list[Gap]:
        """Return the times without any prediction that are longer than that many seconds."""
        ends = sorted(record.ended for record in self.records if record.ok)
        return [Gap(start, end) for start, end in pairwise(ends) if end - start > longer_than]

    def arms(self) -> dict[tuple[str, str], Arm]:
        """Return what each predictor and model version did; failures stand under version ""."""
        members: dict[tuple[str, str], list[Record]] = {}
        for record in self.records:
            members.setdefault((record.predictor, record.version), []).append(record)
        return {arm: _arm(records) for arm, records in sorted(members.items())}

    def per_second(self) -> dict[int, Counter[tuple[str, str]]]:
        """Return the number of answers by Unix second and (predictor, version)."""
        seconds: dict[int, Counter[tuple[str, str]]] = {}
        for record in self.records:
            seconds.setdefault(int(record.sent), Counter())[record.predictor, record.version] += 1
        return seconds

    def summary(self) -> dict[str, Any]:
        """Return everything at a glance, as JSON values; the seconds are the latest only."""
        longest = max(self.gaps(0), key=lambda gap: gap.seconds, default=None)
        recent = list(self.per_second().items())[-_RECENT_SECONDS:]
        return {
            "requests": len(self.records),
            "failures": len(self.failures()),
            "failuresByStatus": dict(sorted(Counter(str(record.status) for record in self.failures()).items())),
            "longestGapSeconds": longest.seconds if longest else None,
            "lastSeen": self.last_seen(),
            "arms": [
                {"predictor": predictor, "version": version, **_json(arm)}
                for (predictor, version), arm in self.arms().items()
            ],
            "perSecond": [
                {"second": second, "predictor": predictor, "version": version, "requests": count}
                for second, counts in recent
                for (predictor, version), count in sorted(counts.items())
            ],
        }


def _arm(records: list[Record]) -> Arm:
    latencies = sorted(record.seconds for record in records)
    return Arm(
        requests=len(records),
        failures=sum(not record.ok for record in records),
        first=min(record.sent for record in records),
        last=max(record.ended for record in records),
        median=_quantile(latencies, 0.5),
        p99=_quantile(latencies, 0.99),
    )


def _quantile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _json(arm: Arm) -> dict[str, Any]:
    return {
        "requests": arm.requests,
        "failures": arm.failures,
        "firstSent": arm.first,
        "lastSeen": arm.last,
        "medianSeconds": arm.median,
        "p99Seconds": arm.p99,
    }
