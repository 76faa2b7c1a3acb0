"""The pytest plugin that gives a team's tests the fixtures `candidate` and `champion`.

The evaluation Job loads it, and so can anybody: `pytest -p sluice.evaluation.suites.plugin --candidate FOLDER tests`.
"""

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from sluice.evaluation.suites.arm import Arm

NO_CHAMPION = "there is no champion"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that say where the models lie."""
    group = parser.getgroup("sluice", "models under test")
    group.addoption("--candidate", metavar="FOLDER", help="MLflow model that the fixture `candidate` gives.")
    group.addoption("--champion", metavar="FOLDER", help="MLflow model that the fixture `champion` gives.")
    group.addoption("--collected-to", metavar="FILE", help="Where to write how many tests were collected.")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Write how many tests are about to be run, so that an end too early is seen."""
    place = session.config.getoption("--collected-to")
    if place:
        Path(place).write_text(str(len(session.items)), encoding="utf-8")


def _load(folder: str) -> Any:  # noqa: ANN401 -- an mlflow PyFuncModel
    import mlflow.pyfunc  # noqa: PLC0415 -- seconds, and only a test that asks needs it

    return mlflow.pyfunc.load_model(folder)


@pytest.fixture(scope="session")
def candidate(pytestconfig: pytest.Config) -> Arm:
    """Return the version that wants to serve."""
    folder = pytestconfig.getoption("--candidate")
    if not folder:
        pytest.fail("there is no candidate: give the folder of an MLflow model as --candidate", pytrace=False)
    return Arm("candidate", partial(_load, folder))


@pytest.fixture(scope="session")
def champion(pytestconfig: pytest.Config) -> Arm:
    """Return the version that serves; where there is none, a test that asks for it is skipped."""
    folder = pytestconfig.getoption("--champion")
    if not folder:
        pytest.skip(NO_CHAMPION)
    return Arm("champion", partial(_load, folder))
