"""A plan out of a YAML file: the same rules, and the same words, as the operator's."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from sluice.api.plan import RolloutPlanSpec
from sluice.core.timeline import printable
from sluice.ports import NotFound, Rejected

KIND = "RolloutPlan"
_SHOWN_ERRORS = 3


def load_plan(path: Path) -> tuple[str, RolloutPlanSpec]:
    """Return a plan's name and spec. Raises NotFound, or Rejected naming the field that is wrong."""
    raw = _plan_of(path)
    meta = raw.get("metadata")
    name = meta.get("name") if isinstance(meta, Mapping) else None
    try:
        return printable(str(name or path.name)), RolloutPlanSpec.model_validate(raw.get("spec"))
    except ValidationError as error:
        raise Rejected(
            f"{path}: {_sentence(error)}: correct it; docs/reference/rolloutplan.md lists all fields"
        ) from error


def _plan_of(path: Path) -> Mapping[str, Any]:
    try:
        documents = list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {path}: name the YAML file of a {KIND}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise Rejected(f"{path} cannot be read ({type(error).__name__}): name the YAML file of a {KIND}") from error
    except yaml.YAMLError as error:
        raise Rejected(f"{path} is no YAML ({_place(error)}): correct it") from error
    plans = [one for one in documents if isinstance(one, Mapping) and one.get("kind") == KIND]
    if len(plans) != 1:
        raise Rejected(f"{path} holds {len(plans)} objects of kind {KIND}, wanted is one: name a file with one plan")
    return plans[0]


def _place(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    where = "" if mark is None else f" in line {mark.line + 1}"
    return printable(f"{getattr(error, 'problem', None) or 'not to be read'}{where}")


def _sentence(error: ValidationError) -> str:
    """Return which fields are wrong and why, without echoing their values."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    parts = [".".join(["spec", *map(str, one["loc"])]) + f": {one['msg']}" for one in found[:_SHOWN_ERRORS]]
    more = f" (and {len(found) - _SHOWN_ERRORS} more)" if len(found) > _SHOWN_ERRORS else ""
    return "; ".join(parts) + more
