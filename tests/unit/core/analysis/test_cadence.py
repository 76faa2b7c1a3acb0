"""How often a target is scraped, told from its samples."""

import pytest

from sluice.core.analysis.cadence import Cadence, cadence, too_short
from sluice.core.analysis.samples import Series

NOW = 1000.0


def series(*times: float) -> Series:
    return Series({}, tuple((time, 1.0) for time in times))


@pytest.mark.parametrize(
    ("found", "want"),
    [
        pytest.param((), None, id="nothing was read"),
        pytest.param((series(),), None, id="series without samples say nothing"),
        pytest.param((series(997),), Cadence(None, 3.0), id="one sample has an age but no interval"),
        pytest.param((series(985, 990, 995),), Cadence(5.0, 5.0), id="even scrapes"),
        pytest.param((series(900, 960, 965, 970, 975),), Cadence(5.0, 25.0), id="a gap does not change the interval"),
        pytest.param((series(980, 995), series(999)), Cadence(15.0, 1.0), id="the newest of all series counts"),
        pytest.param((series(990, 1001),), Cadence(11.0, 0.0), id="a clock that is ahead is no lag"),
        pytest.param(
            (series(970, 980, 990), series(972, 982, 992)), Cadence(10.0, 8.0), id="pods scraped at other moments"
        ),
    ],
)
def test_the_cadence(found: tuple[Series, ...], want: Cadence | None) -> None:
    assert cadence(found, NOW) == want


@pytest.mark.parametrize(
    ("tick", "measured", "want"),
    [
        pytest.param(5, None, "", id="unknown"),
        pytest.param(5, Cadence(None, 1), "", id="one scrape so far"),
        pytest.param(5, Cadence(5.01, 1), "", id="jitter"),
        pytest.param(15, Cadence(5, 1), "", id="a longer tick saves queries"),
        pytest.param(
            5,
            Cadence(15, 1),
            "a tick of 5 s, shorter than the scrape interval of 15 s, is pointless: it reads the same samples again",
            id="a shorter tick is told so",
        ),
    ],
)
def test_a_tick_shorter_than_the_scrape_interval_is_pointless(tick: float, measured: Cadence, want: str) -> None:
    assert too_short(tick, measured) == want
