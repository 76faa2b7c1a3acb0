"""A finished evaluation on this machine: what was asked, measured and judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sluice.api.evaluation_result import EvaluationResult
from sluice.api.plan import Evaluation
from sluice.cli.evaluate_inputs import LocalModel
from sluice.cli.evaluate_items import Items
from sluice.cli.report_rows import Row, rows_of
from sluice.core.gates.judge import Judgement


@dataclass(frozen=True, kw_only=True)
class Evaluated:
    """All that the reports are made of."""

    plan: str
    evaluation: Evaluation
    models: Mapping[str, LocalModel]
    """By arm."""
    result: EvaluationResult
    judgement: Judgement
    items: Sequence[Items]
    tracking_uri: str
    run_id: str
    seconds: float

    @cached_property
    def rows(self) -> Sequence[Row]:
        """The gates, in the order of the plan."""
        return rows_of(self.evaluation.gates, self.result, self.judgement)
