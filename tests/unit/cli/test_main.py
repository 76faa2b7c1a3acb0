"""What all commands have in common."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Sluice

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    "command", [[], ["get"], ["watch"], ["explain"], ["plan-check"], ["record"], ["replay"], ["backtest"], ["evaluate"]]
)
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_every_command_has_help(sluice: Sluice, command: list[str], flag: str) -> None:
    result = sluice(*command, flag)
    assert result.exit_code == 0
    assert result.output.startswith("Usage: ")


def test_without_a_command_help_is_shown(sluice: Sluice) -> None:
    assert "Commands:" in sluice().output


def test_the_version_is_that_of_the_distribution(sluice: Sluice) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert sluice("--version").output == f"sluice {project['version']}\n"


def test_kubectl_finds_the_same_program_as_its_plugin() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    assert scripts["kubectl-sluice"] == scripts["sluice"] == "sluice.cli.main:app"


def test_help_does_not_load_the_clients() -> None:
    heavy = "{'kubernetes', 'aiohttp', 'rich.live', 'mlflow'}"
    loaded = f"import sys, sluice.cli.main; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
