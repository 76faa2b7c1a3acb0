"""What `sluice evaluate` leaves behind: a page, JUnit, JSON; and what it prints."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sluice.cli import report_junit, report_table
from sluice.ports import Rejected
from sluice.report.evaluated import Evaluated, NamedModel
from sluice.report.page import page

LOCAL_SCHEMA = "sluice.dev/local-evaluation/v1"
PAGE, JUNIT, RESULT = "report.html", "junit.xml", "result.json"


class Reports:
    """The reports of one evaluation, for one folder."""

    def __init__(self, found: Evaluated, out: Path) -> None:
        self._found, self._out = found, out

    def write(self) -> Sequence[Path]:
        """Write all files and return them. Raises Rejected."""
        texts = {
            PAGE: page(self._found),
            JUNIT: report_junit.junit(self._found),
            RESULT: json.dumps(self.document(), indent=1, ensure_ascii=False) + "\n",
        }
        for name, text in texts.items():
            try:
                (self._out / name).write_text(text, encoding="utf-8")
            except OSError as error:
                raise Rejected(
                    f"{self._out / name} cannot be written ({error.strerror}): name another folder with --out"
                ) from error
        return [self._out / name for name in texts]

    def show(self, output: str, written: Sequence[Path]) -> None:
        """Print the evaluation as a table or as JSON."""
        if output == "json":
            sys.stdout.write(json.dumps(self.document(), indent=1, ensure_ascii=False) + "\n")
        else:
            report_table.show(self._found, written)

    def document(self) -> dict[str, Any]:
        """Return the judgement with the result document that it rests on."""
        found, judged = self._found, self._found.judgement
        return {
            "schemaVersion": LOCAL_SCHEMA,
            "plan": found.plan,
            "verdict": judged.verdict,
            "message": judged.message,
            "decisionDigest": judged.decision_digest,
            "gates": [
                {"name": row.name, "verdict": row.status.verdict, "reason": row.reason}
                | {"severity": row.check.severity, "message": row.status.message}
                | {"slices": [{"name": part.name, "verdict": part.verdict} for part in row.slices]}
                for row in found.rows
            ],
            "uses": [{"dataset": one.dataset, "use": one.use} for one in found.uses],
            "models": {arm: _model(model) for arm, model in found.models.items()},
            "mlflow": {"trackingUri": found.tracking_uri, "runId": found.run_id},
            "result": found.result.model_dump(mode="json", by_alias=True),
        }


def _model(model: NamedModel) -> dict[str, str]:
    return {"asked": model.asked, "name": model.name, "version": model.version, "digest": model.digest}
