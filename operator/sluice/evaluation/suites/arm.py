"""A model as tests see it: rows in, one answer a row out."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from typing_extensions import override


class Arm:
    """The candidate or the champion. The model is loaded when it is first asked."""

    def __init__(self, name: str, load: Callable[[], Any]) -> None:
        self.name, self._load = name, load

    @override
    def __repr__(self) -> str:
        return f"<{self.name}>"

    @cached_property
    def pyfunc(self) -> Any:  # noqa: ANN401 -- an mlflow PyFuncModel
        """The model itself, as MLflow loads it."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # MLflow warns about its own type hints when it is imported
            return self._load()

    def predict(self, rows: Any) -> list[Any]:  # noqa: ANN401 -- whatever has rows
        """Return one answer a row: a class, a number; where the model scores classes, the class with the greatest.

        Rows: a pandas frame, a mapping of columns, mappings of a row each, or values for a model that takes one column.
        """
        names, values = self._answers(rows)
        if not names:
            return [_plain(value) for value in values]
        return [names[row.index(max(row))] for row in values]

    def scores(self, rows: Any) -> list[dict[str, float]]:  # noqa: ANN401 -- as above
        """Return the score of each class, a row at a time. Raises TypeError for a model that has no such scores."""
        names, values = self._answers(rows)
        if not names:
            raise TypeError(f"the {self.name} gives no score for each class")
        return [dict(zip(names, map(float, row), strict=True)) for row in values]

    def _answers(self, rows: Any) -> tuple[tuple[str, ...], Sequence[Any]]:  # noqa: ANN401 -- as above
        """Return the classes and a row of scores a row; without classes, one value a row."""
        frame = self._frame(rows)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a model may warn, whatever the team's settings make of warnings
            answer = self.pyfunc.predict(frame)
        names = tuple(map(str, getattr(answer, "columns", ())))
        values = answer.to_numpy() if hasattr(answer, "to_numpy") else answer
        listed = values.tolist() if hasattr(values, "tolist") else list(values)
        if len(listed) != len(frame):
            raise ValueError(f"the {self.name} gave {len(listed)} answers for {len(frame)} rows")
        if listed and isinstance(listed[0], list):
            if len(listed[0]) == 1:
                return (), [row[0] for row in listed]
            return names or self._classes(len(listed[0])), listed
        return (), listed

    def _classes(self, width: int) -> tuple[str, ...]:
        metadata = getattr(self.pyfunc.metadata, "metadata", None) or {}
        names = tuple(map(str, metadata.get("classes", ())))
        if len(names) != width:
            raise TypeError(f"the {self.name} gives {width} scores a row, and nothing says of which classes")
        return names

    def _frame(self, rows: Any) -> Any:  # noqa: ANN401 -- pandas
        import pandas as pd  # type: ignore[import-untyped]  # noqa: PLC0415 -- as above

        schema = self.pyfunc.metadata.get_input_schema() if self.pyfunc.metadata else None
        names = schema.input_names() if schema is not None and schema.has_input_names() else []
        if isinstance(rows, pd.DataFrame):
            frame = rows
        elif isinstance(rows, Mapping) or (rows and isinstance(rows[0], Mapping)):
            frame = pd.DataFrame(rows)
        elif len(names) == 1:
            frame = pd.DataFrame({names[0]: list(rows)})
        else:
            raise TypeError(
                f"the {self.name} takes columns {', '.join(names) or 'without names'}: give rows with columns"
            )
        return frame[names] if names else frame


def _plain(value: Any) -> Any:  # noqa: ANN401 -- a number of numpy's, or whatever the model gave
    return value.item() if hasattr(value, "item") else value
