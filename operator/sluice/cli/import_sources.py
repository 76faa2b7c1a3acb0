"""What `sluice import` is told of results: whose they are, which tool wrote them, and where they lie."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sluice.adapters.great_expectations_results import expectation_cases
from sluice.adapters.junit_results import junit_cases
from sluice.adapters.metric_results import evidently_numbers, mlflow_numbers
from sluice.api.suite import SuiteKind
from sluice.api.suite_result import SuiteCase
from sluice.core.timeline import printable
from sluice.ports import Rejected

NUMBERS: Mapping[str, Callable[[Path], Mapping[str, float]]] = {
    "mlflow": mlflow_numbers,
    "evidently": evidently_numbers,
}
"""Tools whose numbers are for gates."""
CASES: Mapping[str, tuple[SuiteKind, Callable[[Path], tuple[SuiteCase, ...]]]] = {
    "junit": (SuiteKind.PYTEST, junit_cases),
    "gx": (SuiteKind.GREAT_EXPECTATIONS, expectation_cases),
}
"""Tools whose cases are for suites, and of which kind those are."""
_MOST_NAMES = 40


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where the results of one gate or suite lie."""

    option: str
    tool: str
    path: Path
    key: str

    def number(self) -> float:
        """Return the number that a gate is about. Raises NotFound or Rejected."""
        if self.tool not in NUMBERS:
            raise Rejected(f"{self.option}: a gate needs a number, {self.tool} gives cases: say {_tools(NUMBERS)}")
        found = NUMBERS[self.tool](self.path)
        if self.key in found:
            return found[self.key]
        names = ", ".join(sorted(found)[:_MOST_NAMES]) or "none"
        what = f"no number {printable(self.key)}" if self.key else "several numbers"
        raise Rejected(f"{self.option}: the file has {what}: end with # and one of {printable(names)}")

    def cases(self, kind: SuiteKind) -> tuple[SuiteCase, ...]:
        """Return the cases of a suite. Raises NotFound or Rejected."""
        if self.tool not in CASES:
            raise Rejected(f"{self.option}: a suite needs cases, {self.tool} gives numbers: say {_tools(CASES)}")
        wanted, read = CASES[self.tool]
        if wanted is not kind:
            raise Rejected(f"{self.option}: the suite is of kind {kind}, {self.tool} is for {wanted}")
        return read(self.path)


def sources_of(option: str, given: Sequence[str], known: Collection[str]) -> Mapping[str, Source]:
    """Return what was given as NAME=TOOL:PATH or NAME=TOOL:PATH#KEY, by name. Raises Rejected."""
    found: dict[str, Source] = {}
    for text in given:
        shown = f"{option} {printable(text)}"
        name, equals, rest = text.partition("=")
        tool, colon, place = rest.partition(":")
        if not (equals and colon and place):
            raise Rejected(f"{shown}: say NAME=TOOL:PATH, for a number NAME=TOOL:PATH#KEY")
        if tool not in {*NUMBERS, *CASES}:
            raise Rejected(f"{shown}: there is no tool {printable(tool)}: say {_tools({**NUMBERS, **CASES})}")
        if name not in known:
            raise Rejected(f"{shown}: the plan has no gate or suite of that name: use one of {', '.join(known)}")
        if name in found:
            raise Rejected(f"{option} {name} is given twice: give it once")
        path, _, key = place.partition("#")
        found[name] = Source(option=shown, tool=tool, path=Path(path), key=key)
    return found


def _tools(tools: Collection[str]) -> str:
    return " or ".join(tools)
