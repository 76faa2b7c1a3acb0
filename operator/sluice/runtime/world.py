"""Everything outside that a reconcile may touch, behind ports; tests put the in-memory fakes in its places."""

from dataclasses import dataclass

from sluice.core.observed import Settings
from sluice.ports import CandidateWriter, Events, Jobs, Objects, Providers, Targets


@dataclass(frozen=True, kw_only=True)
class World:
    """The ports of one operator, and what the administrator fixed."""

    settings: Settings
    objects: Objects
    writer: CandidateWriter
    jobs: Jobs
    targets: Targets
    events: Events
    providers: Providers
