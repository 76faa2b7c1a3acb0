"""The stages of one rollback, from the moment at which the breach could be read to the restored route."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from benchmarks.sightings import Sighting, series
from sluice.api.verdict import Verdict
from sluice.core.judgement import judge_step
from sluice.core.observed import Candidate, LivePlan, Observed, Settings
from sluice.core.turn import moment
from sluice.runtime.parsing import parse_candidate
from tests.support.history import Version, routed_weights, wanted_weights

LOOK_BACK_SECONDS = 90.0
STAGES = ("readable to pass", "pass to write", "write to route")


@dataclass(frozen=True)
class Rollback:
    """Unix seconds of one rollback."""

    candidate: str
    readable: float
    """The breach could be read: judged by the operator's own rule, at every sample as it became readable."""
    judged: float
    """The pass that judged it began to read."""
    written: float
    """The SeldonDeployment with weight 0 was seen by a watch."""
    restored: float
    """The VirtualService with weight 0 was seen by a watch."""

    @property
    def seconds(self) -> float:
        """From readable to restored."""
        return self.restored - self.readable

    @property
    def stages(self) -> tuple[float, float, float]:
        """The seconds of each stage, as in `STAGES`."""
        return self.judged - self.readable, self.written - self.judged, self.restored - self.written


def rollback(
    life: Sequence[Version],
    targets: Sequence[Version],
    routes: Sequence[Version],
    seen: Sequence[Sighting],
    plan: LivePlan,
) -> Rollback:
    """Return when things happened in the life of a candidate that was rolled back for a breach."""
    applied = next(one for one in life if one.judged_step is not None)
    predictor = applied.traffic["predictor"]
    breached = next(one for one in life[-1].status["history"] if one["reason"] == "Breached")
    return Rollback(
        candidate=life[0].name,
        readable=breach_readable(parse_candidate(applied.body), plan, seen),
        judged=moment(breached["time"]).timestamp(),
        written=_first(one for one in _later(targets, applied) if not wanted_weights(one).get(predictor)),
        restored=_first(one for one in _later(routes, applied) if not routed_weights(one).get(predictor)),
    )


def breach_readable(candidate: Candidate, plan: LivePlan, seen: Sequence[Sighting]) -> float:
    """Return when the samples that breach could first be read, all of them."""
    traffic, checkpoint = candidate.status.traffic, candidate.status.checkpoint
    if traffic is None or traffic.applied_at is None:
        raise ValueError("no step is in force")
    begun = moment(traffic.applied_at).timestamp()
    observed = Observed(
        now=moment(traffic.applied_at),
        settings=Settings(evaluation_image="", registry_uris={}),
        candidate=candidate,
        plan=plan,
    )
    for at in sorted({one.readable for one in seen if one.readable >= begun}):
        now, found = datetime.fromtimestamp(at, UTC), series([one for one in seen if one.readable <= at])
        samples = {metric.name: found for metric in plan.spec.traffic.metrics}
        judgement = judge_step(replace(observed, now=now, samples=samples), traffic, checkpoint)
        if judgement is not None:
            checkpoint = judgement.checkpoint
            if judgement.verdict is Verdict.FAIL:
                return at
    raise ValueError(f"{candidate.name}: no breach can be read")


def _later(versions: Iterable[Version], than: Version) -> Iterable[Version]:
    return (one for one in versions if one.revision > than.revision)


def _first(versions: Iterable[Version]) -> float:
    return next(iter(versions)).received
