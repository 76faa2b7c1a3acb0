"""S9: which replica wrote what, and that it led at that moment.

The operator's Events name the replica that wrote them and the version of the candidate that they are about; the Lease
names who leads. All of them have revisions of one store, which orders them whatever clocks say.
"""

from itertools import groupby

from tests.support.history import History, Version, holder_of
from tests.support.movements import title

COMPONENT = "sluice"


def only_the_leader_writes(history: History) -> list[str]:
    """S9: nothing is written by a replica whose lease ended: neither an Event nor the status that it tells about."""
    found = []
    for event in _own(history):
        instance, about = _instance(event), event.body["involvedObject"]
        for what, revision in ((title(event), event.revision), (_told(event), int(about["resourceVersion"]))):
            holder = _holder(history, revision)
            if holder not in ("", instance):
                found.append(f"S9: {what} was written by {instance} while {holder} led")
    return found


def in_turn(history: History) -> list[str]:
    """Return the replicas that wrote, each as often as its turn came."""
    return [instance for instance, _ in groupby(map(_instance, _own(history)))]


def _own(history: History) -> list[Version]:
    events = [one for one in history.of("Event") if one.body.get("reportingComponent") == COMPONENT]
    return [one for one in events if not one.deleted]


def _instance(event: Version) -> str:
    return str(event.body["reportingInstance"])


def _told(event: Version) -> str:
    about = event.body["involvedObject"]
    return f"{about['kind']} {about['name']}@{about['resourceVersion']} ({event.body['reason']})"


def _holder(history: History, revision: int) -> str:
    """Return who held the Lease last before a revision; empty when that is not on record."""
    leases = [one for one in history.of("Lease") if one.revision < revision and not one.deleted]
    return next((holder_of(one) for one in reversed(leases) if holder_of(one)), "")
