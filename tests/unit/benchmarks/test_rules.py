"""The rules that the live analysis is held against do what their originals do."""

from collections.abc import Sequence
from math import inf

import numpy as np
import pytest

from benchmarks.analysis.promotion import ByChecks, ByTheClock, Stage
from benchmarks.analysis.rules import RULES
from benchmarks.analysis.rules.argo import ArgoLike
from benchmarks.analysis.rules.flagger import FlaggerLike
from benchmarks.analysis.rules.growthbook import GrowthBook
from benchmarks.analysis.rules.kayenta import KayentaLike
from benchmarks.analysis.rules.lindon_malek import LindonMalek
from benchmarks.analysis.rules.oracle import Oracle, limit
from benchmarks.analysis.rules.peeked_z import PeekedZ
from benchmarks.analysis.rules.pocock import Pocock, bound
from benchmarks.analysis.rules.rule import Rule
from benchmarks.analysis.traffic import Traffic, generate
from benchmarks.analysis.worlds import worse
from tests.support.served import served

BAD, GOOD = 13, 12
"""Of 600: just below 98 %, and just that."""

SENTENCES = [
    pytest.param(ArgoLike(), served([BAD] * 4), 240, id="Argo-like rolls back when one more than failureLimit failed"),
    pytest.param(ArgoLike(), served([BAD] * 3 + [GOOD] * 9), inf, id="Argo-like allows failureLimit measurements"),
    pytest.param(
        ArgoLike(), served([BAD, GOOD] * 4), 420, id="Argo-like counts failures that do not follow each other"
    ),
    pytest.param(
        ArgoLike(failure_limit=0), served([GOOD, BAD]), 120, id="Argo-like without a limit stops at the first"
    ),
    pytest.param(ArgoLike(), served([GOOD] * 60), inf, id="Argo-like takes the threshold itself for a success"),
    pytest.param(
        FlaggerLike(), served([BAD] * 5), 300, id="Flagger-like rolls back when checks add up to its threshold"
    ),
    pytest.param(FlaggerLike(), served([BAD] * 4 + [GOOD] * 9), inf, id="Flagger-like waits below its threshold"),
    pytest.param(FlaggerLike(), served([BAD, GOOD, GOOD] * 5), 780, id="Flagger-like never forgets a failed check"),
    pytest.param(KayentaLike(), served([30, 31, 32, 33, 34], [9, 8, 7, 6, 5]), 300, id="Kayenta needs five minutes"),
    pytest.param(KayentaLike(), served([30, 31, 32, 33], [9, 8, 7, 6]), inf, id="Kayenta cannot tell from four"),
    pytest.param(KayentaLike(), served([0] * 30), inf, id="Kayenta passes what never fails"),
    pytest.param(KayentaLike(), served([3] * 30, [27] * 30), inf, id="Kayenta passes two equal series"),
    pytest.param(PeekedZ(), served([10], [40]), 60, id="z rejects at 2.37: 1.7 % against 0.7 %"),
    pytest.param(PeekedZ(), served([8], [45]), inf, id="z does not reject at 1.24"),
    pytest.param(PeekedZ(), served([0] * 60), inf, id="z says nothing of no failures"),
    pytest.param(Pocock(), served([12], [45]), inf, id="Pocock wants more than z at its first look"),
    pytest.param(Pocock(), served([0] * 60 + [600], [0] * 61), inf, id="Pocock looks sixty times and no more"),
    pytest.param(LindonMalek(), served([1, 1, 1]), 180, id="Lindon-Malek: one third in (1/4) / (1/10)^3 = 250"),
    pytest.param(LindonMalek(), served([1, 1]), inf, id="Lindon-Malek: (1/3) / (1/10)^2 = 33 is not 100"),
    pytest.param(LindonMalek(), served([0] * 60, [50] * 60), inf, id="Lindon-Malek: better is no breach"),
    pytest.param(GrowthBook(), served([4]), inf, id="GrowthBook concludes nothing from four failures"),
    pytest.param(GrowthBook(), served([60], [54]), 60, id="GrowthBook: 10 % against 1 % is clear"),
    pytest.param(GrowthBook(), served([12], [54]), inf, id="GrowthBook: 2 % against 1 % is not, in a minute"),
    pytest.param(Oracle(2.0), served([8]), 60, id="the oracle: eight candidate failures, 2 against 1.1 each, are 4.8"),
    pytest.param(Oracle(2.0), served([7]), inf, id="the oracle: seven are 4.2, and ln 100 is 4.6"),
]


