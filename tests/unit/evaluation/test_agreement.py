"""Agreement with raters: beside scikit-learn, statsmodels and the definition, on published examples; its bounds."""

from collections.abc import Sequence
from itertools import permutations
from typing import Any, TypeAlias

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa

from sluice.api.evaluation_result import Measurement
from sluice.evaluation.failure import EvaluationFailure
from sluice.evaluation.measuring import Scored, measure
from tests.unit.evaluation.builders import scored, value, wanted

Words: TypeAlias = Sequence[str | None]
COEFFICIENTS = ("Cohen", "Fleiss", "Krippendorff")
NAMES = ("a", "b", "c")


def rated(raters: Sequence[Words], *models: Words, **fields: Any) -> Scored:
    return scored(["a"] * len(models[0]), *models, raters=raters, **fields)


def found(coefficient: str, data: Scored) -> Measurement:
    return measure(wanted("agreement", {"coefficient": coefficient}), data)


def of(coefficient: str, raters: Sequence[Words], model: Words) -> float:
    return value(found(coefficient, rated(raters, model)).candidate)


def alpha(raters: Sequence[Words]) -> float:
    """Follow Krippendorff's definition: the matrix of coincidences, pair by pair."""
    cells: dict[tuple[str, str], float] = {}
    for unit in zip(*raters, strict=True):
        known = [word for word in unit if word is not None]
        for pair in permutations(known, 2):
            cells[pair] = cells.get(pair, 0.0) + 1 / (len(known) - 1)
    margin: dict[str, float] = {}
    for (one, _), count in cells.items():
        margin[one] = margin.get(one, 0.0) + count
    total = sum(margin.values())
    seen = sum(count for (one, other), count in cells.items() if one != other)
    chance = sum(margin[one] * margin[other] for one in margin for other in margin if one != other) / (total - 1)
    return 1 - seen / chance


ITEM = st.tuples(*(st.sampled_from(NAMES) for _ in range(4)))
ITEMS = st.lists(ITEM, min_size=2, max_size=30)
SOME = st.lists(st.tuples(st.sampled_from(NAMES), *(st.sampled_from((*NAMES, None)) for _ in range(4))), min_size=2)
BOTH = [("a", "a", "a", "a"), ("b", "b", "b", "b"), ("c", "c", "c", "c")]


@settings(max_examples=30, deadline=None)
@given(ITEMS)
def test_where_everybody_rates_it_is_scikit_learn_and_statsmodels(items: list[tuple[str, ...]]) -> None:
    model, *raters = zip(*items, *BOTH, strict=True)
    stacked = [word for rater in raters for word in rater]
    counts, _ = aggregate_raters(np.array([model, *raters]).T)

    assert of("Cohen", raters[:1], model) == pytest.approx(cohen_kappa_score(model, raters[0]))
    assert of("Cohen", raters, model) == pytest.approx(cohen_kappa_score(model * len(raters), stacked))
    assert of("Fleiss", raters, model) == pytest.approx(fleiss_kappa(counts))
    assert of("Krippendorff", raters, model) == pytest.approx(alpha([model, *raters]))


