"""The stories of live metrics: what is measured of a version, and which of it takes the traffic back."""

from collections.abc import Callable

from sluice.api.phase import Phase
from tests.golden.clients import CARTS, SESSIONS
from tests.golden.live_stories import told
from tests.golden.play import Play
from tests.golden.stories import errors, story

ERRORS = {"name": "errors", "signal": "ErrorRate"}
LATENCY = {"name": "latency", "signal": "Latency"}
SALES = {
    "name": "add-to-cart",
    "ratio": {"numerator": {"metric": CARTS}, "denominator": {"metric": SESSIONS}},
    "better": "Higher",
}


def moody(version: str, share: float, seconds: float, normal: float = 0.01) -> Callable[[str, float], float]:
    """Return error rates: `share` for a version in its first seconds of service."""
    begun: list[float] = []

    def rate(of: str, time: float) -> float:
        if of != version:
            return normal
        begun.append(time)
        return share if time - begun[0] < seconds else normal

    return rate


@story("Slower at the tail, as right as before: taken back for its latency", Phase.ROLLED_BACK)
def slower() -> Play:
    play = Play()
    play.clients.slowness = lambda version, _time: 2.5 if version == "43" else 1.0
    return told(play, metrics=[ERRORS, LATENCY])


@story("As fast as the stable: latency passes at every step", Phase.PROMOTED)
def as_fast() -> Play:
    play = Play()
    play.clients.slowness = lambda _version, _time: 1.0
    return told(play, metrics=[ERRORS, LATENCY])


@story("Fewer carts, no other fault: taken back for its sales", Phase.ROLLED_BACK)
def fewer_carts() -> Play:
    play = Play()
    play.clients.sales = lambda version, _time: 0.04 if version == "43" else 0.1
    return told(play, metrics=[ERRORS, SALES])


@story("As many carts: sales pass at every step", Phase.PROMOTED)
def as_many_carts() -> Play:
    play = Play()
    play.clients.sales = lambda _version, _time: 0.1
    return told(play, metrics=[ERRORS, SALES])


@story("A metric that is not required stays in doubt: the steps pass without it", Phase.PROMOTED)
def optional_in_doubt() -> Play:
    play = Play()
    play.clients.sales, play.clients.visits = lambda _version, _time: 0.1, 0.01
    return told(play, metrics=[ERRORS, SALES | {"required": False}])


@story("A metric that is not required breaches: taken back all the same", Phase.ROLLED_BACK)
def optional_breaches() -> Play:
    play = Play()
    play.clients.slowness = lambda version, _time: 3.0 if version == "43" else 1.0
    return told(play, metrics=[ERRORS, LATENCY | {"required": False}])


@story("Both fail too often: no worse than the stable, and beyond what the service may", Phase.ROLLED_BACK)
def beyond_the_limit() -> Play:
    play = Play()
    play.clients.rate = lambda _version, _time: 0.08
    return told(play, metrics=[ERRORS | {"hardLimit": {"rate": "0.05"}}])


@story("Errors while a pod warms up do not count", Phase.PROMOTED)
def warm_up() -> Play:
    play = Play()
    play.clients.rate = moody("43", 0.5, 40)
    return told(play, warmUpSeconds=60)


@story("The same errors count where nothing is said of warming up", Phase.ROLLED_BACK)
def no_warm_up() -> Play:
    play = Play()
    play.clients.rate = moody("43", 0.5, 40)
    return told(play)


@story("No step passes before its dwell, whatever the evidence", Phase.PROMOTED)
def dwell() -> Play:
    return told(Play(), minDwellSeconds=600)


@story("Two metrics, neither of them guilty alone: together they are", Phase.ROLLED_BACK)
def guilty_together() -> Play:
    play = Play()
    play.clients.rate = errors("43", 0.018)
    play.clients.slowness = lambda version, _time: 1.4 if version == "43" else 1.0
    return told(play, metrics=[ERRORS, LATENCY])
