"""A validation of Great Expectations as it writes it to JSON: one case an expectation."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sluice.adapters.tool_results import Json, json_of
from sluice.api.suite_result import CaseOutcome, SuiteCase
from sluice.core.suite_cases import case
from sluice.core.timeline import printable
from sluice.ports import Rejected

_TOOL = "Great Expectations' validation result"


def expectation_cases(path: Path) -> tuple[SuiteCase, ...]:
    """Return the expectations of a validation result, or of a checkpoint's. Raises NotFound or Rejected."""
    return tuple(_case(path, one) for result in _results(path, json_of(path, _TOOL)) for one in result)


def _results(path: Path, document: Json) -> Iterator[list[Any]]:
    runs = document.get("run_results")
    parts: list[object] = [document] if not isinstance(runs, dict) else [_inner(part) for part in runs.values()]
    for part in parts:
        if not isinstance(part, Mapping) or not isinstance(results := part.get("results"), list):
            raise Rejected(f"{printable(str(path))} holds no list `results`: give {_TOOL} as JSON")
        said = (part.get("statistics") or {}).get("evaluated_expectations")
        if isinstance(said, int) and said != len(results):
            raise Rejected(f"{printable(str(path))} says {said} expectations and holds {len(results)}: was it cut?")
        yield results


def _inner(part: object) -> object:
    return part.get("validation_result", part) if isinstance(part, Mapping) else part


def _case(path: Path, one: object) -> SuiteCase:
    if not isinstance(one, Mapping) or not isinstance(config := one.get("expectation_config"), Mapping):
        raise Rejected(f"{printable(str(path))} holds a result without its expectation_config: give {_TOOL} as JSON")
    kind = config.get("type") or config.get("expectation_type") or "expectation"
    kwargs = {key: value for key, value in (config.get("kwargs") or {}).items() if key != "batch_id"}
    return expectation_case(expectation_name(str(kind), kwargs), one)


def expectation_name(kind: str, kwargs: Mapping[str, Any]) -> str:
    """Return what an expectation is called: its type, and what it is about."""
    return f"{kind}({', '.join(f'{key}={json.dumps(value)}' for key, value in kwargs.items())})"


def expectation_case(name: str, found: Mapping[str, Any]) -> SuiteCase:
    """Return the case of one result, as Great Expectations gives it as JSON."""
    raised = _raised(found.get("exception_info"))
    if raised:
        return case(name, CaseOutcome.ERROR, raised)
    if found.get("success") is True:
        return case(name, CaseOutcome.PASSED)
    return case(name, CaseOutcome.FAILED, _seen(found.get("result")))


def _raised(info: object) -> str:
    """Return what an expectation raised, which is told once or by metric; empty when nothing."""
    if not isinstance(info, Mapping):
        return ""
    if info.get("raised_exception"):
        return str(info.get("exception_message") or "it raised an error")
    return next((text for text in map(_raised, info.values()) if text), "")


def _seen(result: object) -> str:
    """Return what was seen instead: counts and numbers, never values of items."""
    told = result if isinstance(result, Mapping) else {}
    wrong, of, value = (told.get(name) for name in ("unexpected_count", "element_count", "observed_value"))
    if isinstance(value, int | float):
        return f"observed {value:,.6g}"
    if isinstance(wrong, int) and isinstance(of, int):
        return f"{wrong:,} of {of:,} values are not as expected"
    return f"{wrong:,} values are not as expected" if isinstance(wrong, int) else "it does not hold"
