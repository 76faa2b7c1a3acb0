"""The program that looks at expectations: reads an order, asks Great Expectations one at a time, writes the cases.

Great Expectations takes seconds to import, which only an evaluation with such a suite pays. Its telemetry is off.
"""

import json
import sys
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from sluice.api.suite_result import CaseOutcome, SuiteCase
from sluice.evaluation.failure import first_line
from sluice.evaluation.reading import opened, read_columns
from sluice.evaluation.suites.results import case

ARMS = frozenset({"candidate", "champion"})
Json = Mapping[str, Any]


def main() -> None:
    """Answer the order whose file is the only argument."""
    order = json.loads(Path(sys.argv[1]).read_bytes())
    cases = [one.model_dump(mode="json") for one in looked_at(order["expectations"], _frame(order))]
    Path(order["answer"]).write_text(json.dumps(cases), encoding="utf-8")


def _frame(order: Json) -> Any:  # noqa: ANN401 -- pandas
    """Return the data set, and beside it what the models said; their columns win over those of the same name."""
    path = Path(order["data"])
    with opened(path, order["layout"]) as file:
        names = list(file.schema.names)
    said = _said(Path(order["predictions"])) if "predictions" in order else pa.table({})
    table = read_columns(path, order["layout"], [name for name in names if name not in said.column_names])
    for name in said.column_names:
        table = table.append_column(name, said[name])
    return table.to_pandas()


def _said(path: Path) -> Any:  # noqa: ANN401 -- pyarrow
    """Return what the models said: the columns of a table of items that are named after an arm."""
    names = parquet.read_schema(path).names
    return parquet.read_table(path, columns=[name for name in names if name.partition("_")[0] in ARMS])


def looked_at(expectations: list[Json], frame: Any) -> Iterator[SuiteCase]:  # noqa: ANN401 -- pandas
    """Yield a case for each expectation, in their order."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns about its own dependencies when it is imported
        import great_expectations as gx  # noqa: PLC0415 -- see above

        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False, "metric_calculations": False}
        asset = context.data_sources.add_pandas("sluice").add_dataframe_asset("items")
        batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
        for one in expectations:
            yield _case(batch, one)


def _case(batch: Any, one: Json) -> SuiteCase:  # noqa: ANN401 -- Great Expectations
    from great_expectations.expectations.expectation_configuration import (  # noqa: PLC0415 -- as above
        ExpectationConfiguration,
    )

    known = {name: one[name] for name in ("kwargs", "meta", "severity") if one.get(name) is not None}
    try:
        expectation = ExpectationConfiguration(type=one["type"], **{"kwargs": {}, **known}).to_domain_obj()
        found = batch.validate(expectation).to_json_dict()
    except Exception as error:  # noqa: BLE001 -- whatever it raises, that case could not be looked at
        return case(_name(one), CaseOutcome.ERROR, _whole(error))
    raised = _raised(found.get("exception_info"))
    if raised:
        return case(_name(one), CaseOutcome.ERROR, raised)
    if found.get("success") is True:
        return case(_name(one), CaseOutcome.PASSED)
    return case(_name(one), CaseOutcome.FAILED, _seen(found.get("result") or {}))


def _whole(error: Exception) -> str:
    """Return an error in a line: of several at once all, for the first line of that only counts them."""
    return str(error) if hasattr(error, "errors") else first_line(error)


def _name(one: Json) -> str:
    given = ", ".join(f"{name}={json.dumps(value)}" for name, value in one.get("kwargs", {}).items())
    return f"{one['type']}({given})"


def _raised(info: object) -> str:
    """Return what an expectation raised, which is told by metric or once; empty when nothing."""
    if not isinstance(info, Mapping):
        return ""
    if info.get("raised_exception"):
        return str(info.get("exception_message") or "it raised an error")
    return next((text for text in map(_raised, info.values()) if text), "")


def _seen(result: Json) -> str:
    """Return what was seen instead: counts and numbers, never values of items."""
    wrong, of, value = (result.get(name) for name in ("unexpected_count", "element_count", "observed_value"))
    if isinstance(value, int | float):
        return f"observed {value:,.6g}"
    if isinstance(wrong, int) and isinstance(of, int):
        return f"{wrong:,} of {of:,} values are not as expected"
    return f"{wrong:,} values are not as expected" if isinstance(wrong, int) else "it does not hold"


if __name__ == "__main__":
    main()
