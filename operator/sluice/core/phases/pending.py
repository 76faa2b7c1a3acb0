"""Pending: plan, target and version are found, and what must not change later is pinned; or it says what is missing."""

from sluice.api.candidate import PinnedModel, PinnedPlan
from sluice.api.conditions import Reason
from sluice.api.phase import Phase
from sluice.core.admission import servable_problem, target_problem
from sluice.core.manifests.job import unconfigured
from sluice.core.manifests.revision import plan_revision
from sluice.core.naming import revision_name
from sluice.core.observed import LivePlan, Observed
from sluice.core.phases import leaving
from sluice.core.plan import PinPlan, Plan, SetFinalizer
from sluice.core.queue import flying
from sluice.core.target import Problem, Target
from sluice.core.turn import Turn

RETRY_SECONDS = 10.0


def decide(turn: Turn) -> Plan:
    """Leave, complain about the first thing missing, or pin and queue."""
    left = leaving.before_traffic(turn)
    if left is not None:
        return left
    observed = turn.observed
    problem = _first_problem(observed)
    if problem is not None:
        return turn.complain(problem).wait(problem.reason, problem.message, RETRY_SECONDS)
    if not isinstance(observed.plan, LivePlan) or not isinstance(observed.model, PinnedModel):
        raise TypeError("pending needs a plan and a model")
    return _pin(turn, observed.plan, observed.model)


def _first_problem(observed: Observed) -> Problem | None:
    """Return the first thing that stands in the way, in the order in which a person would mend it.

    While a rival is in flight its predictor is on the target: whether the target is fit is asked when our turn comes.
    """
    for part in (observed.plan, observed.target, observed.model):
        if isinstance(part, Problem):
            return part
    plan, target, model = observed.plan, observed.target, observed.model
    if not (isinstance(plan, LivePlan) and isinstance(target, Target) and isinstance(model, PinnedModel)):
        raise TypeError("pending needs plan, target and model")
    unfit = None if flying(observed.rivals) else target_problem(target)
    unknown = _unknown_provider(observed, plan) or unconfigured(observed.settings, plan)
    return unknown or unfit or servable_problem(target, model)


def _unknown_provider(observed: Observed, plan: LivePlan) -> Problem | None:
    name, known = plan.spec.traffic.metrics_provider, observed.settings.metrics_providers
    if name in known:
        return None
    message = f"spec.traffic.metricsProvider {name} is not configured: known are {', '.join(sorted(known)) or 'none'}"
    return Problem(reason=Reason.PROVIDER_MISSING, message=message)


def _pin(turn: Turn, plan: LivePlan, model: PinnedModel) -> Plan:
    candidate = turn.observed.candidate
    turn = turn.act(SetFinalizer(), PinPlan(manifest=plan_revision(candidate, plan))).note(
        plan=PinnedPlan(revision=revision_name(candidate.uid), generation=plan.generation), model=model
    )
    message = f"version {model.version} of {model.name} ({model.digest[:19]}…), plan {plan.name}"
    return turn.enter(Phase.QUEUED, Reason.PINNED, message).again(Reason.PINNED, message)
