"""JUnit XML as cases: what counts, what is said of it, and what is not read."""

import pytest

from sluice.adapters.junit import MOST_BYTES, InvalidJUnit, JUnitCase, parse_junit
from sluice.api.suite_result import CaseOutcome

PASSED, FAILED, ERROR, SKIPPED = (
    CaseOutcome.PASSED,
    CaseOutcome.FAILED,
    CaseOutcome.ERROR,
    CaseOutcome.SKIPPED,
)


def document(*cases: str) -> bytes:
    return f"<testsuites><testsuite name='pytest'>{''.join(cases)}</testsuite></testsuites>".encode()


def case(inside: str = "", name: str = "test_a") -> str:
    return f"<testcase classname='tests.words' name='{name}' time='0.1'>{inside}</testcase>"


@pytest.mark.parametrize(
    ("cases", "want"),
    [
        pytest.param([], [], id="nothing ran"),
        pytest.param([case()], [JUnitCase("tests.words::test_a", PASSED)], id="passed"),
        pytest.param(
            [case("<system-out>much</system-out>")], [JUnitCase("tests.words::test_a", PASSED)], id="with output"
        ),
        pytest.param(
            [case("<failure message='no&#10;  way'>a trace</failure>")],
            [JUnitCase("tests.words::test_a", FAILED, "no way")],
            id="failed, with its message on one line",
        ),
        pytest.param(
            [case("<failure>it is wrong</failure>")],
            [JUnitCase("tests.words::test_a", FAILED, "it is wrong")],
            id="failed, in a text",
        ),
        pytest.param(
            [case("<skipped type='pytest.skip' message='later'>l. 5</skipped>")],
            [JUnitCase("tests.words::test_a", SKIPPED, "later")],
            id="skipped",
        ),
        pytest.param(
            [case("<failure message='wrong'/>"), case("<error message='end'/>"), case(name="test_b")],
            [JUnitCase("tests.words::test_a", FAILED, "wrong"), JUnitCase("tests.words::test_b", PASSED)],
            id="a test counts once, with the worst of it",
        ),
        pytest.param(
            [case("<error message='collection failure'>l. 1&#10;E   ImportError: no&#10;E   ValueError: x</error>")],
            [JUnitCase("tests.words::test_a", ERROR, "ValueError: x", of_collection=True)],
            id="a file that could not be collected",
        ),
        pytest.param(["<testcase time='0.1'/>"], [], id="an entry without a name is no test"),
        pytest.param(
            ["<testcase name='alone'/>"], [JUnitCase("alone", PASSED)], id="a test of another tool, without a class"
        ),
    ],
)
def test_the_cases(cases: list[str], want: list[JUnitCase]) -> None:
    assert list(parse_junit(document(*cases))) == want


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"", "does not parse", id="nothing"),
        pytest.param(b"{}", "does not parse", id="JSON"),
        pytest.param(document(case())[:-5], "does not parse", id="cut off"),
        pytest.param(b"<html/>", "its root is html", id="another document"),
        pytest.param(b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + document(), "document type", id="entities"),
        pytest.param(b" " * (MOST_BYTES + 1), "more than 64 MiB", id="too large"),
    ],
)
def test_what_is_not_read(content: bytes, says: str) -> None:
    with pytest.raises(InvalidJUnit, match=says):
        parse_junit(content)
