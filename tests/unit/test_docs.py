"""The reference says everything: pages are current, and no field, word, metric, flag or value lacks a meaning."""

import re
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
EMPTY_CELL = re.compile(r"\|\s*\|$")


def _generator() -> ModuleType:
    spec = spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


generate = _generator()
PAGES: list[Path] = list(generate.makers())


@pytest.mark.parametrize("page", [pytest.param(page, id=str(page.relative_to(ROOT))) for page in PAGES])
def test_the_page_is_current(page: Path) -> None:
    assert page.read_text(encoding="utf-8") == generate.page(page), "run `make docs`"


@pytest.mark.parametrize("page", [pytest.param(page, id=str(page.relative_to(ROOT))) for page in PAGES])
def test_every_row_has_a_meaning(page: Path) -> None:
    assert [line for line in generate.page(page).splitlines() if EMPTY_CELL.search(line)] == []


def test_no_other_page_lies_in_the_reference() -> None:
    written = {page for page in (ROOT / "docs" / "reference").rglob("*.md") if page.name != "README.md"}
    assert written == {page for page in PAGES if page.parent.name == "reference"}


def leaves(tree: dict[str, object], path: str = "") -> Iterator[str]:
    for name, value in tree.items():
        documented_as_one = f"{path}{name}" in DOCUMENTED
        if isinstance(value, dict) and value and not documented_as_one:
            yield from leaves(value, f"{path}{name}.")
        else:
            yield f"{path}{name}"


DOCUMENTED = {path for path, _, _ in generate.values()}


def test_every_value_of_the_chart_has_a_comment() -> None:
    values = generate.yaml.safe_load((ROOT / "charts" / "sluice" / "values.yaml").read_text(encoding="utf-8"))
    assert set(leaves(values)) == DOCUMENTED
