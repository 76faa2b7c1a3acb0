"""Models over the cases of a challenge set: repeats, failures, hidden cases that leave no words, the report."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from sluice.api.challenge_result import ChallengeInfo, FailedCases
from sluice.api.evaluation_result import Estimate
from sluice.api.evaluation_spec import MeasurementWanted
from sluice.evaluation.challenges.asking import Asked, ask
from sluice.evaluation.challenges.loading import LoadedChallenge, load
from sluice.evaluation.challenges.measuring import Answered, info, measure_cases, table
from sluice.evaluation.failure import EvaluationFailure
from tests.support.challenges import Json, case, source, written

HIDDEN = "nobody may read this"
Rule = Callable[[str], Any]


class Model:
    """A model that answers by a rule on the text."""

    metadata = None

    def __init__(self, rule: Rule) -> None:
        self._rule = rule

    def predict(self, frame: Any) -> list[Any]:
        assert list(frame.columns) == ["text"]
        return [self._rule(text) for text in frame["text"]]


class Disk:
    """Files that lie where their URI says."""

    def file(self, uri: str, folder: Path, *, field: str) -> Path:
        assert field.startswith("spec.evaluation.challengeSets[negation]")
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / Path(uri).name
        path.write_bytes(Path(uri).read_bytes())
        return path


CASES = (
    case("not-good", text="not good"),
    case("not-bad", text="not bad", expect=["positive", "neutral"]),
    case("held-back", text=HIDDEN, hidden=True),
    case("fine", text="fine", expect="positive"),
)


def loaded(folder: Path, *cases: Json, **fields: Any) -> LoadedChallenge:
    path, digest = written(folder / "set", *(cases or CASES))
    return load(source(path, digest, **fields), Disk(), folder / "scratch")


def asked(challenge: LoadedChallenge, **answers: Any) -> Asked:
    """Return what a model made of it that says `negative` but for some texts."""
    known = {name.replace("_", " "): said for name, said in answers.items()}
    return ask(Model(lambda text: known.get(text, "negative")), challenge, arm="candidate")


def test_each_case_passes_or_fails_in_the_order_of_the_set(tmp_path: Path) -> None:
    found = asked(loaded(tmp_path), fine="positive", not_bad="neutral")

    assert found.passed.tolist() == [True, True, True, True]
    assert asked(loaded(tmp_path)).passed.tolist() == [True, False, True, False]


def test_numbers_pass_when_they_are_near_enough(tmp_path: Path) -> None:
    challenge = loaded(
        tmp_path, case("a", text="a", expect=4, tolerance=0.5), case("b", text="b", expect=4, tolerance=0)
    )

    assert asked(challenge, a=4.25, b=4.25).passed.tolist() == [True, False]


def flaky(right: int) -> Rule:
    """Return a rule that is right the first few times it is asked, and wrong from then on."""
    times: Iterator[int] = count()
    return lambda _: "negative" if next(times) < right else "positive"


@pytest.mark.parametrize(
    ("right", "needed", "want"),
    [
        pytest.param(5, "1", True, id="always right"),
        pytest.param(4, "1", False, id="once wrong, where it may never be"),
        pytest.param(4, "0.8", True, id="right as often as it must"),
        pytest.param(3, "0.8", False, id="right less often than it must"),
        pytest.param(4, "0.81", False, id="four of five are less than 81 %"),
        pytest.param(0, "0.01", False, id="never right"),
    ],
)
def test_enough_of_the_repeats_must_be_right(tmp_path: Path, right: int, needed: str, want: bool) -> None:  # noqa: FBT001
    challenge = loaded(tmp_path, case(), repeats=5, min_pass_rate=needed)
    found = ask(Model(flaky(right)), challenge, arm="candidate")

    assert found.right.tolist() == [right]
    assert found.passed.tolist() == [want]


def quoting(text: str) -> str:
    if text in {HIDDEN, "fine"}:
        raise ValueError(f"cannot read {text!r}")
    return "negative"


def test_a_case_on_which_a_model_raises_fails_and_a_hidden_one_leaves_no_words(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    found = ask(Model(quoting), loaded(tmp_path), arm="candidate")
    said = "".join(capfd.readouterr())

    assert (found.passed.tolist(), found.failures) == ([True, False, False, False], 2)
    assert "cannot read 'fine'" in said
    assert HIDDEN not in said


def wanted(metric: str) -> MeasurementWanted:
    return MeasurementWanted(name="gate", metric=metric, params={}, dataset="negation", level=0.95)


def test_failed_cases_are_named_and_hidden_ones_counted(tmp_path: Path) -> None:
    challenge = loaded(tmp_path)
    candidate, champion = asked(challenge, **{HIDDEN: "positive"}), asked(challenge, fine="positive")
    both = Answered(challenge=challenge, candidate=candidate, champion=champion)

    assert info(both) == ChallengeInfo(
        name="negation",
        digest=challenge.source.digest,
        set_name="negation",
        set_version="3",
        cases=4,
        hidden=1,
        repeats=1,
        min_pass_rate="1",  # noqa: S106 -- a share, not a password
        failed=FailedCases(visible=2, hidden=1, ids=("not-bad", "fine")),
        newly_failed=FailedCases(visible=1, hidden=1, ids=("fine",)),
    )
    assert table(both).to_dict(as_series=False) == {
        "case": ["not-good", "not-bad", "fine"],
        "expected": ["negative", "positive or neutral", "positive"],
        "repeats": [1, 1, 1],
        "candidate_right": [1, 0, 0],
        "champion_right": [1, 0, 1],
    }


def test_the_numbers_of_the_set_are_no_estimates(tmp_path: Path) -> None:
    challenge = loaded(tmp_path)
    both = Answered(challenge=challenge, candidate=asked(challenge), champion=asked(challenge, fine="positive"))
    rate, new = measure_cases(wanted("passRate"), both), measure_cases(wanted("newFailures"), both)

    assert (rate.candidate, rate.champion, rate.difference) == (exactly(0.5), exactly(0.75), exactly(-0.25))
    assert (new.candidate, new.champion, new.difference) == (exactly(1.0), None, None)
    assert (rate.n, rate.denominator, new.denominator) == (4, 4, 4)


def exactly(value: float) -> Estimate:
    return Estimate(estimate=value, lower=value, upper=value, method="counted")


def test_without_a_champion_nothing_fails_newly(tmp_path: Path) -> None:
    challenge = loaded(tmp_path)
    alone = Answered(challenge=challenge, candidate=asked(challenge), champion=None)

    assert info(alone).newly_failed is None
    assert measure_cases(wanted("newFailures"), alone).denominator == 0
    assert measure_cases(wanted("passRate"), alone).candidate == exactly(0.5)


def test_other_bytes_than_the_pinned_ones_are_refused(tmp_path: Path) -> None:
    path, digest = written(tmp_path / "set", *CASES)
    with pytest.raises(EvaluationFailure, match=r"has a manifest with digest .* the plan pins sha256:aaa"):
        load(source(path), Disk(), tmp_path / "one")
    (tmp_path / "set" / "cases.jsonl").write_bytes(b"{}")
    with pytest.raises(EvaluationFailure, match=r"has a file of cases with digest .*, its manifest pins") as raised:
        load(source(path, digest), Disk(), tmp_path / "two")

    assert (raised.value.reason, raised.value.field) == (
        "ChallengeDigestMismatch",
        "spec.evaluation.challengeSets[negation]",
    )


@pytest.mark.parametrize(
    ("cases", "want"),
    [
        pytest.param(
            [case("a"), case("b", text=7)], "has a key whose values are not all of one type", id="mixed types"
        ),
        pytest.param(
            [case("a", **{"what is expected": 1})], "has a key 'what is expected', which is taken", id="taken"
        ),
    ],
)
def test_cases_that_are_no_table_are_refused(tmp_path: Path, cases: list[Json], want: str) -> None:
    with pytest.raises(EvaluationFailure, match=f"challenge set negation {want}") as raised:
        asked(loaded(tmp_path, *cases))

    assert raised.value.field == "spec.evaluation.challengeSets[negation]"
