"""What a person can do next, by the reason that a candidate gives. Every reason has an entry; a test says so."""

from collections.abc import Mapping

from sluice.api.conditions import Reason

_WAIT = "Nothing: it goes on by itself."
_REPLACE = "The object cannot be changed: delete it and create a corrected one."
_NEW = "Register a corrected version and create another ModelCandidate for it."

NEXT_STEP: Mapping[Reason, str] = {
    Reason.ACCEPTED: _WAIT,
    Reason.PLAN_MISSING: "Create the RolloutPlan that spec.planRef names; it goes on by itself.",
    Reason.PLAN_INVALID: "Correct the RolloutPlan as the message says; it goes on by itself.",
    Reason.SPEC_INVALID: _REPLACE,
    Reason.TARGET_MISSING: "Create the SeldonDeployment that spec.targetRef names; it goes on by itself.",
    Reason.TARGET_UNSUPPORTED: "Bring the SeldonDeployment into the supported shape that the message names.",
    Reason.TARGET_UNREADY: "Find out why pods of the SeldonDeployment are not ready: `kubectl get pods`.",
    Reason.REGISTRY_MISSING: "Ask the administrator to name this registry in the chart's value `registries`.",
    Reason.REGISTRY_UNAVAILABLE: "Check the registry's server; it goes on by itself once it answers.",
    Reason.PROVIDER_MISSING: "Ask the administrator to name this provider in the chart's value `metricsProviders`.",
    Reason.STORE_MISSING: "Ask the administrator to name this store in the chart's value `stores`.",
    Reason.ENGINE_MISSING: "Ask the administrator to name this Ray cluster in the chart's value `rayClusters`.",
    Reason.MODEL_MISSING: "Register the version (or set the alias) in the registry; it goes on by itself.",
    Reason.MODEL_UNSERVABLE: "Register a version with an artifact (or the tag sluice.image) that the target can serve.",
    Reason.MODEL_TOO_LARGE: (
        "Register a smaller version, or ask the administrator to raise the chart's `evaluation.maxModelMebibytes`."
    ),
    Reason.SERVES_ALREADY: "Nothing: the target serves this version.",
    Reason.QUEUED: "Wait for the candidate in front, or abort that one: spec.abort.",
    Reason.PINNED: _WAIT,
    Reason.EVALUATION_STARTED: _WAIT,
    Reason.EVALUATION_WAITING: _WAIT,
    Reason.EVALUATION_RETRIED: "Nothing yet. If it fails again: read the log of the evaluation Job's pod.",
    Reason.EVALUATION_ERROR: "Read the log of the evaluation Job's pod, cure the cause, create another ModelCandidate.",
    Reason.EVALUATION_STUCK: (
        "Ask the administrator: the message says what keeps the Job's container from being created. "
        "Then create another ModelCandidate."
    ),
    Reason.GATES_PASSED: _WAIT,
    Reason.GATES_FAILED: f"Look at the failed gates above. {_NEW}",
    Reason.GATES_INCONCLUSIVE: "Use more data or wider margins in the plan, and create another ModelCandidate.",
    Reason.CANDIDATE_ADDED: _WAIT,
    Reason.CANDIDATE_UNREADY: f"Find out why its pods did not become ready (the message names them). {_NEW}",
    Reason.STEP_STARTED: _WAIT,
    Reason.STEP_WAITING: "Nothing: it needs more requests. More traffic brings the verdict sooner.",
    Reason.STEP_PASSED: _WAIT,
    Reason.STEP_INCONCLUSIVE: "Wait for more requests, or give up: set spec.abort.",
    Reason.STEP_ADVANCED: _WAIT,
    Reason.NO_DATA: (
        "Check that Prometheus scrapes the predictors: it goes on by itself once samples arrive. "
        "If the message blames the plan, correct that and create another ModelCandidate."
    ),
    Reason.NO_DATA_TIMEOUT: "Check the metrics provider and that it scrapes the predictors, or give up: spec.abort.",
    Reason.TICK_TOO_SHORT: "Scrape the predictors more often, or set tickSeconds of the plan to the scrape interval.",
    Reason.TICK_LATE: "Give the operator more CPU, or look at its log for a slow provider: it judges late.",
    Reason.ROUTING_MISMATCH: "Compare the weights in the VirtualService with the requests that the predictors count.",
    Reason.BREACHED: f"Look at the live metrics above and at the candidate's logs of that time. {_NEW}",
    Reason.DRIFTED: "Find who else writes spec.predictors (`kubectl get sdep -o yaml --show-managed-fields`).",
    Reason.WRITE_REFUSED: "Cure what the API server's refusal names; it goes on by itself.",
    Reason.PROMOTING: _WAIT,
    Reason.STABLE_UPDATED: _WAIT,
    Reason.STABLE_NOT_ROLLED: "Find out why pods of the stable predictor do not become ready: `kubectl get pods`.",
    Reason.PROMOTED: "Nothing: it serves.",
    Reason.ROLLING_BACK: _WAIT,
    Reason.ROUTE_WRITTEN: "Bring Seldon's manager back: the route was written around it.",
    Reason.ROLLED_BACK: _NEW,
    Reason.PAUSED: "Set spec.paused to false to go on.",
    Reason.RESUMED: _WAIT,
    Reason.ABORTED: "Create another ModelCandidate to try again.",
    Reason.DELETED: _WAIT,
    Reason.SUPERSEDED: "Look at the newer candidate of the same target: `sluice get`.",
}


def next_step(reason: Reason) -> str:
    """Return what a person can do next."""
    return NEXT_STEP[reason]
