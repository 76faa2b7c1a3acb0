"""The last words of the evaluation Job: either where the result is, or why there is none."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluice.api.termination import (
    TERMINATION_LIMIT,
    InvalidTermination,
    JobFailure,
    Termination,
    parse_termination,
    render_termination,
)

SHA = "sha256:" + "a" * 64
KNOWN = {"schemaVersion": "sluice.dev/evaluation-termination/v1", "candidateUid": "u", "attempt": 1}
RESULT = {"runId": "abc", "artifactPath": "sluice/result.json", "sha256": SHA}
ERROR = {"error": {"reason": "ColumnMissing", "message": "no column", "field": "spec.evaluation"}}


@pytest.mark.parametrize("fields", [pytest.param(RESULT, id="a result"), pytest.param(ERROR, id="an error")])
def test_words_are_read_as_they_were_written(fields: dict[str, object]) -> None:
    words = parse_termination(json.dumps(KNOWN | fields))

    assert parse_termination(render_termination(words)) == words


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("done", id="no JSON"),
        pytest.param(json.dumps(KNOWN), id="neither result nor error"),
        pytest.param(json.dumps(KNOWN | RESULT | ERROR), id="both"),
        pytest.param(json.dumps(KNOWN | RESULT | {"sha256": None}), id="a result without digest"),
        pytest.param(json.dumps(KNOWN | RESULT | {"sha256": "abc"}), id="no digest"),
        pytest.param(json.dumps(KNOWN | RESULT | {"runId": "../x"}), id="a run that is a path"),
        pytest.param(json.dumps(KNOWN | RESULT | {"artifactPath": "../../x.json"}), id="a path out of the run"),
        pytest.param(json.dumps(KNOWN | RESULT | {"artifactPath": "/etc/x.json"}), id="an absolute path"),
        pytest.param(json.dumps(KNOWN | RESULT | {"schemaVersion": "v9"}), id="another version"),
        pytest.param(json.dumps(RESULT), id="nobody's"),
        pytest.param(json.dumps(KNOWN | RESULT) + " " * TERMINATION_LIMIT, id="more than the kubelet keeps"),
    ],
)
def test_what_is_no_message_is_refused(text: str) -> None:
    with pytest.raises(InvalidTermination):
        parse_termination(text)


@settings(deadline=None)
@given(st.text(max_size=100))
def test_no_text_raises_anything_else(text: str) -> None:
    with pytest.raises(InvalidTermination):
        parse_termination(text)


def test_a_long_error_is_cut_to_what_the_kubelet_keeps() -> None:
    error = JobFailure(reason="ModelLoadFailed", message="→" * 1024, field="ü" * 256)
    words = Termination(candidate_uid="…" * 256, attempt=1, error=error)
    text = render_termination(words)

    assert len(text.encode()) <= TERMINATION_LIMIT
    assert parse_termination(text).error is not None
