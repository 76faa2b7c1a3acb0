"""Renders the chart with the real Helm, and looks at what came out."""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from lab import binaries

CHART = Path(__file__).parents[2] / "charts" / "sluice"
NAMESPACE = "sluice-system"
Manifest = dict[str, Any]


class Refused(Exception):  # noqa: N818 -- an outcome
    """Helm refuses; the message is what it says."""


@cache
def program() -> str:
    """Return the path of Helm."""
    return str(binaries.fetch_clients(lambda line: print(line, flush=True)) / "helm")  # noqa: T201 -- a download


def helm(*arguments: str, values: Mapping[str, Any] | None = None) -> str:
    """Run Helm with these values and return its output. Raises Refused."""
    given = ["--values", "-"] if values is not None else []
    done = subprocess.run(
        [program(), *arguments, *given],
        input=yaml.safe_dump(values) if values is not None else None,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Refused(done.stderr)
    return done.stdout


@dataclass(frozen=True)
class Rendered:
    """The objects of a release."""

    objects: Sequence[Manifest]

    def of(self, kind: str) -> list[Manifest]:
        """Return the objects of a kind."""
        return [made for made in self.objects if made["kind"] == kind]

    def one(self, kind: str, name: str = "sluice") -> Manifest:
        """Return the object of this kind and name."""
        (found,) = [made for made in self.of(kind) if made["metadata"]["name"] == name]
        return found

    def pods(self) -> Iterator[tuple[str, Manifest]]:
        """Yield every pod, in a template or bare, with the name of what makes it."""
        for made in self.objects:
            if made["kind"] == "Pod":
                yield made["metadata"]["name"], made["spec"]
            elif "template" in made.get("spec", {}):
                yield made["metadata"]["name"], made["spec"]["template"]["spec"]


def render(values: Mapping[str, Any] | None = None, *, release: str = "sluice") -> Rendered:
    """Return the objects of a release with these values. Raises Refused."""
    return _rendered(yaml.safe_dump(values or {}), release)


@cache
def _rendered(values: str, release: str) -> Rendered:
    text = helm("template", release, str(CHART), "--namespace", NAMESPACE, values=yaml.safe_load(values))
    return Rendered([made for made in yaml.safe_load_all(text) if made])
