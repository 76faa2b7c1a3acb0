"""Running, waiting and naming in the lab fail with a message and a next step."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from lab import paths
from lab.paths import State, checked_name
from lab.system import LabError, Progress, run, wait_until


@pytest.mark.parametrize(
    ("argv", "message", "next_step"),
    [
        pytest.param(["no-such-program"], "no-such-program is not installed", "bootstrap", id="missing program"),
        pytest.param(["sh", "-c", "echo why >&2; exit 3"], r"failed \(3\): why", "message above", id="its last words"),
        pytest.param(["sh", "-c", "echo out; exit 1"], r"failed \(1\): out", "message above", id="or its output"),
        pytest.param(["false"], r"failed \(1\): no output", "message above", id="a silent failure"),
    ],
)
def test_a_failed_program_is_told_with_a_next_step(argv: list[str], message: str, next_step: str) -> None:
    with pytest.raises(LabError, match=message) as error:
        run(argv)
    assert next_step in error.value.next_step


def test_a_program_that_does_not_end_is_bounded() -> None:
    with pytest.raises(LabError, match=r"no end within 0 s: sleep 60"):
        run(["sleep", "60"], timeout=0.05)


def test_a_failure_can_be_looked_at_instead() -> None:
    assert run(["sh", "-c", "exit 4"], check=False).returncode == 4


def test_waiting_ends_when_it_is_true() -> None:
    answers = iter([False, False, True])
    wait_until("truth", lambda: next(answers), seconds=60, next_step="none", pause=0)
    assert list(answers) == []


def test_waiting_is_bounded_and_says_for_what() -> None:
    calls = itertools.count()
    with pytest.raises(LabError, match=r"truth: not within 0 s\n  next: look"):
        wait_until("truth", lambda: next(calls) < 0, seconds=0, next_step="look", pause=0)


@pytest.mark.parametrize("name", ["sluice", "dev", "t1", "two-at-once", "a23456789012345"])
def test_names_of_clusters(name: str) -> None:
    assert checked_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("", id="empty"),
        pytest.param("../x", id="a path"),
        pytest.param("Upper", id="upper case"),
        pytest.param("1st", id="a digit first"),
        pytest.param("a234567890123456", id="too long for an interface or cgroup"),
        pytest.param("kubepods", id="a cgroup of others"),
        pytest.param("x\n", id="a line end"),
    ],
)
def test_names_that_cannot_be(name: str) -> None:
    with pytest.raises(LabError, match="cannot name a cluster"):
        State.of(name)


def test_the_cache_is_chosen_by_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("SLUICE_LAB_CACHE", raising=False)
    assert paths.cache() == tmp_path / "sluice-lab"
    monkeypatch.setenv("SLUICE_LAB_CACHE", str(tmp_path / "mine"))
    assert State.of("x").root == tmp_path / "mine/clusters/x"
    monkeypatch.delenv("SLUICE_LAB_CACHE")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert paths.cache() == Path.home() / ".cache/sluice-lab"


def test_progress_lines_carry_the_seconds() -> None:
    lines: list[str] = []
    Progress(lines.append)("node Ready")
    (line,) = lines
    assert line.endswith("s] node Ready")
    assert float(line[1:].split()[0]) >= 0
