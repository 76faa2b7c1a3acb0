"""How far an evaluation is: followed in its log, a bar on a terminal, a line now and then elsewhere."""

import sys
from pathlib import Path

import pytest

from sluice.api.progress import Step
from sluice.cli.following import Followed
from sluice.cli.progressing import steps
from tests.support.terminal import on_a_terminal, plain


def test_of_what_was_written_since_the_last_look_the_last_step_counts(tmp_path: Path) -> None:
    path = tmp_path / "evaluate.log"
    log = Followed(path)
    looks = []
    for more in (
        b"",
        b"progress: data\na model's\xff own\nprogress: x: 1 of 3\nmore\n",
        b"",
        b"progress: x: 2",
        b" of 3\n",
    ):
        with path.open("ab") as sink:
            sink.write(more)
        looks.append(log.step())

    assert looks == [None, Step("x", 1, 3), None, None, Step("x", 2, 3)]


def test_a_model_that_prints_a_lot_costs_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "evaluate.log"
    log = Followed(path)
    path.write_bytes(b"progress: long ago\n" + b"x" * (3 << 20))
    first = log.step()
    with path.open("ab") as sink:
        sink.write(b"\nprogress: now\n")

    assert (first, log.step()) == (None, Step("now"))


def test_where_there_is_no_terminal_a_line_comes_every_ten_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    now = [0.0]
    with steps("evaluating on holdout", lambda: now[0]) as shown:
        for second in range(0, 30, 3):
            now[0] = second
            shown.show(Step("candidate on holdout", 100 * second, 3000))
        now[0] = 60
        shown.show(Step("candidate.load"))

    assert capsys.readouterr().err.splitlines() == [
        "evaluating on holdout",
        "candidate on holdout: 1,200 of 3,000",
        "candidate on holdout: 2,400 of 3,000",
        "candidate.load",
    ]


SHOWING = """
from sluice.api.progress import Step
from sluice.cli.progressing import steps

with steps("evaluating on holdout") as shown:
    for step in (Step("candidate.load"), Step("candidate on hold\\x1b[31mout", 512, 3000), Step("measure", 1, 2)):
        shown.show(step)
"""


def test_on_a_terminal_a_bar_moves_and_goes_when_all_is_done() -> None:
    shown = on_a_terminal([sys.executable, "-c", SHOWING])
    bars = [line.split() for line in plain(shown).splitlines() if "/" in line]

    assert list(dict.fromkeys((*words[1:-3], words[-2]) for words in bars)) == [
        ("start", "0/?"),
        ("candidate.load", "0/?"),
        ("candidate", "on", "hold", "[31mout", "512/3000"),
        ("measure", "1/2"),
    ]
    assert shown.rstrip().endswith("\x1b[2K")
