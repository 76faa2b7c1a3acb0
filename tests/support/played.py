"""`sluice evaluate` played on an example as a person does, and what its README shows of it."""

import json
import re
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from typer.testing import CliRunner

from sluice.cli.main import app

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
_BLOCK = re.compile(r"```\n\$ (?P<command>(?:[^\n]*\\\n)*[^\n]*)\n(?P<output>.*?)\n```", re.DOTALL)
_TO_ITSELF = re.compile(r"examples/[a-z]+/\.data/")


@dataclass(frozen=True)
class Played:
    """What a run of the command came to."""

    code: int
    says: str
    """The first line that it prints: the verdict with its reasons."""
    gates: dict[str, str]
    """The verdict of each gate, by its name."""
    document: dict[str, Any]


@dataclass(frozen=True)
class Example:
    """An example whose models and data are in a folder."""

    name: str
    data: Path
    store: str
    """The MLflow store of all runs: making one takes seconds."""

    def evaluate(self, arguments: str, out: Path) -> Played:
        """Run `sluice evaluate` with the arguments as the README writes them, its .data being our folder."""
        here = _TO_ITSELF.sub(f"{self.data}/", arguments).split()
        here[0] = str(ROOT / here[0])
        with chdir(out):  # a new store puts the artifacts of runs where the command is run
            result = CliRunner().invoke(app, ["evaluate", *here, "--out", str(out), "--tracking-uri", self.store])
        assert (out / "result.json").is_file(), result.output
        document = json.loads((out / "result.json").read_text(encoding="utf-8"))
        gates = {gate["name"]: gate["verdict"] for gate in document["gates"]}
        return Played(result.exit_code, result.stdout.splitlines()[0], gates, document)

    def shown(self) -> dict[str, str]:
        """Return what the README shows: by the arguments of the command, the first line of its output."""
        page = (EXAMPLES / self.name / "README.md").read_text(encoding="utf-8")
        blocks = [found.groupdict() for found in _BLOCK.finditer(page)]
        joined = [(block["command"].replace("\\\n", " "), block["output"]) for block in blocks]
        return {" ".join(command.split()[2:]): output for command, output in joined}

    def pinned(self, plan: str) -> dict[str, str]:
        """Return the digests of the plan's data sets by name."""
        spec = yaml.safe_load((EXAMPLES / self.name / plan).read_text(encoding="utf-8"))["spec"]
        return {one["name"]: one["digest"] for one in spec["evaluation"]["datasets"]}
