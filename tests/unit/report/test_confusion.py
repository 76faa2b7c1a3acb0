"""The confusion matrix of the page: each cell's share, and by how much it is more or less than the champion's."""

import re

import pytest

from sluice.report.confusion import confusion
from sluice.report.items import Confusion

CHAMPION = {("no", "no"): 80, ("no", "yes"): 20, ("yes", "no"): 5, ("yes", "yes"): 45}
CANDIDATE = {("no", "no"): 77, ("no", "yes"): 23, ("yes", "no"): 1, ("yes", "yes"): 49}


def cells(found: Confusion) -> list[tuple[str, str, str]]:
    """Return of each cell how it is coloured, how strongly, and its words."""
    cell = r'<td(?: class="(.*?)" style="--part:(.*?)")?>(.*?)</td>'
    return [
        (kind, part, " ".join(re.sub("<.*?>", " ", body).split()))
        for kind, part, body in re.findall(cell, confusion(found))
    ]


def matrix(candidate: dict[tuple[str, str], int], champion: dict[tuple[str, str], int] | None) -> Confusion:
    return Confusion(actual=("no", "yes"), predicted=("no", "yes"), candidate=candidate, champion=champion)


@pytest.mark.parametrize(
    ("candidate", "champion", "want"),
    [
        pytest.param(
            CANDIDATE,
            CHAMPION,
            [
                ("worse", "16%", "77.0 % 77 -3 (-3.0)"),
                ("worse", "16%", "23.0 % 23 +3 (+3.0)"),
                ("better", "44%", "2.0 % 1 -4 (-8.0)"),
                ("better", "44%", "98.0 % 49 +4 (+8.0)"),
            ],
            id="more mistakes are worse, fewer are better, and points are of the row's own items",
        ),
        pytest.param(
            CHAMPION,
            CHAMPION,
            [
                ("", "0%", "80.0 % 80 ±0 (±0)"),
                ("", "0%", "20.0 % 20 ±0 (±0)"),
                ("", "0%", "10.0 % 5 ±0 (±0)"),
                ("", "0%", "90.0 % 45 ±0 (±0)"),
            ],
            id="no change has no colour",
        ),
        pytest.param(
            {("no", "yes"): 100, ("yes", "yes"): 50},
            {("no", "no"): 100, ("yes", "yes"): 50},
            [
                ("worse", "55%", "0.0 % 0 -100 (-100.0)"),
                ("worse", "55%", "100.0 % 100 +100 (+100.0)"),
                ("", "0%", "0.0 % 0 ±0 (±0)"),
                ("", "0%", "100.0 % 50 ±0 (±0)"),
            ],
            id="a class that is lost altogether: no colour is so strong that it hides the words",
        ),
        pytest.param(
            CHAMPION,
            None,
            [("", "", "80.0 % 80"), ("", "", "20.0 % 20"), ("", "", "10.0 % 5"), ("", "", "90.0 % 45")],
            id="without a champion nothing changes",
        ),
    ],
)
def test_each_cell_says_its_share_and_its_change(
    candidate: dict[tuple[str, str], int],
    champion: dict[tuple[str, str], int] | None,
    want: list[tuple[str, str, str]],
) -> None:
    assert cells(matrix(candidate, champion)) == want


def test_a_name_of_a_class_is_no_markup() -> None:
    shown = confusion(Confusion(actual=("<b>",), predicted=("<b>",), candidate={("<b>", "<b>"): 1}, champion=None))

    assert "<th>&lt;b&gt;</th>" in shown
