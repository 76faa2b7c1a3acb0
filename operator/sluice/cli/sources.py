"""Where history comes from: a Prometheus, or a recorded file."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from os import environ
from pathlib import Path

from sluice.api.live import Traffic
from sluice.cli.progressing import Bar, bar
from sluice.cli.recording_file import Header, opened
from sluice.cli.spans import Wanted, shown, span, target
from sluice.core.history import Origin, Portion, counters_of
from sluice.ports import NotFound, Rejected, Unavailable

TOKEN = "SLUICE_PROVIDER_TOKEN"  # noqa: S105 -- the variable's name
"""Environment variable with the bearer token for the provider, if it wants one."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a person typed about the source."""

    target: str = ""
    provider_url: str = ""
    ca_file: str = ""
    wanted: Wanted = field(default_factory=Wanted)
    recorded: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Source:
    """History, and whose it is."""

    header: Header
    asked: Asked

    def portions(self, what: str) -> Iterator[Portion]:
        """Yield all samples, with a progress bar over their time. Raises NotFound when there are none at all."""
        origin, found = self.header.origin, 0
        with bar(what, origin.end - origin.begin) as progress:
            for portion in self._portions():
                found += len(portion.series)
                yield portion
                _advance(progress, portion)
        if not found:
            raise NotFound(_nothing(origin))

    def _portions(self) -> Iterator[Portion]:
        if self.asked.recorded is not None:
            return opened(self.asked.recorded).portions()
        from sluice.adapters.prometheus_history import PrometheusHistory, endpoint  # noqa: PLC0415 -- a slow import

        where = endpoint(self.asked.provider_url, environ.get(TOKEN, ""), self.asked.ca_file)
        return _plainly(PrometheusHistory(where).portions(self.header.origin))


def source_of(asked: Asked, plan: Traffic, now: datetime) -> Source:
    """Return the source of a plan's counters. Raises Rejected when it is not clear which."""
    if asked.recorded is not None:
        if asked != Asked(recorded=asked.recorded):
            raise Rejected("--recorded holds target and time already: leave out --target, --provider-url and times")
        return Source(header=_checked(opened(asked.recorded).header, plan, asked.recorded), asked=asked)
    if not asked.target or not asked.provider_url:
        raise Rejected("say whose samples and where from: --target NAMESPACE/NAME and --provider-url URL")
    if not asked.provider_url.startswith(("http://", "https://")):
        raise Rejected("--provider-url: say the address of a Prometheus: http://HOST:PORT or https://HOST")
    namespace, name = target(asked.target)
    begin, end = span(asked.wanted, now)
    origin = Origin(namespace=namespace, target=name, begin=begin, end=end, counters=counters_of(plan))
    return Source(header=Header(origin=origin), asked=asked)


def _checked(header: Header, plan: Traffic, path: Path) -> Header:
    missing = [spec.metric for spec in counters_of(plan) if spec not in header.origin.counters]
    if missing:
        raise Rejected(f"{path} lacks {', '.join(missing)}, which the plan judges: record it again with this plan")
    return header


def _plainly(portions: Iterator[Portion]) -> Iterator[Portion]:
    try:
        yield from portions
    except Unavailable as error:
        next_step = f"check --provider-url (and {TOKEN}); `kubectl port-forward` reaches one inside a cluster"
        raise Unavailable(
            f"the metrics provider: {error} ({error.reason}): {next_step}", reason=error.reason
        ) from error


def _nothing(origin: Origin) -> str:
    label = origin.counters[0].target_label if origin.counters else "deployment_name"
    return (
        f"there is no sample of {origin.namespace}/{origin.target} from {shown(origin.begin)} to {shown(origin.end)}:"
        f" check the target's name and that Prometheus scrapes it with the labels namespace and {label}"
    )


def _advance(progress: Bar, portion: Portion) -> None:
    progress.advance(portion.end - portion.begin)
