"""`sluice import` as a command: its arguments, and how it ends. Nothing slow is imported before it runs."""

from pathlib import Path
from typing import Annotated

import typer

from sluice.cli.evaluate_command import (
    Candidate,
    Champion,
    Data,
    Out,
    Output,
    Plan,
    Stores,
    Suites,
    TrackingUri,
    ending_plainly,
    make_sure,
)

Results = Annotated[
    list[str] | None,
    typer.Option(
        "--from",
        metavar="NAME=TOOL:PATH",
        help="Results for a gate (mlflow:metrics.json#KEY, evidently:report.json#KEY) or a suite (junit:…, gx:…).",
    ),
]
ChampionResults = Annotated[
    list[str] | None,
    typer.Option("--champion-from", metavar="NAME=TOOL:PATH#KEY", help="The champion's number for a gate."),
]


def import_results(
    *,
    plan: Plan,
    candidate: Candidate,
    results: Results = None,
    champion: Champion = "",
    champion_results: ChampionResults = None,
    data: Data = None,
    suite: Suites = None,
    out: Out = Path("sluice-import"),
    stores: Stores = None,
    tracking_uri: TrackingUri = "",
    output: Output = "table",
) -> None:
    """Judge what other tools measured by the gates and suites of a plan: MLflow, Evidently, Great Expectations, JUnit.

    A number without an interval decides nothing: its gate is inconclusive. No model is run, and nothing is recorded.
    Exit codes: 0 pass, 1 something failed, 2 cannot tell, 3 bad input or something has no result.
    """
    with ending_plainly():
        make_sure(output)
        from sluice.cli import evaluating, importing  # noqa: PLC0415 -- imports what the extra brings

        question = evaluating.Question(
            plan=plan,
            models={"candidate": candidate} | ({"champion": champion} if champion else {}),
            data=tuple(data or ()),
            suites=tuple(suite or ()),
            out=out,
            stores=stores,
            tracking_uri=tracking_uri,
            output=output,
        )
        code = importing.import_results(question, {"candidate": results or (), "champion": champion_results or ()})
    raise typer.Exit(code)
