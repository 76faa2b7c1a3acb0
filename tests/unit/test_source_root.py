"""`operator/` is only a source root: a module in it would shadow the standard library's `operator`."""

import operator
from pathlib import Path

ROOT = Path(__file__).parents[2] / "operator"


def test_the_source_root_holds_only_the_package() -> None:
    assert [path.name for path in ROOT.iterdir() if path.name != "__pycache__"] == ["sluice"]


def test_the_standard_librarys_operator_is_the_one_that_is_imported() -> None:
    assert operator.add(1, 2) == 3
    assert ROOT not in Path(str(operator.__file__)).parents
