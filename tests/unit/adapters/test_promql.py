"""Selectors: what is rendered, and what is refused."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.adapters.prometheus_portions import selector
from sluice.adapters.promql import OneOf, raw_samples
from sluice.core.analysis.signals import CounterSpec
from sluice.ports import CounterQuery, Rejected
from tests.support.promql import Selected, parse


@pytest.mark.parametrize(
    ("values", "want"),
    [
        pytest.param({"main"}, 'arm="main"', id="one value is compared, not matched"),
        pytest.param({"b", "a"}, 'arm=~"a|b"', id="several values are alternatives in order"),
        pytest.param({".*"}, 'arm=".*"', id="a single value is no regular expression"),
        pytest.param({"a.b", "c|d"}, 'arm=~"a\\\\.b|c\\\\|d"', id="nor are several"),
        pytest.param({'a"b'}, 'arm="a\\"b"', id="a quote"),
        pytest.param({"a\\b"}, 'arm="a\\\\b"', id="a backslash"),
        pytest.param({"a\nb\x00"}, 'arm="a\\U0000000ab\\U00000000"', id="control characters"),
        pytest.param({"ä😀"}, 'arm="ä😀"', id="letters of any script"),
        pytest.param({"\u2028"}, 'arm="\\U00002028"', id="invisible separators"),
    ],
)
def test_a_matcher_is_rendered(values: set[str], want: str) -> None:
    assert OneOf("arm", frozenset(values)).render() == want


def test_a_selector_is_rendered() -> None:
    matchers = (OneOf("namespace", frozenset({"models"})), OneOf("code", frozenset({"200", "500"})))
    want = 'requests_total{namespace="models",code=~"200|500"}[90s]'
    assert raw_samples("requests_total", matchers, 90) == want


@pytest.mark.parametrize(
    "build",
    [
        pytest.param(lambda: OneOf("arm", frozenset()), id="no values"),
        pytest.param(lambda: OneOf("arm", frozenset({""})), id="an empty value matches a missing label"),
        pytest.param(lambda: OneOf('arm="x",other', frozenset({"a"})), id="a label that is more than a name"),
        pytest.param(lambda: OneOf("arm\n", frozenset({"a"})), id="a label with a line end"),
        pytest.param(lambda: OneOf("__name__", frozenset({"up"})), id="a label that is the metric's name"),
        pytest.param(lambda: OneOf("arm", frozenset({"\ud800"})).render(), id="half a surrogate pair"),
        pytest.param(lambda: raw_samples("up or vector(1)", (), 5), id="a metric that is an expression"),
        pytest.param(lambda: raw_samples("up", (), 0), id="a window of nothing"),
    ],
)
def test_an_unsafe_selector_is_rejected(build: Callable[[], object]) -> None:
    with pytest.raises(Rejected) as caught:
        build()
    assert caught.value.reason == "InvalidSelector"


HOSTILE = (
    '"',
    "\\",
    "\n",
    "\r",
    "\x00",
    "{",
    "}",
    ",",
    "|",
    ".*",
    ".+",
    "$",
    "^",
    "(?i)",
    '"} or up{a="',
    "\\U",
    "[5m]",
    "#",
)
TEXT = st.one_of(
    st.text(min_size=1, max_size=12),
    st.lists(st.sampled_from(HOSTILE), min_size=1, max_size=4).map("".join),
).filter(lambda text: not any("\ud800" <= each <= "\udfff" for each in text))
NAMES = st.from_regex(r"[a-z]{1,8}", fullmatch=True)
LABELS = st.dictionaries(NAMES, TEXT, max_size=3).map(lambda found: tuple(sorted(found.items())))


@given(
    targets=st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=4, unique=True),
    labels=LABELS,
    target_label=NAMES,
    strange=TEXT,
)
def test_a_selector_means_what_it_was_made_of_and_no_value_widens_it(
    targets: list[tuple[str, str]], labels: tuple[tuple[str, str], ...], target_label: str, strange: str
) -> None:
    spec = CounterSpec("events_total", labels, target_label)
    queries = [CounterQuery(namespace=space, target=target, spec=spec, seconds=90) for space, target in targets]
    found = parse(selector(queries))
    assert (found.metric, found.seconds) == ("events_total", 90)
    assert _names(found) == ["namespace", target_label, *(name for name, _ in labels)]
    spaces, names = {space for space, _ in targets}, {target for _, target in targets}
    _check(found, 0, spaces, strange)
    _check(found, 1, names, strange)
    for place, (_, value) in enumerate(labels):
        _check(found, 2 + place, {value}, strange)


def _names(found: Selected) -> list[str]:
    return [name for name, _, _ in found.matchers]


def _check(found: Selected, place: int, values: set[str], strange: str) -> None:
    """One matcher holds for each of its values, and for a strange one only when it is one of them."""
    name, _, _ = found.matchers[place]
    alone = Selected(found.metric, (found.matchers[place],), found.seconds)
    assert all(alone.selects({"__name__": found.metric, name: value}) for value in values)
    for other in (strange, "", *(value + strange for value in values)):
        assert alone.selects({"__name__": found.metric, name: other}) == (other in values)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('up{a="x"} or vector(1)', id="an operator"),
        pytest.param('up{a="x"}[5s] offset 1d', id="an offset"),
        pytest.param('up{a="x" or b="y"}[5s]', id="a matcher that is no conjunction"),
        pytest.param("up{a='x'}[5s]", id="other quotes"),
        pytest.param('up{a="x}[5s]', id="quotes that never end"),
    ],
)
def test_the_parser_of_this_test_takes_plain_selectors_only(text: str) -> None:
    with pytest.raises(ValueError, match="no "):
        parse(text)
