"""The safety invariants S1-S12, each a pure function from a recorded history to sentences on violations.

They hold for every version of every object, not only for the last ones.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

from tests.support.history import EVERYTHING, Body, History, Version, phase, target_of
from tests.support.movements import TERMINAL, restored_by_seldon, rises, split_of, title, weights_of
from tests.support.secrecy import nothing_secret_is_told
from tests.support.taking_back import Outage, nothing_rises_after_a_breach, rollback_needs_nobody
from tests.support.template_writes import stable_changes_only_in_promotion
from tests.support.writers import only_the_leader_writes

FORWARD = frozenset({"Shifting", "Promoting"})


def weights_sum_to_100(history: History) -> list[str]:
    """S1: traffic of predictors that are no shadows sums to 100, each in 0…100, in the spec and in the route."""
    found = []
    for version in (*history.of("SeldonDeployment"), *history.of("VirtualService")):
        weights = weights_of(version)
        if sum(weights.values()) != EVERYTHING or not all(0 <= weight <= EVERYTHING for weight in weights.values()):
            found.append(f"S1: {title(version)} splits traffic {split_of(weights)}")
    return found


def weight_follows_record(history: History) -> list[str]:
    """S2: where the candidate's weight rises, it is at most the weight recorded in status before."""
    found = []
    for life in history.lives("ModelCandidate"):
        for rise in rises(history, life):
            recorded = _recorded(life, rise.version)
            if rise.weight > recorded and not restored_by_seldon(history, rise):
                place = f"{rise.predictor} to {rise.weight} in {title(rise.version)}"
                found.append(f"S2: {place}, the status before it records {recorded}")
    return found


def weight_rises_on_evidence(history: History) -> list[str]:
    """S3: a weight above 0 rises only when every required metric passed, on samples of the candidate inside the step.

    Or when the step's time was over and the plan has an error budget: the history says so; never for a promotion.
    """
    found = []
    for life in history.lives("ModelCandidate"):
        for before, after in pairwise(life):
            old, new = before.traffic.get("weight", 0), after.traffic.get("weight", 0)
            if not 0 < old < new:
                continue
            if not before.traffic.get("appliedAt"):
                found.append(f"S3: {title(after)} goes from {old} to {new} before {old} was seen in the route")
            found += [f"S3: {title(after)} goes from {old} to {new}: {why}" for why in _unproven(after)]
    return found


def one_job_an_attempt(history: History) -> list[str]:
    """S6: at most one Job per candidate, generation and attempt, and one at a time per candidate."""
    found = []
    births = [life[0] for life in history.lives("Job")]
    for name in sorted({job.name for job in births}):
        uids = {job.uid for job in births if job.name == name}
        if len(uids) > 1:
            found.append(f"S6: Job {name} was made {len(uids)} times")
    for owner in sorted({_owner(job) for job in births}):
        spans = sorted(_span(life) for life in history.lives("Job") if _owner(life[0]) == owner)
        found += [
            f"S6: two Jobs of one candidate run at once ({owner})"
            for earlier, later in pairwise(spans)
            if later[0] < earlier[1]
        ]
    return found


def status_never_goes_back(history: History) -> list[str]:
    """S7: the observed generation and the step never go back; what is terminal stays as it is."""
    found = []
    for life in history.lives("ModelCandidate"):
        for before, after in pairwise(life):
            found += [f"S7: {title(after)}: {why}" for why in _went_back(before, after)]
    return found


def finalizer_outlives_traffic(history: History) -> list[str]:
    """S8: the finalizer goes only after the candidate's weight 0 was to be seen in spec and route."""
    found = []
    for life in history.lives("ModelCandidate"):
        for before, after in pairwise(life):
            released = _finalizers(before) and not _finalizers(after)
            predictor = before.traffic.get("predictor", "")
            if not released or not predictor:
                continue
            for kind in ("SeldonDeployment", "VirtualService"):
                last = history.before(after, kind, target_of(after))
                if last and not last.deleted and weights_of(last).get(predictor, 0):
                    found.append(f"S8: {title(after)} is released while {title(last)} gives {predictor} traffic")
    return found


def only_numbers_pass(history: History) -> list[str]:
    """S10: NaN, empty, error and stale are never a pass, live or offline."""
    found = []
    for version in history.of("ModelCandidate"):
        evaluation = version.status.get("evaluation") or {}
        gates = evaluation.get("gates") or ()
        verdicts = {str(gate["verdict"]) for gate in gates}
        if evaluation.get("verdict") == "Pass" and verdicts != {"Pass"}:
            found.append(f"S10: {title(version)} passes offline on gates {sorted(verdicts)}")
        if phase(version) in FORWARD and evaluation.get("verdict") != "Pass":
            found.append(f"S10: {title(version)} is {phase(version)} without an offline pass")
        found += [
            f"S10: {title(version)}: metric {metric['name']} passes on {_numbers(metric)}"
            for metric in version.status.get("metrics") or ()
            if metric["verdict"] == "Pass" and not _measured(metric)
        ]
    return found


