"""Truth tables of suites: what ran in, verdict, reason and sentence out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.api.evaluation_result import InvalidResult, parse_document
from sluice.api.suite_result import MOST_CASES
from sluice.api.verdict import Verdict
from sluice.core.gates.judge import Judgement, judge
from sluice.core.timeline import gate_line
from tests.support.evaluations import (
    CHAMPION,
    Json,
    case,
    document,
    estimate,
    evaluation,
    expectations,
    gate,
    measurement,
    pinned,
    ran,
    source,
    suite,
)

PASS, FAIL, ERROR = Verdict.PASS, Verdict.FAIL, Verdict.ERROR
FAILED = case("Failed", "test_typos[neg]", "AssertionError: assert 'positive' == 'negative'")
BROKEN = case("Error", "test_names", "fixture 'data' not found")
SKIPPED = case("Skipped", "test_newly_wrong", "there is no champion")
INPUTS: Json = {"name": "inputs", "kind": "GreatExpectations", "dataset": "holdout", "about": "Data"}


def judged(plan: Json, *found: Json, **fields: object) -> Judgement:
    """Return the judgement on one suite."""
    made = document(suites=list(found), **fields)
    return judge(evaluation(suites=[plan]), made, candidate=pinned(), champion=pinned(CHAMPION))


@pytest.mark.parametrize(
    ("found", "want"),
    [
        pytest.param(ran(case(), case(name="two")), (PASS, "CasesPassed", "2 cases passed"), id="all pass"),
        pytest.param(ran(case()), (PASS, "CasesPassed", "1 case passed"), id="the only one passes"),
        pytest.param(
            ran(SKIPPED, case()), (PASS, "CasesPassed", "1 case passed, 1 skipped"), id="what is skipped is no pass"
        ),
        pytest.param(
            ran(FAILED, case()),
            (
                FAIL,
                "CasesFailed",
                "1 of 2 cases failed: test_typos[neg]: AssertionError: assert 'positive' == 'negative'",
            ),
            id="the one that fails is named",
        ),
        pytest.param(
            ran(*(case("Failed", f"t{number}") for number in range(5))),
            (FAIL, "CasesFailed", "5 of 5 cases failed: t0; t1; t2; and 2 more"),
            id="of many the first",
        ),
        pytest.param(
            ran(FAILED, BROKEN, error="only 2 of 9 cases were run"),
            (
                FAIL,
                "CasesFailed",
                "1 of 2 cases failed: test_typos[neg]: AssertionError: assert 'positive' == 'negative'",
            ),
            id="a failure is proof, whatever else went wrong",
        ),
        pytest.param(
            ran(BROKEN, case()),
            (ERROR, "SuiteBroken", "1 of 2 cases could not be looked at: test_names: fixture 'data' not found"),
            id="what could not be looked at is no pass",
        ),
        pytest.param(
            ran(case(), error="only 1 of 9 cases were run"),
            (ERROR, "SuiteBroken", "only 1 of 9 cases were run"),
            id="an end too early is no pass",
        ),
        pytest.param(
            ran(SKIPPED),
            (ERROR, "SuiteBroken", "its only case was skipped: test_newly_wrong: there is no champion"),
            id="all skipped is no pass",
        ),
        pytest.param(ran(), (ERROR, "SuiteBroken", "it has no case"), id="no case is no pass"),
    ],
)
def test_what_a_suite_came_to(found: Json, want: tuple[Verdict, str, str]) -> None:
    judgement = judged(suite(), found)

    assert (judgement.verdict, judgement.reasons[0], judgement.gates[0].message) == want


@pytest.mark.parametrize(
    ("plan", "found", "fields", "want"),
    [
        pytest.param(
            suite(), [], {}, ("METRIC", "the suite is missing from the result"), id="the suite was not run at all"
        ),
        pytest.param(
            suite(),
            [ran(case(), digest="sha256:" + "0" * 64)],
            {},
            ("SUITE", "another file"),
            id="other tests were run",
        ),
        pytest.param(
            expectations(),
            [ran(case(), **INPUTS | {"about": "Predictions"})],
            {},
            ("SUITE", "another subject"),
            id="about predictions, not the data",
        ),
        pytest.param(
            expectations(),
            [ran(case(), **INPUTS | {"dataset": "other"})],
            {},
            ("SUITE", "another data set"),
            id="on another data set",
        ),
        pytest.param(
            expectations(), [ran(case(), **INPUTS)], {}, ("", "1 case passed"), id="the data set is the plan's"
        ),
        pytest.param(
            expectations(),
            [ran(case(), **INPUTS)],
            {"datasets": [source(digest="sha256:" + "0" * 64)]},
            ("DATASET", "data set holdout that was looked at is not the one that the plan pins"),
            id="the data set has other bytes",
        ),
        pytest.param(
            expectations(),
            [ran(case(), **INPUTS)],
            {"datasets": []},
            ("DATASET", "data set holdout that was looked at is not the one that the plan pins"),
            id="no data set is named",
        ),
        pytest.param(
            suite(),
            [ran(case())],
            {"candidate": {"name": "shop", "version": "2", "digest": CHAMPION}},
            ("MODEL", "the result is about another candidate than the one under decision"),
            id="tests of another model",
        ),
    ],
)
def test_only_what_the_plan_pins_counts(
    plan: Json, found: list[Json], fields: dict[str, object], want: tuple[str, str]
) -> None:
    judgement = judged(plan, *found, **fields)
    what, says = want

    assert judgement.verdict is (ERROR if what else PASS)
    assert judgement.reasons[0].name.startswith(what)
    assert says in judgement.gates[0].message


def both(tests: Json, *, accurate: bool = True, **fields: object) -> Judgement:
    """Return the judgement on a gate and a suite."""
    bounds = (0.9, 0.8, 1.0) if accurate else (0.3, 0.2, 0.4)
    made = document(measurement(candidate=estimate(*bounds)), suites=[tests])
    plan = evaluation(gate(min="0.5"), suites=[suite(**fields)])
    return judge(plan, made, candidate=pinned(), champion=pinned(CHAMPION))


@pytest.mark.parametrize(
    ("judgement", "want", "says"),
    [
        pytest.param(both(ran(case())), PASS, "2 of 2 gates and suites passed: accuracy rose", id="both pass"),
        pytest.param(both(ran(FAILED)), FAIL, "1 of 2 gates and suites failed: behaviour: 1 of 1", id="tests reject"),
        pytest.param(both(ran(FAILED), severity="Advisory"), PASS, "1 of 1 gates passed:", id="tests may only advise"),
        pytest.param(both(ran(FAILED), tier=1), FAIL, "1 of 2 gates and suites failed:", id="tests in a later tier"),
        pytest.param(
            both(ran(FAILED), tier=1, accurate=False), FAIL, "1 of 1 gates failed: accuracy", id="that is not reached"
        ),
        pytest.param(judged(suite(), ran(case())), PASS, "1 of 1 suites passed: behaviour: 1 case", id="a suite alone"),
    ],
)
def test_suites_weigh_as_gates_do(judgement: Judgement, want: Verdict, says: str) -> None:
    assert (judgement.verdict, judgement.message[: len(says)]) == (want, says)


def test_a_suite_in_an_earlier_tier_holds_back_the_gates() -> None:
    made = document(measurement(), suites=[ran(FAILED)])
    plan = evaluation(gate(min="0.5", tier=1), suites=[suite()])
    judgement = judge(plan, made, candidate=pinned(), champion=pinned(CHAMPION))

    assert judgement.verdict is FAIL
    assert judgement.gates[0].message == "not judged: behaviour in tier 0 did not pass (Fail)"


def test_the_status_counts_the_cases() -> None:
    status = judged(suite(severity="Blocking"), ran(FAILED, case(), SKIPPED)).gates[0]

    assert (status.name, status.estimate, status.threshold, status.n) == ("behaviour", "1 of 2", "all", 2)
    assert gate_line(status).startswith("Fail         behaviour: 1 of 2 cases failed")


def test_the_decision_rests_on_the_cases() -> None:
    digests = {
        judged(suite(), found).decision_digest for found in (ran(case()), ran(case(name="other")), ran(case(), case()))
    }
    assert len(digests) == 3


@given(counts=st.lists(st.sampled_from(["passed", "failed", "errors", "skipped"]), max_size=MOST_CASES))
def test_only_a_suite_of_passes_passes(counts: list[str]) -> None:
    words = {"passed": "Passed", "failed": "Failed", "errors": "Error", "skipped": "Skipped"}
    found = ran(*(case(words[name]) for name in counts))
    passes = "passed" in counts and not {"failed", "errors"} & set(counts)

    assert (judged(suite(), found).verdict is PASS) is passes


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(ran(case(), passed=2), id="more passed than are shown, with room for them"),
        pytest.param(ran(case(), failed=1), id="a failure is not shown"),
        pytest.param(ran(FAILED, failed=0), id="a failure is not counted"),
        pytest.param(ran(*[case()] * MOST_CASES, passed=MOST_CASES, failed=1), id="the passes hide a failure"),
        pytest.param(ran(*[case()] * (MOST_CASES + 1)), id="too many are shown"),
        pytest.param(ran(passed=-1), id="fewer than none"),
    ],
)
def test_totals_that_do_not_add_up_are_no_result(found: Json) -> None:
    with pytest.raises(InvalidResult):
        parse_document(document(suites=[found]))


def test_of_many_cases_the_first_are_shown_and_all_are_counted() -> None:
    found = ran(*[case("Failed")] * MOST_CASES, failed=1000, passed=5)

    assert judged(suite(), found).gates[0].message.startswith("1,000 of 1,005 cases failed: test_one; ")
