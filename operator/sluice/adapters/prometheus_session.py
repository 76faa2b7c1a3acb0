"""The HTTP session under the Prometheus client: one try, no redirects, bounded time and size, whole answers only.

Everything that is not a whole, good answer is an `Unavailable` whose message never carries a URL or a body.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import requests
from requests.adapters import BaseAdapter
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError
from urllib3.exceptions import TimeoutError as Urllib3TimeoutError

from sluice.adapters.prometheus_matrix import Matrix, matrix
from sluice.ports import Unavailable

CHUNK = 1 << 20
"""Taken at once, if it is there: after each piece the interpreter is another thread's for a moment, which adds up."""
_TOO_MANY = b"too many samples"
"""What Prometheus says, with status 422, of a query that needs more samples than it may load."""
_REFUSALS = {
    400: ("QueryRejected", "it calls the query invalid"),
    401: ("Unauthorized", "it wants other credentials"),
    403: ("Unauthorized", "it forbids the query"),
    404: ("NotPrometheus", "it has no query API at its address"),
    422: ("QueryRejected", "it cannot execute the query"),
    429: ("Overloaded", "it asks for fewer queries"),
    503: ("Overloaded", "it is overloaded or starting"),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, in the shape that the client wants of a response."""

    content: Matrix
    status_code: int = 200

    def json(self) -> Mapping[str, Any]:
        """Return the body as far as the client looks into it."""
        return {"data": {"result": self.content}}


@dataclass
class GuardedSession:
    """Stands in for `requests.Session` where `PrometheusConnect` uses one."""

    max_bytes: int
    headers: Mapping[str, str] = field(default_factory=dict)
    verify: bool | str = True
    cert: None = None
    inner: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.inner.trust_env = False

    def mount(self, prefix: str, adapter: BaseAdapter) -> None:
        """Pass on the client's connection adapter."""
        self.inner.mount(prefix, adapter)

    def request(self, *, method: str, url: str, params: Mapping[str, str], timeout: float, **_: object) -> Answer:
        """Send one query as a form, which has no limit of length as a URL has. Raises Unavailable."""
        deadline = monotonic() + timeout
        try:
            with self.inner.request(
                method,
                url,
                data=params,
                headers={**self.headers, "Accept-Encoding": "identity"},
                timeout=timeout,
                verify=self.verify,
                allow_redirects=False,
                stream=True,
            ) as response:
                _check_status(response)
                return Answer(matrix(self._body(response, deadline)))
        except (requests.RequestException, HTTPError, OSError) as error:
            raise _unavailable(error) from error

    def _body(self, response: requests.Response, deadline: float) -> bytearray:
        body = bytearray()
        while chunk := response.raw.read1(CHUNK):
            body += chunk
            if len(body) > self.max_bytes:
                raise Unavailable(f"its answer exceeds {self.max_bytes:,} bytes", reason="TooLarge")
            if monotonic() > deadline:
                raise Unavailable("its answer takes too long", reason="Timeout")
        return body


def _check_status(response: requests.Response) -> None:
    status = response.status_code
    if status == requests.codes.ok:
        return
    if requests.codes.multiple_choices <= status < requests.codes.bad_request:
        raise Unavailable("it redirects, which is not followed", reason="Redirected")
    if status == requests.codes.unprocessable_entity and _TOO_MANY in response.raw.read1(CHUNK):
        raise Unavailable("it may not load as many samples as the query needs", reason="TooLarge")
    reason, message = _REFUSALS.get(status, ("ServerError", f"it answers with status {status}"))
    raise Unavailable(message, reason=reason)


def _unavailable(error: Exception) -> Unavailable:
    causes = tuple(_chain(error))
    for kinds, reason, message in _FAILURES:
        if any(isinstance(cause, kinds) for cause in causes):
            return Unavailable(message, reason=reason)
    return Unavailable("it cannot be asked", reason="RequestFailed")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what it was made of: requests and urllib3 nest them as causes, contexts and arguments."""
    while error is not None:
        yield error
        yield from (part for part in error.args if isinstance(part, BaseException))
        reason = getattr(error, "reason", None)
        error = error.__cause__ or error.__context__ or (reason if isinstance(reason, BaseException) else None)


_Kinds = type[BaseException] | tuple[type[BaseException], ...]
_FAILURES: tuple[tuple[_Kinds, str, str], ...] = (
    (requests.exceptions.SSLError, "TLSFailed", "its certificate does not verify"),
    (NameResolutionError, "NameNotResolved", "its name does not resolve"),
    ((ConnectionRefusedError, NewConnectionError), "Refused", "it refuses connections"),
    (
        (requests.Timeout, Urllib3TimeoutError, TimeoutError),
        "Timeout",
        "it does not answer in time",
    ),
    (
        (requests.ConnectionError, HTTPError, ConnectionError),
        "Reset",
        "it closed the connection before it had answered",
    ),
)
