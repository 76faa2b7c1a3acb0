"""The pinned plan: an `apps/v1` ControllerRevision owned by the candidate, so that later edits change nothing."""

from typing import Any

from sluice.core.naming import owner_reference, revision_name
from sluice.core.observed import Candidate, LivePlan


def plan_revision(candidate: Candidate, plan: LivePlan) -> dict[str, Any]:
    """Return the ControllerRevision that holds the plan's spec."""
    return {
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "metadata": {
            "name": revision_name(candidate.uid),
            "namespace": candidate.namespace,
            "ownerReferences": [owner_reference(candidate.name, candidate.uid)],
            "annotations": {"sluice.dev/plan": plan.name},
        },
        "revision": max(1, plan.generation),
        "data": {"spec": dict(plan.raw)},
    }
