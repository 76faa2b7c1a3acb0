"""One rule a file. A new one is added to `RULES`."""

from collections.abc import Callable, Mapping

from benchmarks.analysis.rules import sluice
from benchmarks.analysis.rules.argo import ArgoLike
from benchmarks.analysis.rules.flagger import FlaggerLike
from benchmarks.analysis.rules.growthbook import GrowthBook
from benchmarks.analysis.rules.kayenta import KayentaLike
from benchmarks.analysis.rules.lindon_malek import LindonMalek
from benchmarks.analysis.rules.oracle import Oracle
from benchmarks.analysis.rules.peeked_z import PeekedZ
from benchmarks.analysis.rules.pocock import Pocock
from benchmarks.analysis.rules.rule import Rule

RULES: Mapping[str, Callable[[float], Rule]] = {
    "Sluice": lambda _: sluice.planned(),
    "Sluice, one start": lambda _: sluice.one_start(),
    "Sluice, robust only": lambda _: sluice.robust(),
    "Argo-like": lambda _: ArgoLike(),
    "Argo-like, strict": lambda _: ArgoLike(interval=10.0, failure_limit=0),
    "Flagger-like": lambda _: FlaggerLike(),
    "Kayenta's judge, peeked": lambda _: KayentaLike(),
    "z, peeked each minute": lambda _: PeekedZ(),
    "Pocock, 60 looks": lambda _: Pocock(),
    "Lindon-Malek": lambda _: LindonMalek(),
    "GrowthBook sequential": lambda _: GrowthBook(),
    "oracle that knows r": Oracle,
}
"""By name; each is made for a ratio, which only the oracle is told."""