def _columns(*rows: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    return list(zip(*rows, strict=True))


@settings(max_examples=30, deadline=None)
@given(SOME)
def test_where_raters_leave_items_out_it_is_the_definition(items: list[tuple[str | None, ...]]) -> None:
    rows = [*items, *(("a", None, "a", "a", "b"), ("b", "b", None, None, "b"))]
    model, *raters = _columns(*rows)
    pairs = [(row[0], word) for row in rows for word in row[1:] if word is not None]

    assert of("Krippendorff", raters, model) == pytest.approx(alpha([model, *raters]))
    assert of("Cohen", raters, model) == pytest.approx(cohen_kappa_score(*zip(*pairs, strict=True)))


COUNTS = "0000e 02642 00356 03920 22811 77000 32630 25322 65210 02237"
"""How many of 14 raters put each of ten subjects into each of five classes, in hexadecimal digits."""


def test_published_examples() -> None:
    two = [("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15
    first, second = _columns(*two)
    words = [[str(place) for place, count in enumerate(row) for _ in range(int(count, 16))] for row in COUNTS.split()]
    *raters, last = _columns(*map(tuple, words))
    observers: list[list[str | None]] = [
        [None if word == "." else word for word in line]
        for line in ("123321412..", "1233224125.", ".3332342251", "12332441251")
    ]

    assert of("Cohen", [first], second) == pytest.approx(0.4)
    assert of("Fleiss", raters, last) == pytest.approx(0.210, abs=5e-4)
    assert of("Krippendorff", observers[:3], observers[3]) == pytest.approx(0.743, abs=5e-4)


@pytest.mark.parametrize("coefficient", COEFFICIENTS)
def test_an_item_that_failed_is_agreed_on_by_nobody(coefficient: str) -> None:
    raters = [["a", "b", "a", "b", "a", "b"], ["a", "b", "a", "b", "a", "a"]]
    right, failed, strange = (["a", "b", "a", "b", "a", word] for word in ("b", None, "elsewhere"))

    assert of(coefficient, raters, failed) == of(coefficient, raters, strange) < of(coefficient, raters, right)


@pytest.mark.parametrize("coefficient", ["Cohen", "Krippendorff"])
def test_an_item_that_nobody_rated_does_not_count(coefficient: str) -> None:
    raters, model = [["a", "b", "b", None], ["a", None, "a", None]], ["a", "b", "a", "b"]
    measured = found(coefficient, rated(raters, model))

    assert (measured.n, measured.denominator) == (4, 3)
    assert value(measured.candidate) == of(coefficient, [rater[:3] for rater in raters], model[:3])


def test_without_any_rating_there_is_nothing_to_count() -> None:
    measured = found("Krippendorff", rated([[None, None]], ["a", "b"]))

    assert (measured.denominator, measured.candidate) == (0, None)


@pytest.mark.parametrize(
    ("coefficient", "data", "want"),
    [
        pytest.param("Cohen", scored(["a"], ["a"]), "RatersMissing", id="nobody rated"),
        pytest.param("Cohen", rated([["a", "a"]], ["a", "a"]), "OneClassOnly", id="all say the same of everything"),
        pytest.param("Fleiss", rated([["a", "a"]] * 2, ["a", "a"]), "OneClassOnly", id="likewise three of them"),
        pytest.param("Fleiss", rated([["a", None]], ["a", "b"]), "RatingMissing", id="Fleiss knows no gaps"),
        pytest.param(
            "Cohen", rated([list(map(str, range(51)))], ["a"] * 51), "TooManyClasses", id="numbers, no classes"
        ),
    ],
)
def test_what_cannot_be_measured_is_refused(coefficient: str, data: Scored, want: str) -> None:
    with pytest.raises(EvaluationFailure, match="gate gate ") as refused:
        found(coefficient, data)

    assert (refused.value.reason, refused.value.field) == (want, "spec.evaluation.gates[gate]")


def opinions(items: int, seed: int = 5) -> tuple[list[Words], list[Words]]:
    """Return what three raters and two models say, all of whom often know better."""
    draw = np.random.default_rng(seed)
    truth = draw.choice(NAMES, items)
    said = [np.where(draw.random(items) < 0.7, truth, draw.choice(NAMES, items)).tolist() for _ in range(5)]
    return said[:3], said[3:]


@pytest.mark.parametrize("coefficient", COEFFICIENTS)
def test_items_said_twice_are_not_twice_the_evidence_where_they_belong_together(coefficient: str) -> None:
    raters, models = opinions(90)
    once = found(coefficient, rated(raters, *models))
    twice = found(
        coefficient,
        rated([[*one, *one] for one in raters], *([*one, *one] for one in models), clusters=[*range(90), *range(90)]),
    )

    for part in ("candidate", "champion", "difference"):
        one, other = getattr(once, part), getattr(twice, part)
        assert (one.method, other.method) == ("paired-bootstrap-bca", "cluster-bootstrap-bca")
        assert [other.lower, other.estimate, other.upper] == pytest.approx(
            [one.lower, one.estimate, one.upper], abs=0.01 if coefficient == "Krippendorff" else 1e-9
        )


@pytest.mark.parametrize("coefficient", COEFFICIENTS)
def test_200_items_agreed_on_do_not_prove_agreement(coefficient: str) -> None:
    words = ["a"] * 100 + ["b"] * 100
    estimate = found(coefficient, rated([words, words], words)).candidate
    assert estimate is not None

    assert [estimate.estimate, estimate.upper] == pytest.approx([1.0, 1.0])
    assert 0.95 < estimate.lower < 0.99


@pytest.mark.parametrize("coefficient", COEFFICIENTS)
def test_a_model_against_itself_differs_by_nothing_and_by_what_was_not_seen(coefficient: str) -> None:
    raters, (model, _) = opinions(300)
    change = found(coefficient, rated(raters, model, model)).difference
    assert change is not None

    assert change.estimate == 0
    assert change.lower < -0.003 < 0.003 < change.upper
