"""A suite on disk: its digest checked, its archive unpacked, before any model is loaded."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sluice.adapters.pinned import mismatch
from sluice.api.evaluation_spec import SuiteInput
from sluice.api.suite import ARCHIVES, EXPECTATIONS, TESTS, SuiteKind
from sluice.evaluation.failure import EvaluationFailure
from sluice.evaluation.suites.archive import UnsafeArchive, unpack

EXPECTATIONS_BYTES = 4 << 20
CONFIGURATIONS = ("pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml", "pyproject.toml", "tox.ini", "setup.cfg")
"""Where pytest looks for a team's own settings."""


@dataclass(frozen=True, kw_only=True)
class PreparedSuite:
    """A suite that may be run."""

    source: SuiteInput
    folder: Path
    """Its own: the tests lie here."""
    target: Path
    """What to run: a file, or the folder."""
    expectations: Sequence[Mapping[str, Any]] = ()
    """As Great Expectations wrote them."""


def prepare(source: SuiteInput, file: Path, beside: Path) -> PreparedSuite:
    """Check the file, and lay it out in a new folder in `beside`. Raises EvaluationFailure."""
    folder = beside / source.name
    if other := mismatch(file, source.digest):
        raise _failure(source, "SuiteDigestMismatch", other)
    folder.mkdir(parents=True)
    name = source.uri.lower()
    if source.kind is SuiteKind.GREAT_EXPECTATIONS:
        return PreparedSuite(source=source, folder=folder, target=file, expectations=_expectations(source, file))
    if not name.endswith(TESTS):
        what = f"has a name of unknown ending ({source.uri[-40:]}): tests end in {', '.join(TESTS)}"
        raise _failure(source, "SuiteFormatUnknown", what)
    target = folder
    if name.endswith(ARCHIVES):
        _unpack(source, file, folder)
    else:
        target = folder / Path(source.uri).name
        shutil.copyfile(file, target)
    if not any((folder / one).exists() for one in CONFIGURATIONS):
        (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")  # so that none from above is taken
    return PreparedSuite(source=source, folder=folder, target=target)


def _unpack(source: SuiteInput, file: Path, folder: Path) -> None:
    try:
        unpack(file, source.uri, folder)
    except UnsafeArchive as error:
        raise _failure(source, "SuiteArchiveUnsafe", f"{error}: pack plain files and folders anew") from error


def _expectations(source: SuiteInput, file: Path) -> Sequence[Mapping[str, Any]]:
    """Return the expectations of a suite's JSON; there may be none."""
    if not source.uri.lower().endswith(EXPECTATIONS) or file.stat().st_size > EXPECTATIONS_BYTES:
        what = f"is no {EXPECTATIONS} file of at most {EXPECTATIONS_BYTES >> 20} MiB"
        raise _failure(source, "SuiteFormatUnknown", what)
    try:
        found = json.loads(file.read_bytes())
    except (ValueError, RecursionError) as error:
        raise _failure(
            source, "SuiteUnreadable", "is no JSON: write it with ExpectationSuite.to_json_dict()"
        ) from error
    listed = found.get("expectations") if isinstance(found, dict) else None
    if not isinstance(listed, list) or not all(_is_expectation(one) for one in listed):
        what = "is no suite as Great Expectations 1 writes it: it needs a list `expectations`, each with `type` and"
        raise _failure(source, "SuiteUnreadable", f"{what} `kwargs`; write it with ExpectationSuite.to_json_dict()")
    return listed


def _is_expectation(one: object) -> bool:
    return isinstance(one, dict) and isinstance(one.get("type"), str) and isinstance(one.get("kwargs", {}), dict)


def _failure(source: SuiteInput, reason: str, what: str) -> EvaluationFailure:
    field = f"spec.evaluation.suites[{source.name}]"
    return EvaluationFailure(reason, f"suite {source.name} {what}", field=field)
