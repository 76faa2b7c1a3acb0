"""`sluice pin`: the manifest is what the evaluation reads; what it refuses is refused here, with the line."""

import hashlib
import json
from pathlib import Path

import pytest
import yaml

from sluice.api.challenge_manifest import ChallengeManifest, parse_manifest
from sluice.core.challenge_cases import read_cases
from tests.support.challenges import case, lines
from tests.unit.cli.conftest import Sluice

HIDDEN = "nobody may read this"
CASES = (case("one"), case("two", expect=["neutral", "positive"]), case("three", text=HIDDEN, hidden=True))
NAMED = ["cases.jsonl", "--name", "negation"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Start in a folder with three cases."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cases.jsonl").write_bytes(lines(*CASES))
    return tmp_path


def written(folder: Path) -> ChallengeManifest:
    return parse_manifest((folder / "manifest.json").read_bytes())


def test_the_manifest_pins_the_cases_and_the_entry_pins_the_manifest(sluice: Sluice, folder: Path) -> None:
    result = sluice("pin", *NAMED, "--description", "words that deny")
    made = written(folder)
    (entry,) = yaml.safe_load(result.stdout)["challengeSets"]

    assert (result.exit_code, result.stderr) == (
        0,
        "manifest.json is written: 3 cases, 1 hidden, version 1\n",
    )
    assert (made.name, made.version, made.description) == ("negation", "1", "words that deny")
    assert [one.id for one in read_cases((folder / "cases.jsonl").read_bytes(), made)] == ["one", "two", "three"]
    assert made.cases.digest == f"sha256:{hashlib.sha256(lines(*CASES)).hexdigest()}"
    assert entry == {
        "name": "negation",
        "uri": "mlflow-artifacts:/PATH/manifest.json",
        "digest": f"sha256:{hashlib.sha256((folder / 'manifest.json').read_bytes()).hexdigest()}",
    }
    assert HIDDEN not in result.output


def test_the_same_cases_stay_the_same_version(sluice: Sluice, folder: Path) -> None:
    first, bytes_before = sluice("pin", *NAMED), (folder / "manifest.json").read_bytes()
    again = sluice("pin", "cases.jsonl")

    assert (again.stdout, (folder / "manifest.json").read_bytes()) == (first.stdout, bytes_before)
    assert "is unchanged: 3 cases" in again.stderr


def test_other_cases_need_a_new_version_and_keep_the_rest(sluice: Sluice, folder: Path) -> None:
    sluice("pin", *NAMED, "--version", "7", "--description", "words that deny")
    (folder / "cases.jsonl").write_bytes(lines(*CASES[:2]))
    refused, before = sluice("pin", "cases.jsonl"), written(folder)
    sluice("pin", "cases.jsonl", "--version", "8")

    assert (refused.exit_code, refused.stderr) == (
        2,
        "Error: --version: manifest.json is version 7 of negation with other content: say a new version\n",
    )
    assert (before.version, before.cases.count) == ("7", 3)
    after = written(folder)
    assert (after.version, after.cases.count, after.description) == ("8", 2, "words that deny")


def test_keys_of_another_name_are_told_once(sluice: Sluice, folder: Path) -> None:
    (folder / "cases.jsonl").write_text(json.dumps({"case": "one", "label": "x", "text": "y"}), encoding="utf-8")
    sluice("pin", *NAMED, "--column", "id=case", "--column", "expect=label")
    again = sluice("pin", "cases.jsonl")

    assert again.exit_code == 0, again.stderr
    assert (written(folder).columns.id, written(folder).columns.expect) == ("case", "label")


@pytest.mark.parametrize(
    ("arguments", "content", "says"),
    [
        pytest.param(["gone.jsonl"], b"", "there is no file gone.jsonl: name the JSON Lines file", id="no file"),
        pytest.param(["."], b"", "cannot be read (Is a directory): name the JSON", id="a folder"),
        pytest.param(NAMED, b"\n", "cases.jsonl has no case: write one JSON object a line", id="no case"),
        pytest.param(NAMED, b"{}\n", "cases.jsonl has no name in key 'id' on line 1", id="a case without a name"),
        pytest.param(
            NAMED, lines(case(), case()), "has the id of line 1 again on line 2: names differ", id="a name twice"
        ),
        pytest.param(["cases.jsonl"], None, "--name: say what the set is called", id="no name"),
        pytest.param(["cases.jsonl", "--name", "No Name"], None, "cannot be pinned: name: ", id="a bad name"),
        pytest.param(["cases.txt", "--name", "n"], lines(case()), "cannot be pinned: cases.file: ", id="a bad ending"),
        pytest.param([*NAMED, "--column", "x=y"], None, "--column x=y: say ROLE=KEY, ROLE one of id,", id="a bad role"),
        pytest.param([*NAMED, "--column", "id"], None, "--column id: say ROLE=KEY", id="a role without a key"),
        pytest.param(
            [*NAMED, "--column", "id=expect"], None, "--column: document: Value error, columns must", id="one key twice"
        ),
    ],
)
def test_what_cannot_be_pinned_is_named(
    sluice: Sluice, folder: Path, arguments: list[str], content: bytes | None, says: str
) -> None:
    if content is not None:
        for name in ("cases.jsonl", "cases.txt"):
            (folder / name).write_bytes(content)
    result = sluice("pin", *arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr
    assert not (folder / "manifest.json").exists()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param("[]", "manifest.json is no manifest of a challenge set: ", id="something else"),
        pytest.param("", "mend or delete it", id="an empty file"),
    ],
)
def test_a_manifest_that_is_none_is_never_overwritten(sluice: Sluice, folder: Path, content: str, says: str) -> None:
    (folder / "manifest.json").write_text(content, encoding="utf-8")
    result = sluice("pin", *NAMED)

    assert (result.exit_code, says in result.stderr) == (2, True), result.stderr
    assert (folder / "manifest.json").read_text(encoding="utf-8") == content


def test_two_sets_do_not_share_a_folder(sluice: Sluice, folder: Path) -> None:
    sluice("pin", *NAMED)
    (folder / "other.jsonl").write_bytes(lines(*CASES))
    result = sluice("pin", "other.jsonl", "--name", "other")

    assert result.exit_code == 2
    assert "manifest.json pins cases.jsonl, not other.jsonl: keep each set in a folder of its own" in result.stderr
