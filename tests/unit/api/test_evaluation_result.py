"""The result document: what is one, what is none, and what is said about it."""

import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluice.api.evaluation_result import (
    RESULT_LIMIT,
    EvaluationResult,
    InvalidResult,
    parse,
    parse_document,
    render,
)
from tests.support.evaluations import Json, document, estimate, measurement

PAIRS = {"both": 600, "candidateOnly": 60, "championOnly": 50, "neither": 290}


def test_a_document_is_read_as_it_was_written() -> None:
    found = parse_document(document(measurement(pairs=PAIRS), timings={"load": 1.5}, warnings=["slow"]))

    assert parse(render(found)) == found


def test_fields_of_a_newer_writer_are_ignored() -> None:
    assert parse_document(document(measurement(), novelty=[1])) == parse_document(document(measurement()))


@pytest.mark.parametrize(
    ("found", "want"),
    [
        pytest.param(
            document(schemaVersion="sluice.dev/evaluation-result/v2"),
            "schemaVersion: Input should be 'sluice.dev/evaluation-result/v1'",
            id="another version",
        ),
        pytest.param(document(candidate=None), "candidate: Field required", id="no candidate"),
        pytest.param(
            document(measurement(candidate=estimate(0.5, 0.6, 0.7))),
            "measurements.0.candidate: Value error, needs lower <= estimate <= upper",
            id="a point outside its bounds",
        ),
        pytest.param(
            document(measurement(candidate=estimate(float("nan"), 0, 1))),
            "measurements.0.candidate.estimate: Input should be a finite number",
            id="not a number",
        ),
        pytest.param(
            document(measurement(denominator=1001)),
            "measurements.0: Value error, denominator is greater than n",
            id="more items count than there are",
        ),
        pytest.param(
            document(measurement(pairs=PAIRS | {"both": 601})),
            "measurements.0: Value error, pairs do not add up to denominator",
            id="counts that do not add up",
        ),
        pytest.param(
            document(measurement(difference=None)),
            "measurements.0: Value error, champion and difference go together",
            id="a champion without comparison",
        ),
        pytest.param(
            document(measurement(), measurement()), "document: Value error, a name is there twice", id="a gate twice"
        ),
        pytest.param(
            document(measurement(n=-1)),
            "measurements.0.n: Input should be greater than or equal to 0",
            id="less than no",
        ),
        pytest.param(
            document(measurement(n="1000")), "measurements.0.n: Input should be a valid integer", id="a count as text"
        ),
    ],
)
def test_what_is_no_result_is_refused_with_its_field(found: Json, want: str) -> None:
    with pytest.raises(InvalidResult) as refused:
        parse_document(found)

    assert str(refused.value).startswith(f"the result document is invalid: {want}")


@pytest.mark.parametrize(
    ("content", "want"),
    [
        pytest.param(b"", "the result document is invalid: document: Invalid JSON", id="empty"),
        pytest.param(b"[" * 100_000, "the result document is invalid: document: Invalid JSON", id="deep"),
        pytest.param(b"\xff\xfe", "the result document is invalid: document: Invalid JSON", id="no text"),
        pytest.param(b"null", "the result document is invalid: document: Input should be an object", id="null"),
        pytest.param(
            b" " * (RESULT_LIMIT + 1), "the result document has 1048577 bytes, allowed are 1048576", id="too big"
        ),
    ],
)
def test_any_bytes_get_an_answer(content: bytes, want: str) -> None:
    with pytest.raises(InvalidResult) as refused:
        parse(content)

    assert str(refused.value).startswith(want)


def test_the_message_shows_no_value_and_few_fields() -> None:
    secret = "s3cr3t" * 100
    hostile = document(*[measurement(name=secret, metric=1, dataset=secret) for _ in range(9)])
    with pytest.raises(InvalidResult) as refused:
        parse(json.dumps(hostile).encode())

    assert "s3cr3t" not in str(refused.value)
    assert str(refused.value).endswith("; and 24 more")


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(InvalidResult):
        assert isinstance(parse(content), EvaluationResult)
