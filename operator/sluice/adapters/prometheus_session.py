"""The HTTP session under the Prometheus client: one try, no redirects, bounded time and size, whole answers only.

Everything that is not a whole, good answer is an `Unavailable` whose message never carries a URL or a body.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import requests
from requests.adapters import BaseAdapter
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError
from urllib3.exceptions import TimeoutError as Urllib3TimeoutError

from sluice.ports import Unavailable

CHUNK = 65_536
NOT_PROMETHEUS = "the metrics provider's answer is not Prometheus's JSON"
_REFUSALS = {
    400: ("QueryRejected", "the metrics provider calls the query invalid"),
    401: ("Unauthorized", "the metrics provider wants other credentials"),
    403: ("Unauthorized", "the metrics provider forbids the query"),
    404: ("NotPrometheus", "the metrics provider has no query API at its address"),
    422: ("QueryRejected", "the metrics provider cannot execute the query"),
    429: ("Overloaded", "the metrics provider asks for fewer queries"),
    503: ("Overloaded", "the metrics provider is overloaded or starting"),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, in the shape that the client wants of a response."""

    document: Mapping[str, Any]
    status_code: int = 200

    def json(self) -> Mapping[str, Any]:
        """Return the parsed body."""
        return self.document


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
                _check_status(response.status_code)
                return Answer(_document(b"".join(self._body(response, deadline))))
        except (requests.RequestException, HTTPError, OSError) as error:
            raise _unavailable(error) from error

    def _body(self, response: requests.Response, deadline: float) -> Iterator[bytes]:
        size = 0
        while chunk := response.raw.read1(CHUNK):
            size += len(chunk)
            if size > self.max_bytes:
                raise Unavailable(f"the metrics provider's answer exceeds {self.max_bytes} bytes", reason="TooLarge")
            if monotonic() > deadline:
                raise Unavailable("the metrics provider's answer takes too long", reason="Timeout")
            yield chunk


def _check_status(status: int) -> None:
    if status == requests.codes.ok:
        return
    if requests.codes.multiple_choices <= status < requests.codes.bad_request:
        raise Unavailable("the metrics provider redirects, which is not followed", reason="Redirected")
    reason, message = _REFUSALS.get(status, ("ServerError", f"the metrics provider answers with status {status}"))
    raise Unavailable(message, reason=reason)


def _document(body: bytes) -> Mapping[str, Any]:
    """Return a successful, complete result of raw samples."""
    try:
        document = json.loads(body)
        matrix = document["status"] == "success" and document["data"]["resultType"] == "matrix"
        warnings = document.get("warnings")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Unavailable(NOT_PROMETHEUS, reason="NotPrometheus") from error
    if not matrix:
        raise Unavailable(NOT_PROMETHEUS, reason="NotPrometheus")
    if warnings:
        raise Unavailable("the metrics provider warns that its answer is partial", reason="PartialData")
    return dict(document)


def _unavailable(error: Exception) -> Unavailable:
    causes = tuple(_chain(error))
    for kinds, reason, message in _FAILURES:
        if any(isinstance(cause, kinds) for cause in causes):
            return Unavailable(message, reason=reason)
    return Unavailable("the metrics provider cannot be asked", reason="RequestFailed")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what it was made of: requests and urllib3 nest them as causes, contexts and arguments."""
    while error is not None:
        yield error
        yield from (part for part in error.args if isinstance(part, BaseException))
        reason = getattr(error, "reason", None)
        error = error.__cause__ or error.__context__ or (reason if isinstance(reason, BaseException) else None)


_Kinds = type[BaseException] | tuple[type[BaseException], ...]
_FAILURES: tuple[tuple[_Kinds, str, str], ...] = (
    (requests.exceptions.SSLError, "TLSFailed", "the metrics provider's certificate does not verify"),
    (NameResolutionError, "NameNotResolved", "the metrics provider's name does not resolve"),
    ((ConnectionRefusedError, NewConnectionError), "ConnectionRefused", "the metrics provider refuses connections"),
    (
        (requests.Timeout, Urllib3TimeoutError, TimeoutError),
        "Timeout",
        "the metrics provider does not answer in time",
    ),
    (
        (requests.ConnectionError, HTTPError, ConnectionError),
        "ConnectionLost",
        "the metrics provider closed the connection before it had answered",
    ),
)
