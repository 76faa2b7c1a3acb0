"""The life cycle in the docs is the one in the code."""

from pathlib import Path

from sluice.api.phase import NEXT, TERMINAL, Phase

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "life-cycle.md"


def row(phase: Phase) -> str:
    following = ", ".join(sorted(NEXT[phase])) or "nothing: final"
    return f"| {phase} | {following} |"


def test_every_transition_of_the_code_is_in_the_docs_and_no_other() -> None:
    begin = "<!-- transitions -->\n| phase | what may follow |\n|---|---|\n"
    table = begin + "\n".join(row(phase) for phase in Phase) + "\n<!-- /transitions -->"
    assert table in PAGE.read_text(encoding="utf-8")


def test_final_phases_have_no_way_out_and_all_others_do() -> None:
    assert {phase for phase in Phase if not NEXT[phase]} == TERMINAL
