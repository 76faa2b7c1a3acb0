"""A suite of tests: pytest in a process of its own, its JUnit XML taken in. What did not run to its end is an error."""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from sluice.adapters.junit import MOST_BYTES, InvalidJUnit, JUnitCase, parse_junit
from sluice.api.suite_result import CaseOutcome, SuiteResult
from sluice.core.suite_cases import case, suite_result
from sluice.evaluation.suites import child
from sluice.evaluation.suites.prepared import PreparedSuite

_PLUGIN = "sluice.evaluation.suites.plugin"
_DONE = frozenset({0, 1})
"""Exit codes of pytest after it ran all tests: all passed, or some failed."""
_ENDS = {
    2: "pytest was interrupted",
    3: "pytest had an internal error",
    4: "pytest was used wrongly: is its configuration valid for this version?",
    5: "no test was collected: pytest takes functions test_… in files test_….py",
}
_BAD = frozenset({CaseOutcome.FAILED, CaseOutcome.ERROR})
_SHOWN = 3


def run_tests(suite: PreparedSuite, models: Mapping[str, Path]) -> SuiteResult:
    """Run the tests against models in folders, by arm."""
    source, beside = suite.source, suite.folder.parent
    if find_spec("pytest") is None:
        error = "the evaluation image has no pytest: use the released one, or install sluice-operator[suites]"
        return suite_result(source, error=error)
    junit, collected = beside / f"{suite.folder.name}.xml", beside / f"{suite.folder.name}.count"
    files = [f"--junitxml={junit}", f"--collected-to={collected}", f"--basetemp={beside / suite.folder.name}.base"]
    arms = [f"--{arm}={folder.resolve()}" for arm, folder in models.items()]
    quiet = ["-p", "no:cacheprovider", "-q", "--tb=short", "--color=no", f"--rootdir={suite.folder}"]
    command = ["-m", "pytest", "-p", _PLUGIN, *quiet, *files, *arms, str(suite.target)]
    ended = child.run(command, suite.folder, source.timeout_seconds)
    if ended.code is None:
        error = f"the tests took longer than timeoutSeconds ({source.timeout_seconds}): raise it, or test less"
        return suite_result(source, error=error)
    try:
        cases = _cases(junit)
    except InvalidJUnit as error:
        return suite_result(
            source, error=_ENDS.get(ended.code, f"the tests ended without results ({ended.how}): {error}")
        )
    return _judged(suite, cases, ended, _count(collected))


def _cases(junit: Path) -> Sequence[JUnitCase]:
    if not junit.is_file():
        raise InvalidJUnit("nothing was written, did a test end the process?")
    with junit.open("rb") as file:
        return parse_junit(file.read(MOST_BYTES + 1))


def _count(place: Path) -> int | None:
    text = place.read_text(encoding="utf-8") if place.is_file() else ""
    return int(text) if text.isdecimal() else None


def _judged(suite: PreparedSuite, cases: Sequence[JUnitCase], ended: child.Ended, collected: int | None) -> SuiteResult:
    tests = [one for one in cases if not one.of_collection]
    lost = [one for one in cases if one.of_collection]
    error = ""
    if lost:
        told = "; ".join(f"{one.name}: {one.message}" for one in lost[:_SHOWN])
        error = f"tests of {len(lost)} files could not be collected: {told}"
    elif ended.code not in _DONE:
        error = _ENDS.get(ended.code or 0, f"the tests ended early ({ended.how})")
    elif collected is None or len(tests) < collected:
        error = f"only {len(tests)} of {'an unknown number of' if collected is None else collected} cases were run"
    elif not tests:
        error = _ENDS[5]
    elif ended.code and not any(one.outcome in _BAD for one in tests):
        error = "pytest said that tests failed, and reported none that did"
    return suite_result(suite.source, [case(one.name, one.outcome, one.message) for one in tests], error)
