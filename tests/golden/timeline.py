"""A play as text: decisions, writes to the spec, routes and remarks, in the order of time."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sluice.api.candidate import HistoryEntry
from sluice.core.timeline import elapsed, line
from sluice.core.turn import moment

if TYPE_CHECKING:
    from tests.golden.play import Play

Row = tuple[float, int, str]


def timeline(play: "Play", story: str) -> str:
    """Return the story as it went."""
    rows = sorted([*_decisions(play), *_specs(play), *_routes(play), *_remarks(play)], key=lambda row: row[:2])
    told = [row for _, _, row in rows]
    return "\n".join([f"# {story}", "", *told, "", *play.clients.summary(play.opened.timestamp()), ""])


def _decisions(play: "Play") -> Iterator[Row]:
    versions = [raw for raw in play.objects.history if raw["kind"] == "ModelCandidate"]
    names = sorted({raw["metadata"]["name"] for raw in versions})
    for name in names:
        mine = [raw.get("status", {}).get("history", ()) for raw in versions if raw["metadata"]["name"] == name]
        for entry in _distinct(mine):
            told = line(entry, play.opened)
            yield moment(entry.time).timestamp(), 1, f"{told[:9]}  {name}{told[9:]}"


def _distinct(histories: Sequence[Sequence[Mapping[str, Any]]]) -> list[HistoryEntry]:
    seen: dict[str, HistoryEntry] = {}
    for history in histories:
        for raw in history:
            seen.setdefault(str(sorted(raw.items())), HistoryEntry.model_validate(raw))
    return list(seen.values())


def _specs(play: "Play") -> Iterator[Row]:
    before = ""
    for time, sdep in play.targets.history:
        text = ", ".join(_brief(predictor) for predictor in sdep["spec"]["predictors"])
        if text != before and time > play.opened.timestamp():
            yield _row(play, time, 2, f"spec     {text}")
        before = text


def _brief(predictor: Mapping[str, Any]) -> str:
    uri = str(predictor["graph"].get("modelUri", "")).removesuffix("/artifacts").rsplit("/", 1)[-1]
    return f"{predictor['name']} ({uri} x{predictor.get('replicas', 1)}) {predictor.get('traffic', 0)}"


def _routes(play: "Play") -> Iterator[Row]:
    for time, route in play.route.route_history:
        if time > play.opened.timestamp():
            yield _row(play, time, 3, "route    " + ", ".join(f"{name} {weight}" for name, weight in route.items()))


def _remarks(play: "Play") -> Iterator[Row]:
    for time, text in play.remarks:
        yield _row(play, time, 0, f"-- {text}")


def _row(play: "Play", time: float, order: int, text: str) -> Row:
    return time, order, f"{elapsed(time - play.opened.timestamp()):>9}  {text}"
