"""What the load generator's report answers, over hand-made records."""

from __future__ import annotations

from collections import Counter

import pytest

from lab.loadgen.records import NO_ANSWER, Record, parse
from lab.loadgen.report import Arm, Gap, Report


def record(
    sent: float, *, status: int = 200, version: str = "1", predictor: str = "main", seconds: float = 0.5
) -> Record:
    return Record(
        sent=sent,
        seconds=seconds,
        status=status,
        predictor=predictor,
        version=version if 200 <= status < 400 else "",
    )


@pytest.mark.parametrize(
    ("records", "want"),
    [
        pytest.param([], [], id="nothing sent is no failure"),
        pytest.param([record(1), record(2)], [], id="answers with 200 are no failures"),
        pytest.param([record(1), record(2, status=500)], [2], id="a model that fails is a failed request"),
        pytest.param([record(1, status=503), record(2)], [1], id="a gateway without an endpoint is a failed request"),
        pytest.param([record(1, status=NO_ANSWER)], [1], id="a broken connection is a failed request"),
        pytest.param([record(1, status=404)], [1], id="a missing route is a failed request"),
    ],
)
def test_failures(records: list[Record], want: list[float]) -> None:
    assert [failed.sent for failed in Report.of(records).failures()] == want


@pytest.mark.parametrize(
    ("records", "want"),
    [
        pytest.param([record(1), record(4)], [], id="the version answered before only"),
        pytest.param([record(5), record(6)], [6], id="a request sent at that very moment does not count"),
        pytest.param([record(6, version="2")], [], id="another version answered after"),
        pytest.param([record(6, status=500)], [], id="a failure is no answer of the version"),
        pytest.param([record(4.8, seconds=3)], [], id="an answer under way at that moment was sent before it"),
    ],
)
def test_answers_of_a_version_after_a_moment(records: list[Record], want: list[float]) -> None:
    assert [found.sent for found in Report.of(records).answered_by("1", after=5)] == want


@pytest.mark.parametrize(
    ("records", "want"),
    [
        pytest.param([], [], id="no answers have no gap between them"),
        pytest.param([record(1), record(2), record(2.9)], [], id="answers close together"),
        pytest.param([record(1), record(5)], [Gap(1.5, 5.5)], id="a pause"),
        pytest.param([record(1), record(2, status=500), record(5)], [Gap(1.5, 5.5)], id="failures do not fill a gap"),
        pytest.param([record(1, seconds=4.4), record(2), record(5)], [Gap(2.5, 5.4)], id="it is the ends that count"),
    ],
)
def test_gaps_longer_than_two_seconds(records: list[Record], want: list[Gap]) -> None:
    assert Report.of(records).gaps(2) == want


def test_records_come_in_the_order_in_which_they_were_sent() -> None:
    assert [found.sent for found in Report.of([record(3), record(1), record(2)]).records] == [1, 2, 3]


def test_a_part_starts_at_its_first_moment_and_ends_before_its_last() -> None:
    report = Report.of([record(1), record(2), record(3)])
    assert report.between(1, 3) == Report.of([record(1), record(2)])


def test_each_version_is_last_seen_when_its_last_answer_ended() -> None:
    records = [record(1), record(2, seconds=0.25), record(3, version="2"), record(9, status=500)]
    assert Report.of(records).last_seen() == {"1": 2.25, "2": 3.5}


def test_versions_can_be_renamed() -> None:
    report = Report.of([record(1, version="m-a"), record(2, version="m-b")])
    assert report.named({"m-a": "1"}) == Report.of([record(1, version="1"), record(2, version="m-b")])


def test_arms_tell_failures_from_answers() -> None:
    records = [record(1, seconds=0.1), record(2, seconds=0.3), record(3, status=500, predictor="new")]
    assert Report.of(records).arms() == {
        ("main", "1"): Arm(requests=2, failures=0, first=1, last=2.3, median=0.3, p99=0.3),
        ("new", ""): Arm(requests=1, failures=1, first=3, last=3.5, median=0.5, p99=0.5),
    }


def test_answers_are_counted_by_second_and_arm() -> None:
    records = [record(1.1), record(1.9), record(2.0, predictor="new", version="2")]
    assert Report.of(records).per_second() == {1: Counter({("main", "1"): 2}), 2: Counter({("new", "2"): 1})}


def test_the_summary_has_it_all() -> None:
    assert Report.of([record(1), record(4, status=500, predictor="new"), record(5)]).summary() == {
        "requests": 3,
        "failures": 1,
        "failuresByStatus": {"500": 1},
        "longestGapSeconds": 4.0,
        "lastSeen": {"1": 5.5},
        "arms": [
            {
                "predictor": "main",
                "version": "1",
                "requests": 2,
                "failures": 0,
                "firstSent": 1,
                "lastSeen": 5.5,
                "medianSeconds": 0.5,
                "p99Seconds": 0.5,
            },
            {
                "predictor": "new",
                "version": "",
                "requests": 1,
                "failures": 1,
                "firstSent": 4,
                "lastSeen": 4.5,
                "medianSeconds": 0.5,
                "p99Seconds": 0.5,
            },
        ],
        "perSecond": [
            {"second": 1, "predictor": "main", "version": "1", "requests": 1},
            {"second": 4, "predictor": "new", "version": "", "requests": 1},
            {"second": 5, "predictor": "main", "version": "1", "requests": 1},
        ],
    }


def test_a_record_survives_its_line() -> None:
    records = [record(1.25), record(2, status=NO_ANSWER)]
    assert parse([*(found.line() for found in records), ""]) == records
