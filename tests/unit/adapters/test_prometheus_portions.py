"""What is asked in one query, and whose the series of its answer are."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.adapters.prometheus_matrix import Found, Matrix, matrix
from sluice.adapters.prometheus_portions import MOST_TARGET_SECONDS, MOST_TARGETS, Portioner, deal
from sluice.core.analysis.samples import Series
from sluice.core.analysis.signals import CounterSpec
from sluice.ports import CounterQuery, SluiceError, Unavailable

SPEC = CounterSpec("requests_total", (("service", "predictions"),))
AT, MEGABYTE = 1000.0, 2**20


def query(target: str = "shop", *, namespace: str = "models", seconds: int = 90) -> CounterQuery:
    return CounterQuery(namespace=namespace, target=target, spec=SPEC, seconds=seconds)


def many(count: int, seconds: int = 90) -> list[CounterQuery]:
    return [query(f"t-{number:04}", seconds=seconds) for number in range(count)]


def portioner(*, max_bytes: int = 32 * MEGABYTE, now: float = 0.0) -> Portioner:
    return Portioner(max_bytes, lambda: now)


def sizes(found: Portioner, wanted: Sequence[CounterQuery]) -> list[int]:
    portions = list(found.portions(wanted))
    assert sorted(each.target for portion in portions for each in portion) == sorted(each.target for each in wanted)
    return [len(portion) for portion in portions]


@pytest.mark.parametrize(
    ("wanted", "want"),
    [
        pytest.param(many(1), [1], id="one candidate"),
        pytest.param(many(MOST_TARGETS), [MOST_TARGETS], id="a thousand candidates are one query"),
        pytest.param(many(MOST_TARGETS + 1), [MOST_TARGETS, 1], id="more are two"),
        pytest.param(many(600, seconds=600), [333, 267], id="all of them catching up after an outage"),
        pytest.param(
            [*many(900), replace(query("behind"), seconds=600)],
            [333, 568],
            id="one that is far behind does not make all others' windows long",
        ),
        pytest.param(
            [query(seconds=MOST_TARGET_SECONDS * 2)], [1], id="a window too long for any portion is asked alone"
        ),
    ],
)
def test_how_many_are_asked_for_in_one_query(wanted: Sequence[CounterQuery], want: list[int]) -> None:
    assert sizes(portioner(), wanted) == want


def test_a_counter_with_large_answers_is_asked_for_in_smaller_portions() -> None:
    found = portioner(max_bytes=10 * MEGABYTE)
    found.learn(many(100), 2 * MEGABYTE)
    assert sizes(found, many(500)) == [250, 250]


def test_what_answers_take_is_learnt_anew_when_they_shrink() -> None:
    found = portioner(max_bytes=10 * MEGABYTE)
    found.learn(many(100), 2 * MEGABYTE)
    for _ in range(20):
        found.learn(many(100), MEGABYTE // 10)
    assert sizes(found, many(500)) == [500]


def test_a_target_too_large_by_itself_is_asked_for_alone_for_a_while() -> None:
    now = [0.0]
    found = Portioner(MEGABYTE, lambda: now[0])
    wanted = many(4)
    assert found.halves(wanted) == (wanted[:2], wanted[2:])
    assert found.halves(wanted[:1]) == ()
    assert sizes(found, wanted) == [1, 3]
    now[0] = 601.0
    assert sizes(found, wanted) == [4]


def series(*times: float, **labels: str) -> Series:
    base = {"__name__": "requests_total", "service": "predictions", "namespace": "models", "deployment_name": "shop"}
    return Series(base | labels, tuple((time, 1.0) for time in times))


def dealt(found: Sequence[Series], *wanted: CounterQuery) -> list[list[tuple[float, ...]]]:
    answers = deal(wanted, Matrix([Found(each) for each in found], 0), AT)
    return [[tuple(time for time, _ in each.samples) for each in _series(answers[one])] for one in wanted]


def _series(answer: tuple[Series, ...] | SluiceError) -> tuple[Series, ...]:
    assert isinstance(answer, tuple)
    return answer


@pytest.mark.parametrize(
    ("labels", "want"),
    [
        pytest.param({}, [[(990,)]], id="one's own"),
        pytest.param({"namespace": "other"}, [[]], id="of another namespace"),
        pytest.param({"deployment_name": "search"}, [[]], id="of another target"),
        pytest.param({"service": "feedback"}, [[]], id="of another service"),
        pytest.param({"__name__": "errors_total"}, [[]], id="of another metric"),
    ],
)
def test_an_answer_is_believed_only_as_far_as_it_was_asked_for(labels: dict[str, str], want: list[object]) -> None:
    assert dealt([series(990, **labels)], query()) == want


def test_each_query_gets_its_own_window() -> None:
    found = [series(*range(900, 1001, 10)), series(905, 915, code="500")]
    long, short = dealt(found, query(seconds=100), query(seconds=20))
    assert long == [tuple(range(900, 1001, 10)), (905, 915)]
    assert short == [(980, 990, 1000)]


@pytest.mark.parametrize(
    ("values", "want"),
    [
        pytest.param("[]", (), id="none"),
        pytest.param('[[1,"2"],[2.5,"3"]]', ((1.0, 2.0), (2.5, 3.0)), id="in order"),
        pytest.param('[[2,"3"],[1,"2"]]', ((1.0, 2.0), (2.0, 3.0)), id="a late sample is put in its place"),
        pytest.param('[[1,"2"],[1,"3"]]', ((1.0, 3.0),), id="of two at one time the last counts, once"),
        pytest.param('[[1,"+Inf"],[2,"-Inf"]]', ((1.0, float("inf")), (2.0, float("-inf"))), id="infinities"),
    ],
)
def test_samples_are_in_the_order_of_their_times(values: str, want: tuple[object, ...]) -> None:
    body = f'{{"status":"success","data":{{"resultType":"matrix","result":[{{"metric":{{}},"values":{values}}}]}}}}'
    assert matrix(bytearray(body, "utf-8")).found == [Found(Series({}, want))]  # type: ignore[arg-type]


def test_a_label_called_metric_is_a_label() -> None:
    labels = '{"metric":"x","values":"y"}'
    body = (
        f'{{"status":"success","data":{{"resultType":"matrix","result":[{{"metric":{labels},"values":[[1,"2"]]}}]}}}}'
    )
    assert matrix(bytearray(body, "utf-8")).found == [Found(Series({"metric": "x", "values": "y"}, ((1.0, 2.0),)))]


SCALARS = st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats() | st.text(max_size=4)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(("metric", "values", "histograms", "x")) | st.text(max_size=3), inner, max_size=3
        )
    ),
    max_leaves=12,
)


def _document(result: Any, *path: str) -> dict[str, Any]:
    """Return an answer with something strange at its end."""
    whole: dict[str, Any] = {"status": "success", "data": {"resultType": "matrix", "result": []}}
    where = whole
    for part in path[:-1]:
        where = where[part]
    where[path[-1]] = result
    return whole


def _reason(document: Any) -> str:
    """Return why an answer is none; empty when it is one."""
    try:
        found = matrix(bytearray(json.dumps(document), "utf-8")).found
    except Unavailable as error:
        return error.reason
    times = [time for each in found for time, _ in each.series.samples]
    return "" if times == sorted(set(times)) else "times out of order"


PLACES = (("status",), ("data",), ("data", "result"), ("data", "resultType"), ("warnings",), ("isPartial",))
REASONS = {"", "NotPrometheus", "PartialAnswer"}


@given(strange=JSON, where=st.sampled_from(PLACES))
def test_whatever_is_answered_is_an_answer_or_none(strange: Any, where: tuple[str, ...]) -> None:
    assert {_reason(strange), _reason(_document(strange, *where))} <= REASONS


@given(values=JSON | st.lists(st.lists(SCALARS, min_size=2, max_size=2), max_size=3))
def test_whatever_samples_are_answered_are_samples_or_none(values: Any) -> None:
    assert _reason(_document([{"metric": {}, "values": values}], "data", "result")) in REASONS


@given(body=st.binary(max_size=40))
def test_whatever_bytes_are_answered_are_an_answer_or_none(body: bytes) -> None:
    with pytest.raises(Unavailable):
        matrix(bytearray(body))
