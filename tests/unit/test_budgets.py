"""The budgets of the architecture: short functions, short files, nothing straight in the source root."""

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("operator", "lab", "tests", "benchmarks", "examples", "docs")
FILE_LINES, FUNCTION_LINES, CORE_FUNCTION_LINES = 400, 60, 40
MEDIAN_LINES, NINETIETH_LINES = 8, 25


def sources(room: str) -> Iterator[Path]:
    yield from (path for path in sorted((ROOT / room).rglob("*.py")) if ".data" not in path.parts)


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Yield the functions of a file with their lines."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node.end_lineno - node.lineno + 1


def test_no_file_is_too_long() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for room in ROOMS
        for path in sources(room)
        if (lines := path.read_text(encoding="utf-8").count("\n")) > FILE_LINES
    }
    assert long == {}


def test_no_function_is_too_long() -> None:
    lengths = [entry for room in ROOMS for path in sources(room) for entry in functions(path)]
    assert [entry for entry in lengths if entry[1] > FUNCTION_LINES] == []
    core = [entry for path in sources("operator/sluice/core") for entry in functions(path)]
    assert [entry for entry in core if entry[1] > CORE_FUNCTION_LINES] == []


def test_most_functions_of_the_product_are_short() -> None:
    lengths = sorted(lines for path in sources("operator") for _, lines in functions(path))
    assert statistics.median(lengths) <= MEDIAN_LINES
    assert lengths[len(lengths) * 9 // 10] <= NINETIETH_LINES


def test_every_module_says_what_lives_there() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in sources(room)
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []
