"""Reading a predictor's inference graph: its units, their containers, and which are prepackaged servers."""

from collections.abc import Iterator

from lab.seldon_standin.objects import JsonObject

UNKNOWN = "UNKNOWN_IMPLEMENTATION"
BUILT_IN = {"", UNKNOWN, "SIMPLE_MODEL", "SIMPLE_ROUTER", "RANDOM_ABTEST", "AVERAGE_COMBINER"}


def units(unit: JsonObject) -> Iterator[JsonObject]:
    """Return the unit and all below it, parents first."""
    yield unit
    for child in unit.get("children") or []:
        yield from units(child)


def unit_named(predictor: JsonObject, name: str) -> JsonObject | None:
    """Return the unit a container implements, if it is in the graph."""
    return next((unit for unit in units(predictor["graph"]) if unit["name"] == name), None)


def is_prepackaged(unit: JsonObject) -> bool:
    """Whether a ready-made server implements the unit."""
    return unit.get("implementation", UNKNOWN) not in BUILT_IN


def containers(predictor: JsonObject) -> Iterator[JsonObject]:
    """All containers of all components."""
    for component in predictor.get("componentSpecs") or []:
        yield from (component.get("spec") or {}).get("containers") or []


def container_named(predictor: JsonObject, name: str) -> JsonObject | None:
    """Return the container that belongs to a unit, if the user wrote one."""
    return next((container for container in containers(predictor) if container["name"] == name), None)


def component_index(predictor: JsonObject, container: str) -> int:
    """Which component holds a container; the first, if none does."""
    for index, component in enumerate(predictor.get("componentSpecs") or []):
        if any(item["name"] == container for item in (component.get("spec") or {}).get("containers") or []):
            return index
    return 0


def port_named(container: JsonObject, name: str) -> int | None:
    """Return the number of a container's named port."""
    for port in container.get("ports") or []:
        if port.get("name") == name:
            number: int = port["containerPort"]
            return number
    return None
