"""`sluice get`."""

import json

import pytest

from sluice.cli.listing import age, evidence
from sluice.cli.view import viewed
from sluice.ports import Rejected, Unavailable
from tests.support import candidates as make
from tests.support.objects import Manifest
from tests.unit.cli.conftest import Looks, Sluice

SHIFTING = make.stored(
    status=make.status(
        "Shifting",
        traffic=make.traffic(25, step=1),
        metrics=[make.metric("Inconclusive", "needs more requests")],
        conditions=[make.condition("Ready", "Unknown", "StepWaiting", "needs more requests")],
    )
)
NEW = make.stored("review-sentiment-44", creationTimestamp="2026-11-24T08:29:18Z")
ELSEWHERE = make.stored("ranking-7", namespace="search", status=make.status("Promoted"))


def test_candidates_are_listed_as_a_table(sluice: Sluice) -> None:
    result = sluice("get", reader=Looks(listed=[NEW, SHIFTING, ELSEWHERE]))
    # ruff: noqa: E501 -- a table is read as it is printed
    assert [line.rstrip() for line in result.output.splitlines()] == [
        "NAME                  TARGET             MODEL                 PHASE      STEP   WEIGHT   EVIDENCE   READY     REASON        AGE",
        "review-sentiment-43   review-sentiment   review-sentiment/43   Shifting   2      25%      pass 87%   Unknown   StepWaiting   2h",
        "review-sentiment-44   review-sentiment   review-sentiment/43   Pending                               Unknown                 42s",
    ]


@pytest.mark.parametrize(
    ("metrics", "want"),
    [
        pytest.param([], "", id="nothing is judged yet"),
        pytest.param([make.metric("NoData", "", evidenceFor="", evidenceAgainst="")], "", id="nothing was seen"),
        pytest.param(
            [make.metric("Inconclusive", "", evidenceFor="-3.00 of 1.50")], "breach 5%", id="worse, if anything"
        ),
        pytest.param([make.metric("Fail", "", evidenceAgainst="2.40 of 2.00")], "breach 100%", id="a breach"),
        pytest.param(
            [make.metric("Pass", "", evidenceFor="1.60 of 1.50"), make.metric("Inconclusive", "", name="latency")],
            "pass 87%",
            id="the slowest metric counts",
        ),
        pytest.param(
            [make.metric("Pass", "", evidenceFor="1.60 of 1.50"), make.metric("Inconclusive", "", required=False)],
            "pass 100%",
            id="but for those that the step does not need",
        ),
    ],
)
def test_evidence_in_a_word(metrics: list[Manifest], want: str) -> None:
    raw = make.stored(status=make.status("Shifting", traffic=make.traffic(25), metrics=metrics))
    assert evidence(viewed(raw)) == want


def test_all_namespaces_are_listed_with_their_names(sluice: Sluice) -> None:
    result = sluice("get", "-A", reader=Looks(listed=[SHIFTING, ELSEWHERE]))
    assert [line.split()[:2] for line in result.output.splitlines()[1:]] == [
        ["default", "review-sentiment-43"],
        ["search", "ranking-7"],
    ]


@pytest.mark.parametrize("place", [("-n", "search"), ("--namespace", "search")])
def test_a_namespace_may_be_named(sluice: Sluice, place: tuple[str, str]) -> None:
    reader = Looks(listed=[SHIFTING, ELSEWHERE])
    assert "ranking-7" in sluice("get", *place, reader=reader).output
    assert reader.asked == [("search", "")]


def test_one_candidate_may_be_named(sluice: Sluice) -> None:
    assert "review-sentiment-43" in sluice("get", "review-sentiment-43", reader=Looks([SHIFTING])).output


def test_json_is_what_the_api_server_has(sluice: Sluice) -> None:
    result = sluice("get", "-o", "json", reader=Looks(listed=[SHIFTING]))
    assert json.loads(result.output) == [SHIFTING]


def test_nothing_is_said_plainly_and_is_no_error(sluice: Sluice) -> None:
    result = sluice("get", reader=Looks())
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "No ModelCandidate in the namespace default.\n")


@pytest.mark.parametrize(
    ("arguments", "reader", "want"),
    [
        pytest.param(
            ["get"], Rejected("no kubeconfig: set KUBECONFIG"), "no kubeconfig: set KUBECONFIG", id="no cluster"
        ),
        pytest.param(["get", "gone"], Looks(), "`sluice get -A` lists all", id="no such candidate"),
        pytest.param(["get", "x"], Looks([Unavailable("no answer")]), "no answer", id="no answer"),
        pytest.param(["get", "-o", "xml"], Looks(), "choose one of table, json", id="no such format"),
        pytest.param(
            ["get"],
            Looks(listed=[make.stored(status={"phase": "Dancing"})]),
            "default/review-sentiment-43 holds what this version of sluice does not know (phase): update it",
            id="a newer operator",
        ),
    ],
)
def test_errors_end_with_code_2_and_the_next_step(
    sluice: Sluice, arguments: list[str], reader: Looks, want: str
) -> None:
    result = sluice(*arguments, reader=reader)
    assert (result.exit_code, result.stdout) == (2, "")
    assert want in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("seconds", "want"),
    [(-1, "0s"), (0, "0s"), (59, "59s"), (60, "1m"), (3599, "59m"), (7200, "2h"), (200_000, "2d")],
)
def test_ages(seconds: float, want: str) -> None:
    assert age(seconds) == want
