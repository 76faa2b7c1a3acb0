"""The command line against a cluster of given looks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from sluice.cli.main import app
from sluice.cli.reader import Session, Where
from sluice.ports import NotFound, SluiceError

Look = Mapping[str, Any] | SluiceError
NOW = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


@dataclass
class Looks:
    """A `Reader` whose candidate changes with every look; the last look stays."""

    looks: Sequence[Look] = ()
    listed: Sequence[Mapping[str, Any]] = ()
    namespace: str = "default"
    asked: list[tuple[str | None, str]] = field(default_factory=list)

    def candidates(self, namespace: str | None) -> Sequence[Mapping[str, Any]]:
        self.asked.append((namespace, ""))
        return [raw for raw in self.listed if namespace in (None, raw["metadata"]["namespace"])]

    def candidate(self, namespace: str, name: str) -> Mapping[str, Any]:
        self.asked.append((namespace, name))
        if not self.looks:
            raise NotFound(f"there is no ModelCandidate {name} in the namespace {namespace}: `sluice get -A` lists all")
        look = self.looks[min(len(self.asked), len(self.looks)) - 1]
        if isinstance(look, SluiceError):
            raise look
        return look


Sluice = Callable[..., Result]


@pytest.fixture
def sluice() -> Sluice:
    """Return a function that runs `sluice` with these arguments against these looks (or this error)."""

    def run(*arguments: str, reader: Looks | SluiceError | None = None) -> Result:
        def connect(_: Where) -> Looks:
            if isinstance(reader, SluiceError):
                raise reader
            return reader or Looks()

        return CliRunner().invoke(app, list(arguments), obj=Session(connect=connect, now=lambda: NOW))

    return run
