"""Selectors: what is rendered, and what is refused."""

from collections.abc import Callable

import pytest

from sluice.adapters.promql import OneOf, raw_samples
from sluice.ports import Rejected


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
        pytest.param(lambda: OneOf("arm", frozenset({"\ud800"})).render(), id="half a surrogate pair"),
        pytest.param(lambda: raw_samples("up or vector(1)", (), 5), id="a metric that is an expression"),
        pytest.param(lambda: raw_samples("up", (), 0), id="a window of nothing"),
    ],
)
def test_an_unsafe_selector_is_rejected(build: Callable[[], object]) -> None:
    with pytest.raises(Rejected) as caught:
        build()
    assert caught.value.reason == "InvalidSelector"
