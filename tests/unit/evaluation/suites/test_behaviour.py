"""Tests of a team, run by the real pytest in its own process: what becomes of cases, and of what is no whole run."""

import hashlib
from pathlib import Path

import pytest

from sluice.api.evaluation_spec import SuiteInput
from sluice.api.suite import SuiteKind
from sluice.api.suite_result import MESSAGE_LIMIT, MOST_CASES, CaseOutcome, SuiteResult
from sluice.evaluation.failure import EvaluationFailure
from sluice.evaluation.suites.behaviour import run_tests
from sluice.evaluation.suites.prepared import prepare

ROOT = Path(__file__).parents[4]


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "operator"))


def run(tmp_path: Path, code: str, seconds: int = 600) -> SuiteResult:
    """Run one file of tests, without champion, and with a candidate that nobody may load."""
    file = tmp_path / "behaviour.py"
    file.write_text(code, encoding="utf-8")
    digest = f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}"
    kind = SuiteKind.PYTEST
    source = SuiteInput(name="behaviour", kind=kind, uri=str(file), digest=digest, timeout_seconds=seconds)
    return run_tests(prepare(source, file, tmp_path / "suites"), {"candidate": tmp_path / "nothing"})


MIXED = """
import os, pathlib, pytest, tempfile, warnings

def test_right(): ...

@pytest.mark.parametrize("word", ["good", "bad"])
def test_words(word):
    assert word == "good", "a word\\nis wrong"

def test_newly(candidate, champion): ...

@pytest.mark.xfail
def test_known(): assert False

def test_setup(nobody): ...

def test_candidate(candidate): candidate.predict(["x"])

def test_room(tmp_path):
    assert pathlib.Path.home() == pathlib.Path(tempfile.gettempdir())
    tmp_path.joinpath("a").write_text("b")

def test_secrets():
    assert not [name for name in os.environ if "TOKEN" in name or "TRACKING" in name]
"""


def test_each_test_is_a_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "secret")
    ran = run(tmp_path, MIXED)
    cases = [(case.outcome.value, case.name) for case in ran.cases]

    assert (ran.passed, ran.failed, ran.errors, ran.skipped, ran.error) == (4, 2, 1, 2, "")
    assert cases == [
        ("Failed", "behaviour::test_words[bad]"),
        ("Failed", "behaviour::test_candidate"),
        ("Error", "behaviour::test_setup"),
        ("Skipped", "behaviour::test_newly"),
        ("Skipped", "behaviour::test_known"),
        ("Passed", "behaviour::test_right"),
        ("Passed", "behaviour::test_words[good]"),
        ("Passed", "behaviour::test_room"),
        ("Passed", "behaviour::test_secrets"),
    ]
    messages = {case.name.partition("::")[2]: case.message for case in ran.cases}
    assert messages["test_words[bad]"].startswith("AssertionError: a word is wrong assert 'bad' == 'good'")
    assert "nobody" in messages["test_setup"]
    assert messages["test_newly"] == "there is no champion"


@pytest.mark.parametrize(
    ("code", "says"),
    [
        pytest.param("x = 1\n", "no test was collected", id="no test"),
        pytest.param("import a_package_that_nobody_has\n", "could not be collected: ", id="an import fails"),
        pytest.param("def test(:\n", "could not be collected: ", id="no Python"),
        pytest.param("import os\nos._exit(0)\n", "the tests ended without results (exit code 0)", id="a quiet end"),
        pytest.param("import os\ndef test(): os._exit(0)\n", "did a test end the process?", id="a test that ends it"),
        pytest.param("import os\ndef test(): os.abort()\n", "the tests ended without results (SIGABRT)", id="a crash"),
        pytest.param(
            "import pytest\ndef test_a(): ...\ndef test_b(): pytest.exit('enough', returncode=0)\ndef test_c(): ...\n",
            "only 1 of 3 cases were run",
            id="an end too early that says that all is well",
        ),
        pytest.param(
            "import pytest\ndef test_a(): ...\ndef test_b(): pytest.exit('enough', returncode=0)\n",
            "only 1 of 2 cases were run",
            id="the same in the last test",
        ),
        pytest.param(
            "def test(): ...\ndef pytest_sessionfinish(session): raise RuntimeError\n"
            "import pytest\n@pytest.fixture(autouse=True, scope='session')\ndef end():\n yield\n raise RuntimeError\n",
            "",
            id="an error after the last test",
        ),
    ],
)
def test_what_is_no_whole_run_is_an_error(tmp_path: Path, code: str, says: str) -> None:
    ran = run(tmp_path, code)

    assert says in ran.error
    assert ran.error or ran.errors
    assert not ran.failed


def test_a_suite_that_takes_too_long_is_stopped_with_all_that_it_started(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    code = (
        "import subprocess, sys, time\n"
        "def test():\n"
        f"    child = subprocess.Popen(['sleep', '600'])\n"
        f"    open({str(mark)!r}, 'w').write(str(child.pid))\n"
        "    time.sleep(600)\n"
    )
    ran = run(tmp_path, code, seconds=20)

    assert ran.error == "the tests took longer than timeoutSeconds (20): raise it, or test less"
    assert not Path(f"/proc/{mark.read_text()}").exists() or "Z" in Path(f"/proc/{mark.read_text()}/stat").read_text()


def test_many_cases_with_long_messages_stay_small(tmp_path: Path) -> None:
    code = (
        "import pytest\n"
        "@pytest.mark.parametrize('n', range(300))\n"
        "def test(n):\n    print('x' * 10_000)\n    assert n % 2, 'y' * 100_000\n"
    )
    ran = run(tmp_path, code)

    assert (ran.failed, ran.passed, len(ran.cases)) == (150, 150, MOST_CASES)
    assert {case.outcome for case in ran.cases} == {CaseOutcome.FAILED}
    assert max(len(case.message) for case in ran.cases) == MESSAGE_LIMIT


def test_settings_above_the_suite_are_not_taken(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --deselect behaviour.py::test_b\n", encoding="utf-8")
    ran = run(tmp_path, "def test_a(): ...\ndef test_b(): assert False\n")

    assert (ran.passed, ran.failed) == (1, 1)


def test_tests_of_another_digest_are_not_run(tmp_path: Path) -> None:
    file = tmp_path / "behaviour.py"
    file.write_text("def test(): ...\n", encoding="utf-8")
    source = SuiteInput(name="behaviour", kind=SuiteKind.PYTEST, uri=str(file), digest="sha256:" + "0" * 64)
    with pytest.raises(EvaluationFailure, match="the plan pins") as caught:
        prepare(source, file, tmp_path / "suites")
    assert (caught.value.reason, caught.value.field) == ("SuiteDigestMismatch", "spec.evaluation.suites[behaviour]")
