"""`sluice pin`: checks the cases of a challenge set, and writes the manifest that pins them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from sluice.adapters.small_file import SmallFile
from sluice.api.challenge_manifest import (
    CHALLENGE_SCHEMA,
    CaseColumns,
    ChallengeManifest,
    InvalidManifest,
    parse_manifest,
)
from sluice.api.evaluation_result import explain
from sluice.cli.progressing import say
from sluice.core.challenge_cases import CASES_LIMIT, Case, InvalidCases, cases_of
from sluice.core.timeline import printable
from sluice.ports import Rejected

MANIFEST = "manifest.json"
_ROLES = ", ".join(CaseColumns.model_fields)
_FILE = SmallFile(
    most_bytes=CASES_LIMIT,
    missing="name the JSON Lines file of the cases",
    unreadable="name the JSON Lines file of the cases",
    too_large=f"has more than {CASES_LIMIT >> 20} MiB: make several sets of it",
)


@dataclass(frozen=True, kw_only=True)
class Order:
    """What to pin; what is empty is taken from the manifest that is there."""

    cases: Path
    name: str = ""
    version: str = ""
    description: str = ""
    columns: Sequence[str] = ()
    """ROLE=KEY each."""


def pin(order: Order) -> str:
    """Write the manifest beside the cases, and return the entry for a plan. Raises Rejected, NotFound."""
    path = order.cases.parent / MANIFEST
    content, before = _FILE.content(order.cases), _before(path, order.cases)
    manifest = _manifest(order, content, before)
    if before is None or manifest != before:
        _write(path, manifest)
    state = "unchanged" if manifest == before else "written"
    pinned = manifest.cases
    say(f"{path} is {state}: {pinned.count:,} cases, {pinned.hidden:,} hidden, version {manifest.version}")
    digest = f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
    entry = {"name": manifest.name, "uri": f"mlflow-artifacts:/PATH/{MANIFEST}", "digest": digest}
    return yaml.safe_dump({"challengeSets": [entry]}, sort_keys=False)


def _before(path: Path, cases: Path) -> ChallengeManifest | None:
    """Return the manifest that lies beside the cases, which must be theirs; None where there is none."""
    try:
        found = parse_manifest(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Rejected(f"{printable(str(path))} cannot be read ({error.strerror}): mend or delete it") from error
    except InvalidManifest as error:
        raise Rejected(f"{printable(str(path))} {error}: mend or delete it") from error
    if found.cases.file != cases.name:
        what = f"{printable(str(path))} pins {found.cases.file}, not {printable(cases.name)}"
        raise Rejected(f"{what}: keep each set in a folder of its own")
    return found


def _manifest(order: Order, content: bytes, before: ChallengeManifest | None) -> ChallengeManifest:
    columns = _columns(order.columns, CaseColumns() if before is None else before.columns)
    cases = _cases(order.cases, content, columns)
    name = order.name or (before.name if before else "")
    if not name:
        raise Rejected("--name: say what the set is called, in small letters, digits and dashes; versions share it")
    fields: dict[str, Any] = {
        "schema_version": CHALLENGE_SCHEMA,
        "name": name,
        "version": order.version or (before.version if before else "1"),
        "description": order.description or (before.description if before else ""),
        "columns": columns,
        "cases": {
            "file": order.cases.name,
            "digest": f"sha256:{hashlib.sha256(content).hexdigest()}",
            "count": len(cases),
            "hidden": sum(case.hidden for case in cases),
        },
    }
    try:
        manifest = ChallengeManifest.model_validate(fields)
    except ValidationError as error:
        raise Rejected(f"{printable(str(order.cases))} cannot be pinned: {explain(error)}") from error
    if before is not None and manifest != before and (manifest.name, manifest.version) == (before.name, before.version):
        what = f"--version: {MANIFEST} is version {printable(before.version)} of {before.name} with other content"
        raise Rejected(f"{what}: say a new version")
    return manifest


def _columns(given: Sequence[str], known: CaseColumns) -> CaseColumns:
    found = known.model_dump()
    for text in given:
        role, equals, key = text.partition("=")
        if not equals or role not in found:
            raise Rejected(f"--column {printable(text)}: say ROLE=KEY, ROLE one of {_ROLES}")
        found[role] = key
    try:
        return CaseColumns.model_validate(found)
    except ValidationError as error:
        raise Rejected(f"--column: {explain(error)}") from error


def _cases(path: Path, content: bytes, columns: CaseColumns) -> tuple[Case, ...]:
    try:
        cases = cases_of(content, columns)
    except InvalidCases as error:
        raise Rejected(f"{printable(str(path))} {error}") from error
    if not cases:
        raise Rejected(f"{printable(str(path))} has no case: write one JSON object a line")
    return cases


def _write(path: Path, manifest: ChallengeManifest) -> None:
    text = manifest.model_dump_json(by_alias=True, exclude_defaults=True, indent=2)
    try:
        path.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise Rejected(f"{printable(str(path))} cannot be written ({error.strerror}): use a folder that can") from error
