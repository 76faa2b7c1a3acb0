"""Every right that the chart gives, as reviewed: `rbac.txt` is the list; a new verb shows up as a changed line."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.chart.values import NAMED
from tests.support.helm import Rendered, render

GOLDEN = Path(__file__).parent / "rbac.txt"
SCOPES = ("defaults", "namespaced")


def rights(made: Rendered) -> Iterator[str]:
    """Yield one line a right: which role, where, which verbs, on what (and on which names only)."""
    for role in made.of("ClusterRole") + made.of("Role"):
        where = role["metadata"].get("namespace", "*")
        for rule in role["rules"]:
            for group in rule["apiGroups"]:
                for resource in rule["resources"]:
                    what = " ".join([f"{group or 'core'}/{resource}", *rule.get("resourceNames", ())])
                    yield f"{role['metadata']['name']} in {where}: {' '.join(rule['verbs'])} {what}"


def reviewed() -> str:
    return "".join(f"# {scope}\n" + "".join(f"{right}\n" for right in rights(render(NAMED[scope]))) for scope in SCOPES)


def test_the_rights_are_the_reviewed_ones() -> None:
    assert reviewed() == GOLDEN.read_text(encoding="utf-8")


def rules(scope: str) -> list[dict[str, Any]]:
    made = render(NAMED[scope])
    return [rule for role in made.of("ClusterRole") + made.of("Role") for rule in role["rules"]]


@pytest.mark.parametrize("scope", SCOPES)
def test_no_rule_is_open_ended(scope: str) -> None:
    for rule in rules(scope):
        assert "*" not in rule["verbs"] + rule["resources"] + rule["apiGroups"]
        assert not {"escalate", "bind", "impersonate"} & set(rule["verbs"])


@pytest.mark.parametrize("scope", SCOPES)
def test_secrets_are_out_of_reach(scope: str) -> None:
    assert [rule for rule in rules(scope) if "secrets" in rule["resources"]] == []


def test_people_write_no_status() -> None:
    made = render()
    for name in ("sluice-view", "sluice-edit", "sluice-admin"):
        assert [r for rule in made.one("ClusterRole", name)["rules"] for r in rule["resources"] if "/" in r] == []
