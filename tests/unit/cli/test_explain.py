"""`sluice explain`."""

import pytest

from sluice.api.conditions import Reason
from sluice.cli.advice import NEXT_STEP
from tests.support import candidates as make
from tests.support.objects import Manifest
from tests.unit.cli.conftest import Looks, Sluice

CELL = "0.071 [0.058, 0.086] against 0.041: rises by up to 0.045, allowed is 0.02"
NUMBERS = {"estimate": "rise 3.0 points", "bound": "> 2.1 points", "threshold": "≤ 2.0 points", "n": 1454}
REJECTED = make.stored(
    status=make.status(
        "Rejected",
        evaluation=make.evaluation(
            "Fail",
            make.gate("accuracy", "Pass", "0.93 against 0.91"),
            make.gate("negative-as-positive", "Fail", CELL) | NUMBERS,
            make.gate("calibration", "Fail", "rose") | {"severity": "Advisory"},
        )
        | {"runId": "4f0c", "uses": [{"dataset": "holdout", "use": 3}]},
        conditions=[
            make.condition("Reconciling", "False", "GatesFailed"),
            make.condition("Stalled", "True", "GatesFailed", f"negative-as-positive: {CELL}"),
        ],
        history=[make.entry(30, "Rejected", "GatesFailed", "negative-as-positive")],
        plan={"revision": "sluice-plan-1", "generation": 3},
    )
)

WANT_REJECTED = f"""\
default/review-sentiment-43 is Rejected
  target     SeldonDeployment review-sentiment
  candidate  review-sentiment/43 in default (sha256:0123456789ab…)
  champion   review-sentiment/42 in default (sha256:0123456789ab…)
  plan       careful (generation 3)

Why
  GatesFailed: negative-as-positive: {CELL}

Offline gates
  Pass         accuracy: 0.93 against 0.91
  Fail         negative-as-positive: {CELL}
               measured rise 3.0 points, bound > 2.1 points, wanted ≤ 2.0 points, n 1,454
  Fail         calibration (advisory): rose
  use          number 3 of data set holdout
  report       sluice/report.html in MLflow run 4f0c of registry default

Last decisions
     +00:30  Rejected       0 %  GatesFailed         negative-as-positive

Next step
  Look at the failed gates above. Register a corrected version and create another ModelCandidate for it.
"""


def test_a_rejection_names_the_gate_its_numbers_and_the_next_step(sluice: Sluice) -> None:
    result = sluice("explain", "review-sentiment-43", reader=Looks([REJECTED]))
    assert (result.exit_code, result.output) == (0, WANT_REJECTED)


ROLLED_BACK = make.stored(
    status=make.status(
        "RolledBack",
        traffic=make.traffic(0, step=1, cause="Breached", detail="errors: 9/40 against 1/800", stage="Removing"),
        metrics=[make.metric("Fail", "worse than allowed", samples="every 5 s, 2 s behind")],
        conditions=[make.condition("Stalled", "True", "RolledBack", "errors: 9/40 against 1/800")],
    )
)
HELD = make.stored(
    status=make.status(
        "Shifting",
        traffic=make.traffic(25, step=1, observedWeight=5),
        conditions=[
            make.condition("Suspended", "True", "NoData", "errors: no samples for 30 s"),
            make.condition("Reconciling", "True", "NoData", "errors: no samples for 30 s"),
        ],
    )
)


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        pytest.param(
            ROLLED_BACK,
            [
                "RolledBack: errors: 9/40 against 1/800",
                "0 % wanted for c-1a2b, 0 % seen in the route; step 2, Removing; taken back because of Breached",
                "Fail         errors: candidate 3/400, stable 4/1600",
                "               samples every 5 s, 2 s behind",
            ],
            id="a rollback names the breach and both arms",
        ),
        pytest.param(
            HELD,
            [
                "NoData: errors: no samples for 30 s",
                "25 % wanted for c-1a2b, 5 % seen",
                "Check that Prometheus scrapes",
            ],
            id="a held one says what is missing",
        ),
        pytest.param(
            make.stored(status=make.status("Promoted", traffic=make.traffic(100, stage="Removing"))),
            ["is Promoted", "predictor default serves it and carries everything; c-1a2b is gone"],
            id="a promoted one says who serves it",
        ),
        pytest.param(
            make.stored(),
            ["is Pending", "champion   not known yet", "the operator has not seen it yet: is it running"],
            id="an unseen one asks for the operator",
        ),
    ],
)
def test_explanations(sluice: Sluice, raw: Manifest, says: list[str]) -> None:
    output = sluice("explain", "x", reader=Looks([raw])).output
    assert [text for text in says if text not in output] == []


def test_every_reason_has_a_next_step() -> None:
    assert set(NEXT_STEP) == set(Reason)
    assert all(step.endswith(".") for step in NEXT_STEP.values())
