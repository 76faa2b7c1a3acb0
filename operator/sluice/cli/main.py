"""`sluice` and `kubectl sluice`: reads what the operator records, and says what it means. It writes nothing."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer

from sluice.cli import evaluate_command, import_command
from sluice.cli.reader import Reader, Session, Where
from sluice.ports import SluiceError

app = typer.Typer(
    name="sluice",
    help="Watches and explains rollouts of machine-learning models. Also runs as `kubectl sluice`.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Name = Annotated[str, typer.Argument(help="Name of the ModelCandidate.")]
Namespace = Annotated[str, typer.Option("--namespace", "-n", help="Namespace; without it the context's.")]
Kubeconfig = Annotated[str, typer.Option("--kubeconfig", help="Kubeconfig file; without it kubectl's choice.")]
Output = Annotated[str, typer.Option("--output", "-o", help="table or json.")]
PlanFile = Annotated[Path, typer.Argument(metavar="PLAN", help="YAML file of a RolloutPlan.")]
Target = Annotated[str, typer.Option("--target", help="NAMESPACE/NAME of the SeldonDeployment.")]
ProviderUrl = Annotated[str, typer.Option("--provider-url", help="Address of the Prometheus: http://HOST:PORT.")]
CaFile = Annotated[str, typer.Option("--provider-ca", help="PEM file of the authority that signed its certificate.")]
Since = Annotated[str, typer.Option("--since", help="How far to go back: 90m, 12h, 30d.")]
From = Annotated[str, typer.Option("--from", help="Or from when: 2026-11-24T08:30:00Z.")]
To = Annotated[str, typer.Option("--to", help="Until when; without it until now.")]
Context = Annotated[str, typer.Option("--context", help="Context of the kubeconfig; without it the current one.")]


def _session(context: typer.Context) -> Session:
    return context.obj if isinstance(context.obj, Session) else Session()


@contextmanager
def _failing_plainly() -> Iterator[None]:
    """End with code 2 and one line on standard error when no answer can be had."""
    try:
        yield
    except SluiceError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(2) from error


def _version(wanted: bool) -> None:  # noqa: FBT001 -- typer's protocol
    if wanted:
        typer.echo(f"sluice {metadata.version('sluice-operator')}")
        raise typer.Exit


@app.callback()
def root(
    *,
    _version_wanted: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Prints the version and ends.")
    ] = False,
) -> None:
    """Read what the operator records, and say what it means."""


@app.command()
def get(
    context: typer.Context,
    *,
    name: Annotated[str, typer.Argument(help="Name of one ModelCandidate; without it all are listed.")] = "",
    namespace: Namespace = "",
    all_namespaces: Annotated[bool, typer.Option("--all-namespaces", "-A", help="Lists all namespaces.")] = False,
    output: Output = "table",
    kubeconfig: Kubeconfig = "",
    kube_context: Context = "",
) -> None:
    """List candidates: target, model, phase, step, weight and why."""
    from sluice.cli import listing  # noqa: PLC0415 -- keeps `--help` fast

    session = _session(context)
    _choose(output, listing.FORMATS)
    with _failing_plainly():
        reader = session.connect(Where(kubeconfig=kubeconfig, context=kube_context))
        space = None if all_namespaces else namespace or reader.namespace
        listing.show(listing.Request(reader=reader, namespace=space, name=name, output=output), session.now())


@app.command()
def watch(
    context: typer.Context,
    *,
    name: Name,
    namespace: Namespace = "",
    interval: Annotated[float, typer.Option("--interval", min=0, help="Seconds between two looks.")] = 1.0,
    timeout: Annotated[float, typer.Option("--timeout", min=0, help="Seconds to watch; 0: until the end.")] = 0.0,
    kubeconfig: Kubeconfig = "",
    kube_context: Context = "",
) -> None:
    """Follow one candidate until it ends.

    Exit codes: 0 promoted, 1 rejected or rolled back, 2 no answer, 3 aborted or superseded, 4 failed, 5 timed out.
    """
    from sluice.cli import watching  # noqa: PLC0415 -- keeps `--help` fast

    with _failing_plainly():
        reader, space = _reader(context, Where(kubeconfig=kubeconfig, context=kube_context), namespace)
        wanted = watching.Watch(reader=reader, namespace=space, name=name, interval=interval, timeout=timeout)
        raise typer.Exit(watching.watch(wanted))


@app.command()
def explain(
    context: typer.Context,
    *,
    name: Name,
    namespace: Namespace = "",
    kubeconfig: Kubeconfig = "",
    kube_context: Context = "",
) -> None:
    """Say why one candidate is where it is, the numbers behind it, and the next step."""
    from sluice.cli.explaining import explanation  # noqa: PLC0415 -- keeps `--help` fast
    from sluice.cli.view import viewed  # noqa: PLC0415

    with _failing_plainly():
        reader, space = _reader(context, Where(kubeconfig=kubeconfig, context=kube_context), namespace)
        sys.stdout.write(explanation(viewed(reader.candidate(space, name))))


def _reader(context: typer.Context, where: Where, namespace: str) -> tuple[Reader, str]:
    reader = _session(context).connect(where)
    return reader, namespace or reader.namespace


@app.command()
def plan_check(
    *,
    plan: PlanFile,
    rps: Annotated[
        list[str] | None,
        typer.Option("--rps", metavar="N", help="Requests a second of both predictors; 10 if not given. Or METRIC=N."),
    ] = None,
    baseline: Annotated[
        list[str] | None,
        typer.Option("--baseline", metavar="RATE", help="Share that fails today; 0.01 if not given. Or METRIC=RATE."),
    ] = None,
    output: Output = "table",
) -> None:
    """Say what a plan will take: requests and time to pass a good candidate and to catch a worse one, step by step.

    Needs no cluster. Exit codes: 0 every step can end within its time, 1 some step cannot, 2 bad input.
    """
    from sluice.cli import plan_check as checking  # noqa: PLC0415 -- keeps `--help` fast

    _choose(output, checking.FORMATS)
    with _failing_plainly():
        question = checking.Question(plan=plan, rps=rps or (), baseline=baseline or (), output=output)
        finishes = checking.check(question)
    raise typer.Exit(0 if finishes else 1)


@app.command()
def backtest(
    context: typer.Context,
    *,
    plan: PlanFile,
    target: Target = "",
    provider_url: ProviderUrl = "",
    since: Since = "",
    begin: From = "",
    end: To = "",
    ca_file: CaFile = "",
    recorded: Annotated[
        Path | None, typer.Option("--recorded", metavar="FILE", help="Or a file that `sluice record` wrote.")
    ] = None,
    predictor: Annotated[
        str, typer.Option("--predictor", help="Whose history; without it that of the predictor with most samples.")
    ] = "",
    runs: Annotated[int, typer.Option("--runs", help="How many rollouts to try.")] = 200,
    seed: Annotated[
        int, typer.Option("--seed", help="Another seed, another chance; the same one, the same result.")
    ] = 1,
    inject: Annotated[
        str, typer.Option("--inject", help="Makes the candidate worse: 2x, +0.5%, or METRIC=2x for one metric.")
    ] = "",
    share: Annotated[float, typer.Option("--rps-share", help="With what part of its traffic: 0.1 for a tenth.")] = 1.0,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Also writes a page with pictures.")
    ] = None,
    output: Output = "table",
) -> None:
    """Try a plan on the history of what serves today: its pods are split at random into pretended predictors.

    Says how often a good candidate would have been rolled back and how long a promotion takes; with --inject how soon
    a worse one would have been caught. Needs no cluster. Exit codes: 0 tried, 2 bad input or no answer.
    """
    from sluice.cli import backtest_report, backtesting, sources, spans  # noqa: PLC0415 -- keeps `--help` fast

    _choose(output, backtest_report.FORMATS)
    asked = sources.Asked(
        target=target,
        provider_url=provider_url,
        ca_file=ca_file,
        wanted=spans.Wanted(since=since, begin=begin, end=end),
        recorded=recorded,
    )
    with _failing_plainly():
        question = backtesting.Question(
            plan=plan, asked=asked, runs=runs, seed=seed, inject=inject, share=share, predictor=predictor
        )
        backtest_report.report(backtesting.backtest(question, _session(context).now()), output, html)


@app.command()
def pin(
    *,
    cases: Annotated[Path, typer.Argument(metavar="CASES", help="JSON Lines file of the cases.")],
    name: Annotated[str, typer.Option("--name", help="Name of the set; without it that of the manifest.")] = "",
    version: Annotated[
        str, typer.Option("--version", help="Its version, a new one for other cases; the first is 1.")
    ] = "",
    description: Annotated[str, typer.Option("--description", help="What the cases have in common.")] = "",
    column: Annotated[
        list[str] | None,
        typer.Option("--column", metavar="ROLE=KEY", help="Another key for id, expect, tolerance or hidden."),
    ] = None,
) -> None:
    """Check the cases of a challenge set, write the manifest that pins them, and print the entry for a plan.

    The manifest is manifest.json beside the cases. Exit codes: 0 written or unchanged, 2 bad input.
    """
    from sluice.cli import pinning  # noqa: PLC0415 -- keeps `--help` fast

    with _failing_plainly():
        order = pinning.Order(
            cases=cases, name=name, version=version, description=description, columns=tuple(column or ())
        )
        sys.stdout.write(pinning.pin(order))


def _choose(output: str, formats: tuple[str, ...]) -> None:
    if output not in formats:
        raise typer.BadParameter(f"choose one of {', '.join(formats)}", param_hint="--output")


@app.command()
def record(
    context: typer.Context,
    *,
    plan: PlanFile,
    out: Annotated[Path, typer.Option("--out", help="File to write; a name in .gz is compressed. It must not exist.")],
    target: Target = "",
    provider_url: ProviderUrl = "",
    since: Since = "",
    begin: From = "",
    end: To = "",
    ca_file: CaFile = "",
    candidate: Annotated[
        str, typer.Option("--candidate", help="ModelCandidate whose rollout it was: its times, steps and predictors.")
    ] = "",
    kubeconfig: Kubeconfig = "",
    kube_context: Context = "",
) -> None:
    """Write the raw samples that a plan judges to a file: to be replayed, or attached to a bug report.

    Without --candidate it needs no cluster. Exit codes: 0 written, 2 bad input or no answer.
    """
    from sluice.cli import recording, sources, spans  # noqa: PLC0415 -- keeps `--help` fast

    session = _session(context)
    asked = sources.Asked(
        target=target,
        provider_url=provider_url,
        ca_file=ca_file,
        wanted=spans.Wanted(since=since, begin=begin, end=end),
    )
    with _failing_plainly():
        view = None
        if candidate:
            reader = session.connect(Where(kubeconfig=kubeconfig, context=kube_context))
            view = recording.candidate_of(reader, asked, candidate)
        order = recording.Order(plan=plan, asked=asked, out=out, candidate=view)
        typer.echo(recording.record(order, session.now()))


@app.command()
def replay(
    *,
    recording: Annotated[Path, typer.Argument(metavar="FILE", help="File that `sluice record` wrote.")],
    plan: PlanFile,
    candidate: Annotated[
        str, typer.Option("--candidate-predictor", help="The candidate; without it the recorded, or the later one.")
    ] = "",
    stable: Annotated[str, typer.Option("--stable-predictor", help="What it is held against.")] = "",
    output: Output = "table",
) -> None:
    """Say what would have been said of recorded samples, tick by tick, and how the rollout would have ended.

    Exit codes: 0 promoted, 1 breached or taken back, 2 bad input, 4 no verdict in time, 5 the samples ended first.
    """
    from sluice.cli import replaying  # noqa: PLC0415 -- keeps `--help` fast

    _choose(output, replaying.FORMATS)
    with _failing_plainly():
        question = replaying.Question(recording=recording, plan=plan, candidate=candidate, stable=stable, output=output)
        raise typer.Exit(replaying.EXIT[replaying.replay(question)])


@app.command()
def digests(
    *,
    training: Annotated[Path, typer.Argument(metavar="TRAINING", help="Training data: .parquet, .csv or .jsonl.")],
    columns: Annotated[str, typer.Option("--columns", help="The columns that make an item, as in text or title,text.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Parquet file to write. It must not exist.")],
) -> None:
    """Write the digest list of training data, and print the digest that pins it in a plan (`training` of a data set).

    A gate on contaminatedShare then finds items that the model has seen, word for word or nearly so. The list holds no
    text; whoever has a text can tell whether it is there. Needs the extra `evaluation`. Exit codes: 0 written, 2 bad
    input.
    """
    from sluice.cli.evaluate_inputs import check_extra  # noqa: PLC0415 -- keeps `--help` fast

    with _failing_plainly():
        check_extra()
        from sluice.cli import digesting  # noqa: PLC0415 -- imports what the extra brings

        wanted = [name.strip() for name in columns.split(",")]
        typer.echo(digesting.digests(digesting.Order(training=training, columns=wanted, out=out)))


app.command(cls=evaluate_command.Command)(evaluate_command.evaluate)
app.command("import", cls=evaluate_command.Command)(import_command.import_results)
