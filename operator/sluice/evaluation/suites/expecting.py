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

from sluice.adapters.great_expectations_results import expectation_case, expectation_name
from sluice.adapters.reading import opened, read_columns
from sluice.api.suite_result import CaseOutcome, SuiteCase
from sluice.core.suite_cases import case
from sluice.evaluation.failure import first_line

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
    return expectation_case(_name(one), found)


def _whole(error: Exception) -> str:
    """Return an error in a line: of several at once all, for the first line of that only counts them."""
    return str(error) if hasattr(error, "errors") else first_line(error)


def _name(one: Json) -> str:
    return expectation_name(one["type"], one.get("kwargs", {}))


if __name__ == "__main__":
    main()
