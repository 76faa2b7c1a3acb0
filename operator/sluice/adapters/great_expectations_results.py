"""A validation of Great Expectations as it writes it to JSON: one case an expectation."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sluice.adapters.tool_results import Json, json_of
from sluice.api.suite_result import MESSAGE_LIMIT, NAME_LIMIT, CaseOutcome, SuiteCase
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
    name = f"{kind}({', '.join(f'{key}={json.dumps(value)}' for key, value in kwargs.items())})"
    raised = _raised(one.get("exception_info"))
    if raised:
        return _told(name, CaseOutcome.ERROR, raised)
    if one.get("success") is True:
        return _told(name, CaseOutcome.PASSED, "")
    return _told(name, CaseOutcome.FAILED, _seen(one.get("result")))


def _raised(info: object) -> str:
    """Return what an expectation raised, which is told once or by metric; empty when nothing."""
    if not isinstance(info, Mapping):
        return ""
    if info.get("raised_exception"):
        return str(info.get("exception_message") or "it raised an error")
    return next((text for text in map(_raised, info.values()) if text), "")


def _seen(result: object) -> str:
    """Return what was seen instead: counts, never values of items."""
    if isinstance(result, Mapping) and isinstance(wrong := result.get("unexpected_count"), int):
        of = result.get("element_count")
        return f"{wrong:,} of {of:,} values are not as expected" if isinstance(of, int) else f"{wrong:,} values are not"
    value = result.get("observed_value") if isinstance(result, Mapping) else None
    return f"observed {value:,.6g}" if isinstance(value, int | float) else "it does not hold"


def _told(name: str, outcome: CaseOutcome, message: str) -> SuiteCase:
    return SuiteCase(name=_short(name, NAME_LIMIT), outcome=outcome, message=_short(message, MESSAGE_LIMIT))


def _short(text: str, most: int) -> str:
    plain = printable(text)
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"
