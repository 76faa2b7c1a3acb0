"""Files of cases and their manifest: what they may hold, and words that name the line and never what is in it."""

import json
from math import nan

import pytest

from sluice.api.challenge_manifest import MANIFEST_LIMIT, InvalidManifest, parse_manifest
from sluice.core.challenge_cases import Case, Expected, InvalidCases, read_cases
from tests.support.challenges import Json, case, lines, manifest, parsed

HIDDEN = "the secret text"


def read(*cases: Json, **fields: object) -> tuple[Case, ...]:
    return read_cases(lines(*cases), parsed(cases, **fields))


def test_a_case_is_what_is_expected_and_what_the_models_get() -> None:
    assert read(
        case("one", expect="negative"),
        case("two", expect=["neutral", "negative"], hidden=True),
        case("three", expect=4, tolerance=0.5),
        case("four", expect=True, hidden=False),
    ) == (
        Case(id="one", expected=Expected(classes=("negative",)), hidden=False, inputs={"text": "not good at all"}),
        Case(
            id="two",
            expected=Expected(classes=("neutral", "negative")),
            hidden=True,
            inputs={"text": "not good at all"},
        ),
        Case(id="three", expected=Expected(number=4, tolerance=0.5), hidden=False, inputs={"text": "not good at all"}),
        Case(id="four", expected=Expected(classes=("True",)), hidden=False, inputs={"text": "not good at all"}),
    )


def test_the_manifest_says_which_keys_mean_what() -> None:
    columns = {"id": "name", "expect": "label", "hidden": "kept back"}
    (one,) = read({"name": "a", "label": "x", "kept back": False, "id": 7, "hidden": 8}, columns=columns)

    assert one == Case(id="a", expected=Expected(classes=("x",)), hidden=False, inputs={"id": 7, "hidden": 8})


@pytest.mark.parametrize(
    ("expected", "said", "number", "want"),
    [
        pytest.param(Expected(classes=("a",)), "a", nan, True, id="the class"),
        pytest.param(Expected(classes=("a",)), "b", nan, False, id="another class"),
        pytest.param(Expected(classes=("a", "b")), "b", nan, True, id="one of two classes"),
        pytest.param(Expected(classes=("a",)), None, nan, False, id="no class, for the model failed"),
        pytest.param(Expected(number=4, tolerance=0.5), "4.5", 4.5, True, id="a number that is as far as it may be"),
        pytest.param(Expected(number=4, tolerance=0.5), "4.6", 4.6, False, id="a number that is too far"),
        pytest.param(Expected(number=4), "4", 4.0, True, id="exactly the number"),
        pytest.param(Expected(number=4, tolerance=0.5), "four", nan, False, id="a word for a number"),
        pytest.param(Expected(number=4, tolerance=0.5), None, nan, False, id="no number, for the model failed"),
    ],
)
def test_an_answer_is_right_or_not(expected: Expected, said: str | None, number: float, want: bool) -> None:  # noqa: FBT001
    assert expected.is_met(said, number) is want


@pytest.mark.parametrize(
    ("content", "want"),
    [
        pytest.param(b'{"id": "a", the secret text', "no JSON object on line 1", id="no JSON"),
        pytest.param(b'["the secret text"]', "no JSON object on line 1", id="a list"),
        pytest.param(b"[" * 100_000, "no JSON object on line 1", id="too deep"),
        pytest.param(b'{"id": "a", "expect": NaN, "text": "the secret text"}', "no JSON object on line 1", id="NaN"),
        pytest.param(lines(case(""), case("b")), "no name in key 'id' on line 1", id="no name"),
        pytest.param(lines(case("a", id=7)), "no name in key 'id' on line 1", id="a number for a name"),
        pytest.param(lines(case(f"<b>{HIDDEN}")), "no name in key 'id' on line 1", id="a name with markup"),
        pytest.param(lines(case("a"), case("a")), "the id of line 1 again on line 2", id="a name twice"),
        pytest.param(lines(case("a", expect=None)), "nothing to expect in key 'expect' on line 1", id="no answer"),
        pytest.param(lines(case("a", expect=[])), "nothing to expect in key 'expect'", id="no class is right"),
        pytest.param(
            lines(case("a", expect=0.5)), "a class, a list of classes, or a number with a 'tolerance'", id="half"
        ),
        pytest.param(lines(case("a", expect="4", tolerance=1)), "nothing to expect", id="a text near a number"),
        pytest.param(lines(case("a", expect=4, tolerance=-1)), "nothing to expect", id="nearer than near"),
        pytest.param(lines(case("a", hidden="yes")), "no truth value in key 'hidden' on line 1", id="hidden as a word"),
        pytest.param(b'{"id": "a", "expect": "b"}', "nothing for the models on line 1", id="no inputs"),
        pytest.param(lines(case("a"), case("b", more=HIDDEN)), "other keys for the models on line 2", id="other keys"),
        pytest.param(
            lines(case("a")), "has 1 cases, 0 of them hidden, and the manifest says that it has 2", id="a case less"
        ),
    ],
)
def test_what_is_wrong_with_cases_is_said_by_its_line(content: bytes, want: str) -> None:
    with pytest.raises(InvalidCases, match=r"on line|has 1 cases") as raised:
        read_cases(content, parsed([case("a"), case("b", hidden=True)]))

    assert want in str(raised.value)
    assert HIDDEN not in str(raised.value)


@pytest.mark.parametrize(
    ("fields", "want"),
    [
        pytest.param(
            {"cases": {**manifest()["cases"], "file": "../../etc/passwd.jsonl"}}, "cases.file", id="another folder"
        ),
        pytest.param({"cases": {**manifest()["cases"], "file": "cases.csv"}}, "cases.file", id="another format"),
        pytest.param({"cases": {**manifest()["cases"], "count": 0}}, "cases.count", id="no cases"),
        pytest.param({"columns": {"id": "expect"}}, "columns must differ", id="one key for two meanings"),
        pytest.param({"schemaVersion": "sluice.dev/challenge-set/v2"}, "schemaVersion", id="a later format"),
        pytest.param({"more": 1}, "more", id="an unknown field"),
    ],
)
def test_what_is_wrong_with_a_manifest_is_said_by_its_field(fields: Json, want: str) -> None:
    with pytest.raises(InvalidManifest, match="is no manifest of a challenge set") as raised:
        parse_manifest(json.dumps(manifest(**fields)).encode())

    assert want in str(raised.value)


@pytest.mark.parametrize("content", [b"", b"[" * 50_000, b"\xff\xfe", b" " * (MANIFEST_LIMIT + 1)])
def test_bytes_that_are_no_manifest_are_refused(content: bytes) -> None:
    with pytest.raises(InvalidManifest):
        parse_manifest(content)
