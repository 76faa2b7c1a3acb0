"""`sluice evaluate` as a command: its arguments, and how it ends. Nothing slow is imported before it runs."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand
from typer.exceptions import TyperException
from typing_extensions import override

from sluice.ports import Rejected, SluiceError

BAD_INPUT = 3
FORMATS = ("table", "json")

Plan = Annotated[Path, typer.Argument(metavar="PLAN", help="YAML file of a RolloutPlan.")]
Candidate = Annotated[
    str,
    typer.Option(
        "--candidate",
        metavar="MODEL",
        help="What to judge: folder of an MLflow model, models:/NAME/VERSION, models:/NAME@ALIAS, runs:/RUN/PATH; or "
        "sha256:DIGEST where its predictions are in the data.",
    ),
]
Champion = Annotated[
    str, typer.Option("--champion", metavar="MODEL", help="What serves today; without it only min and max are judged.")
]
Data = Annotated[
    list[str] | None,
    typer.Option("--data", metavar="NAME=PATH", help="Local file of a data set of the plan, with the pinned digest."),
]
Suites = Annotated[
    list[str] | None,
    typer.Option("--suite", metavar="NAME=PATH", help="Local file of a suite of the plan, with the pinned digest."),
]
Challenges = Annotated[
    list[str] | None,
    typer.Option(
        "--challenge-set",
        metavar="NAME=PATH",
        help="Local manifest of a challenge set of the plan, with the pinned digest; its cases lie beside it.",
    ),
]
Lists = Annotated[
    list[str] | None,
    typer.Option(
        "--training",
        metavar="NAME=PATH",
        help="Local digest list of the training data of a data set of the plan, with the pinned digest.",
    ),
]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for report.html, junit.xml, result.json.")]
Stores = Annotated[
    Path | None,
    typer.Option(
        "--stores",
        metavar="FILE",
        envvar="SLUICE_STORES",
        show_envvar=False,
        help="YAML file with `stores`, as in the chart's values; keys are AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
    ),
]
TrackingUri = Annotated[
    str,
    typer.Option(
        "--tracking-uri",
        envvar="MLFLOW_TRACKING_URI",
        show_envvar=False,
        help="MLflow for models and the run; without it MLFLOW_TRACKING_URI, else a new store in the out folder.",
    ),
]
CountUse = Annotated[
    bool,
    typer.Option(
        "--count-use",
        help="Count this use of the data sets in the registered model's tags, as a rollout does: later models are held "
        "to a higher confidence. Without it the level is that of the use that a rollout would be.",
    ),
]
Engine = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="ADDRESS",
        help="Ray cluster that asks the models, ray://HOST:PORT; without it this machine does. Needs the extra `ray`.",
    ),
]
Output = Annotated[str, typer.Option("--output", "-o", help="What is printed: table or json.")]


class Command(TyperCommand):
    """A command whose usage errors end with 3: 2 would say that the gates cannot tell."""

    @override
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except TyperException as error:
            error.exit_code = BAD_INPUT
            raise


def evaluate(
    *,
    plan: Plan,
    candidate: Candidate,
    champion: Champion = "",
    data: Data = None,
    suite: Suites = None,
    challenge_set: Challenges = None,
    training: Lists = None,
    out: Out = Path("sluice-evaluation"),
    stores: Stores = None,
    tracking_uri: TrackingUri = "",
    count_use: CountUse = False,
    engine: Engine = "",
    output: Output = "table",
) -> None:
    """Judge a model by the offline gates of a plan, on this machine: the evaluation and the gates of a rollout.

    Needs no cluster, but the extra `evaluation` of sluice-operator, and `suites` for a plan that has some. Models and
    tests are run: evaluate only those you trust.
    Exit codes: 0 pass, 1 some gate failed, 2 cannot tell (too little data), 3 bad input or no result.
    """
    with ending_plainly():
        make_sure(output)
        from sluice.cli import evaluating  # noqa: PLC0415 -- imports what the extra brings

        question = evaluating.Question(
            plan=plan,
            models={"candidate": candidate} | ({"champion": champion} if champion else {}),
            data=tuple(data or ()),
            suites=tuple(suite or ()),
            challenges=tuple(challenge_set or ()),
            lists=tuple(training or ()),
            out=out,
            stores=stores,
            tracking_uri=tracking_uri,
            count_use=count_use,
            engine=engine,
            output=output,
        )
        code = evaluating.evaluate(question)
    raise typer.Exit(code)


def make_sure(output: str) -> None:
    """Raise Rejected for an unknown format, and unless the extra is installed."""
    from sluice.cli.evaluate_inputs import check_extra  # noqa: PLC0415 -- keeps `--help` fast

    if output not in FORMATS:
        raise Rejected(f"--output {output}: choose one of {', '.join(FORMATS)}")
    check_extra()


@contextmanager
def ending_plainly() -> Iterator[None]:
    """End with 3 when there is no answer: neither 1 nor 2, which say something about the model."""
    try:
        yield
    except SluiceError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(BAD_INPUT) from error
    except Exception as error:
        traceback.print_exc()
        typer.echo(f"Error: this should not happen ({type(error).__name__}): please report the lines above", err=True)
        raise typer.Exit(BAD_INPUT) from error
