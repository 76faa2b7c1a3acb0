"""`sluice watch`: lines where output is not a terminal, and how it ends."""

from io import StringIO

import pytest
from rich.console import Console

from sluice.cli.watching import Exit, Watch, watch
from sluice.ports import SluiceError, Unavailable
from tests.support import candidates as make
from tests.support.objects import Manifest
from tests.unit.cli.conftest import Look, Looks, Sluice

ACCEPTED = make.entry(1, "Pending", "Accepted", "first sight")
PASSED = make.entry(30, "Evaluating", "GatesPassed", "accuracy passes")
STEP = make.entry(42, "Shifting", "StepStarted", "step 1 of 2: weight 5", 5)
BREACHED = make.entry(60, "RollingBack", "Breached", "errors: 9/40 against 1/800", 0)
ROLLED_BACK = make.entry(61, "RolledBack", "RolledBack", "the candidate has no traffic")
PROMOTED = make.entry(90, "Promoted", "Promoted", "the candidate serves")
GATE = make.gate("accuracy", "Pass", "0.912 [0.905, 0.918] against 0.910")


def look(phase: str, *history: Manifest, waits: tuple[str, str] = ("StepWaiting", ""), **fields: object) -> Manifest:
    working = make.condition("Reconciling", "True", *waits)
    return make.stored(status=make.status(phase, history=list(history), conditions=[working], **fields))


ROLLOUT = [
    make.stored(),
    look("Pending", ACCEPTED, waits=("Accepted", "first sight")),
    look("Evaluating", ACCEPTED, PASSED, evaluation=make.evaluation("Pass", GATE), waits=("GatesPassed", "")),
    look(
        "Shifting",
        *(ACCEPTED, PASSED, STEP),
        evaluation=make.evaluation("Pass", GATE),
        traffic=make.traffic(5),
        metrics=[make.metric("Inconclusive", "needs more requests")],
        waits=("StepWaiting", "errors: needs more requests"),
    ),
    look(
        "Shifting",
        *(ACCEPTED, PASSED, STEP),
        evaluation=make.evaluation("Pass", GATE),
        traffic=make.traffic(5),
        metrics=[make.metric("Inconclusive", "needs 10 more requests")],
        waits=("StepWaiting", "errors: needs 10 more requests"),
    ),
    look("RolledBack", ACCEPTED, PASSED, STEP, BREACHED, ROLLED_BACK, evaluation=make.evaluation("Pass", GATE)),
]

# ruff: noqa: E501 -- lines are read as they are printed
WANT = """\
           waits for the operator has not seen it yet: is it running, and does it watch this namespace?
   +00:01  Pending        0 %  Accepted            first sight
           Pass         accuracy: 0.912 [0.905, 0.918] against 0.910
   +00:30  Evaluating     0 %  GatesPassed         accuracy passes
           Inconclusive errors: candidate 3/400, stable 4/1600; evidence against 0.10 of 2.00, for 1.30 of 1.50; needs more requests
   +00:42  Shifting       5 %  StepStarted         step 1 of 2: weight 5
           waits for StepWaiting: errors: needs more requests
   +01:00  RollingBack    0 %  Breached            errors: 9/40 against 1/800
   +01:01  RolledBack     0 %  RolledBack          the candidate has no traffic
"""


def test_a_rollout_is_told_line_by_line_and_nothing_twice(sluice: Sluice) -> None:
    result = sluice("watch", "review-sentiment-43", "--interval", "0", reader=Looks(ROLLOUT))
    assert [line.rstrip() for line in result.stdout.splitlines()] == WANT.splitlines()
    assert result.exit_code == Exit.REFUSED


@pytest.mark.parametrize(
    ("phase", "want"),
    [
        pytest.param("Promoted", 0, id="promoted"),
        pytest.param("Rejected", 1, id="rejected"),
        pytest.param("RolledBack", 1, id="rolled back"),
        pytest.param("Aborted", 3, id="aborted"),
        pytest.param("Superseded", 3, id="superseded"),
        pytest.param("Failed", 4, id="could not be judged"),
    ],
)
def test_the_exit_code_says_how_it_ended(sluice: Sluice, phase: str, want: int) -> None:
    assert sluice("watch", "x", reader=Looks([make.stored(status=make.status(phase))])).exit_code == want


@pytest.mark.parametrize(
    ("looks", "want", "says"),
    [
        pytest.param([], 2, "there is no ModelCandidate x", id="no such candidate"),
        pytest.param(
            [look("Pending"), make.stored(uid="another")], 2, "was deleted and created anew", id="replaced meanwhile"
        ),
        pytest.param(
            [Unavailable("no answer"), Unavailable("no answer"), look("Promoted", PROMOTED)],
            0,
            "no answer\n   +01:30  Promoted",
            id="a silent API server is waited for and said once",
        ),
    ],
)
def test_trouble(sluice: Sluice, looks: list[Look], want: int, says: str) -> None:
    result = sluice("watch", "x", "--interval", "0", reader=Looks(looks))
    assert result.exit_code == want
    assert says in result.output


def test_a_timeout_ends_the_watching_not_the_rollout(sluice: Sluice) -> None:
    result = sluice("watch", "x", "--interval", "0", "--timeout", "0.001", reader=Looks([look("Shifting", STEP)]))
    assert result.exit_code == Exit.TIMED_OUT


def test_more_history_than_is_kept_is_told_without_repetition(sluice: Sluice) -> None:
    entries = [make.entry(second, "Shifting", "StepWaiting", f"entry {second}") for second in range(80)]
    looks = [look("Shifting", *entries[:50]), look("Shifting", *entries[20:70]), look("Promoted", *entries[30:80])]
    result = sluice("watch", "x", "--interval", "0", reader=Looks(looks))
    assert [text.split()[-1] for text in result.stdout.splitlines() if "entry" in text] == [str(n) for n in range(80)]


def on_terminal(looks: list[Manifest | SluiceError]) -> tuple[Exit, str]:
    console = Console(file=StringIO(), force_terminal=True, width=120, color_system=None)
    ending = watch(Watch(reader=Looks(looks), namespace="default", name="x", interval=0), console)
    assert isinstance(console.file, StringIO)
    return ending, console.file.getvalue()


def test_a_terminal_shows_weight_evidence_and_timeline() -> None:
    ending, shown = on_terminal([*ROLLOUT[:4], Unavailable("no answer"), ROLLOUT[-1]])
    assert ending is Exit.REFUSED
    for text in (
        "review-sentiment-43  review-sentiment/43 for review-sentiment  Shifting",
        "██░░",
        "5 % candidate (wanted 5 %), step 1, Stepping",
        "Pass         accuracy: 0.912",
        "Inconclusive errors: candidate 3/400",
        "breach █░░░░░░░░░░░░░░░░░░░  pass █████████████████░░░",
        "+00:42  Shifting       5 %  StepStarted",
        "waits for StepWaiting: errors: needs more requests",
        "no answer",
        "RolledBack",
    ):
        assert text in shown


def test_a_terminal_is_safe_from_hostile_text() -> None:
    hostile = make.entry(1, "Failed", "EvaluationError", "\x1b]0;owned\x07[red]x[/red]")
    _, shown = on_terminal([make.stored(status=make.status("Failed", history=[hostile]))])
    assert "\x1b]0" not in shown
    assert "[red]x[/red]" in shown