INVARIANTS: Mapping[str, Callable[[History], list[str]]] = {
    "S1": weights_sum_to_100,
    "S2": weight_follows_record,
    "S3": weight_rises_on_evidence,
    "S4": nothing_rises_after_a_breach,
    "S5": stable_changes_only_in_promotion,
    "S6": one_job_an_attempt,
    "S7": status_never_goes_back,
    "S8": finalizer_outlives_traffic,
    "S9": only_the_leader_writes,
    "S10": only_numbers_pass,
    "S12": nothing_secret_is_told,
}


def violations(history: History, outages: Sequence[Outage] = ()) -> list[str]:
    """Return every violation of every invariant in a history."""
    found = [line for check in INVARIANTS.values() for line in check(history)]
    return found + rollback_needs_nobody(history, outages)


def _recorded(life: Sequence[Version], moment: Version) -> int:
    earlier = [version for version in life if version.revision < moment.revision]
    return int(earlier[-1].traffic.get("weight", 0)) if earlier else 0


def _unproven(version: Version) -> list[str]:
    metrics = [metric for metric in version.status.get("metrics") or () if metric.get("required", True)]
    if not metrics:
        return ["no metric was judged"]
    if _advanced(version):
        return []
    return [
        f"metric {metric['name']} says {metric['verdict']} on {_numbers(metric)}"
        for metric in metrics
        if metric["verdict"] != "Pass" or not _measured(metric)
    ]


def _advanced(version: Version) -> bool:
    """Return whether the step began without a verdict, within the plan's error budget."""
    told = [entry["reason"] for entry in (version.status.get("history") or ())[-2:]]
    return phase(version) == "Shifting" and told == ["StepAdvanced", "StepStarted"]


def _went_back(before: Version, after: Version) -> Iterable[str]:
    """Yield what of a status went back from one version to the next."""
    for field in ("observedGeneration",):
        old, new = before.status.get(field, 0), after.status.get(field, 0)
        if new < old:
            yield f"{field} goes from {old} to {new}"
    old, new = before.traffic.get("step", 0), after.traffic.get("step", 0)
    if new < old:
        yield f"step goes from {old} to {new}"
    if phase(before) in TERMINAL and phase(after) != phase(before):
        yield f"phase goes from {phase(before)} to {phase(after)}"
    for kind in ("Ready", "Stalled"):
        ended = phase(before) in TERMINAL and _condition(before, kind) == "True"
        if ended and _condition(after, kind) != "True":
            yield f"condition {kind} goes from True to {_condition(after, kind)}"


def _condition(version: Version, kind: str) -> str:
    conditions: Sequence[Body] = version.status.get("conditions") or ()
    return next((str(one["status"]) for one in conditions if one["type"] == kind), "absent")


def _finalizers(version: Version) -> Sequence[str]:
    found: Sequence[str] = version.body["metadata"].get("finalizers") or ()
    return [name for name in found if name == "sluice.dev/traffic"]


def _owner(job: Version) -> str:
    owners = job.body["metadata"].get("ownerReferences") or ({"uid": ""},)
    return str(owners[0]["uid"])


def _span(life: Sequence[Version]) -> tuple[int, int]:
    """Return the revisions between which a Job ran: to its completion, its failure or its deletion."""
    ended = [version.revision for version in life if version.deleted or _finished(version)]
    return life[0].revision, ended[0] if ended else life[-1].revision


def _finished(job: Version) -> bool:
    conditions = job.status.get("conditions") or ()
    return any(one["type"] in {"Complete", "Failed"} and one["status"] == "True" for one in conditions)


def _measured(metric: Body) -> bool:
    """Return whether a metric's numbers are numbers, with candidate requests among them."""
    try:
        failures, requests = (float(part) for part in str(metric.get("candidate", "")).split("/"))
        favour = float(str(metric.get("evidenceFor", "")).split(" ")[0])
    except ValueError:
        return False
    return 0 <= failures <= requests and requests > 0 and favour == favour  # noqa: PLR0124 -- NaN differs from itself


def _numbers(metric: Body) -> str:
    return f"{metric.get('candidate') or 'nothing'} (evidence {metric.get('evidenceFor') or 'none'})"