@pytest.mark.parametrize(("rule", "traffic", "seconds"), SENTENCES)
def test_a_rule(rule: Rule, traffic: Traffic, seconds: float) -> None:
    assert rule.rolled_back(traffic).tolist() == [seconds]


@pytest.mark.parametrize("name", RULES)
def test_no_rule_looks_ahead(name: str) -> None:
    """What a rule says of the first ten minutes is what it says of them when there is more to come."""
    rule = RULES[name](5.0)
    traffic = generate(worse(5.0, onset=300), (7, 0), 12, 1200, 5.0)
    whole, begun = rule.rolled_back(traffic), rule.rolled_back(traffic.first(600))
    assert begun.tolist() == np.where(whole <= 600, whole, inf).tolist()
    assert np.isfinite(whole).all()


@pytest.mark.parametrize(
    ("alpha", "looks", "published"),
    [
        pytest.param(0.01, 1, 2.326, id="one look: the normal quantile"),
        pytest.param(0.025, 2, 2.178, id="two looks, two-sided 5 %"),
        pytest.param(0.025, 5, 2.413, id="five looks, two-sided 5 %"),
    ],
)
def test_the_bound_of_pocock_is_the_published_one(alpha: float, looks: int, published: float) -> None:
    assert bound(alpha, looks) == pytest.approx(published, abs=0.005)


@pytest.mark.parametrize(("ratio", "requests"), [(1.5, 4746), (2.0, 1345), (5.0, 135)])
def test_the_information_limit(ratio: float, requests: float) -> None:
    assert limit(ratio, 0.01, 0.1) == pytest.approx(requests, abs=1)


def stages(*failures: Sequence[int]) -> list[Stage]:
    """Return steps whose minutes have so many failures."""
    return [Stage(served(list(each)), 0.1, 3.0, 0.005) for each in failures]


@pytest.mark.parametrize(
    ("minutes", "promoted", "rolled_back"),
    [
        pytest.param([[GOOD] * 9, [GOOD] * 9], 120, inf, id="a good check goes on"),
        pytest.param([[BAD, BAD, GOOD], [BAD, GOOD, GOOD]], 300, inf, id="a failed check stays"),
        pytest.param([[BAD, BAD, GOOD, GOOD], [BAD] * 4], inf, 360, id="failed checks add up over the steps"),
    ],
)
def test_checks_take_a_candidate_on(minutes: list[list[int]], promoted: float, rolled_back: float) -> None:
    ends = ByChecks(FlaggerLike()).rollout(stages(*minutes))
    assert (ends.promoted.tolist(), ends.rolled_back.tolist()) == ([promoted], [rolled_back])


@pytest.mark.parametrize(
    ("minutes", "promoted", "rolled_back"),
    [
        pytest.param([[GOOD] * 6, [GOOD] * 6], 600, inf, id="five minutes a step"),
        pytest.param([[BAD] * 3 + [GOOD] * 3, [BAD] * 3 + [GOOD] * 3], 600, inf, id="each step counts for itself"),
        pytest.param([[GOOD] * 6, [BAD] * 6], inf, 540, id="a failed step ends it"),
    ],
)
def test_the_clock_takes_a_candidate_on(minutes: list[list[int]], promoted: float, rolled_back: float) -> None:
    ends = ByTheClock(ArgoLike(), seconds=300).rollout(stages(*minutes))
    assert (ends.promoted.tolist(), ends.rolled_back.tolist()) == ([promoted], [rolled_back])
