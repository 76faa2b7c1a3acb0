"""`sluice explain`: why a candidate is where it is, the numbers behind it, and what to do next."""

from collections.abc import Iterator

from sluice.api.candidate import EvaluationStatus, GateStatus, MetricStatus, PinnedModel, TrafficStatus
from sluice.api.conditions import Condition, ConditionType
from sluice.api.evaluation_result import RUN_FOLDER, RUN_PAGE
from sluice.api.phase import Phase
from sluice.cli.advice import next_step
from sluice.cli.view import View
from sluice.core.timeline import gate_line, lines, metric_line, printable

_LAST = 5


def explanation(view: View) -> str:
    """Return the whole explanation as text."""
    return "\n".join(_paragraphs(view)) + "\n"


def _paragraphs(view: View) -> Iterator[str]:
    yield f"{view.namespace}/{view.name} is {view.status.phase}"
    yield from _who(view)
    why = _why(view)
    if why is not None:
        yield from _section("Why", [f"{why.reason}: {printable(why.message)}"])
    if view.status.evaluation is not None:
        yield from _section("Offline gates", list(_evaluation(view, view.status.evaluation)))
    if view.status.traffic is not None:
        yield from _section("Traffic", [_traffic(view.status.traffic, view.status.phase)])
    yield from _section("Live metrics", [text for metric in view.status.metrics for text in _metric(metric)])
    yield from _section("Last decisions", lines(view.status.history[-_LAST:], view.created))
    step = next_step(why.reason) if why is not None else view.waits_for()
    yield from _section("Next step", [step])


def _who(view: View) -> Iterator[str]:
    candidate, champion = view.status.model, view.status.champion
    yield f"  target     {view.spec.target_ref.kind} {view.spec.target_ref.name}"
    yield f"  candidate  {view.model if candidate is None else _pinned(candidate)}"
    yield f"  champion   {'not known yet' if champion is None else _pinned(champion)}"
    yield f"  plan       {view.spec.plan_ref.name}" + (
        "" if view.status.plan is None else f" (generation {view.status.plan.generation})"
    )


def _pinned(model: PinnedModel) -> str:
    return printable(f"{model.name}/{model.version} in {model.registry} ({model.digest[:19]}…)")


def _why(view: View) -> Condition | None:
    """Return the condition that explains most: what holds it, else what it ended with, else what it does."""
    for kind in (ConditionType.SUSPENDED, ConditionType.STALLED, ConditionType.RECONCILING):
        found = view.condition(kind)
        if found is not None and found.status == "True":
            return found
    return view.condition(ConditionType.READY)


def _traffic(traffic: TrafficStatus, phase: Phase) -> str:
    if phase is Phase.PROMOTED:
        return f"predictor {traffic.stable} serves it and carries everything; {traffic.predictor} is gone"
    seen = "not seen yet" if traffic.observed_weight is None else f"{traffic.observed_weight} % seen in the route"
    text = f"{traffic.weight} % wanted for {traffic.predictor}, {seen}; step {traffic.step + 1}, {traffic.stage}"
    if traffic.cause is None:
        return text
    return f"{text}; taken back because of {traffic.cause}: {printable(traffic.detail)}"


def _evaluation(view: View, found: EvaluationStatus) -> Iterator[str]:
    for gate in found.gates:
        yield from _gate(gate)
    for one in found.uses:
        yield f"{'use':<12} number {one.use:,} of data set {one.dataset}"
    if found.run_id:
        where = f" of registry {view.status.model.registry}" if view.status.model is not None else ""
        yield f"{'report':<12} {printable(f'{RUN_FOLDER}/{RUN_PAGE} in MLflow run {found.run_id}{where}')}"


def _gate(gate: GateStatus) -> Iterator[str]:
    yield gate_line(gate)
    if gate.bound:
        numbers = f"measured {gate.estimate}, bound {gate.bound}, wanted {gate.threshold}, n {gate.n or 0:,}"
        yield f"{'':<12} {printable(numbers)}"


def _metric(metric: MetricStatus) -> Iterator[str]:
    yield metric_line(metric)
    if metric.samples:
        yield f"{'':<12} samples {metric.samples}"


def _section(title: str, body: list[str]) -> Iterator[str]:
    if body:
        yield ""
        yield title
        yield from (f"  {line}" for line in body)
