"""Every log line is made in these tests: one that cannot be is a failed write in production."""

import logging

import pytest


@pytest.fixture(autouse=True)
def _all_logs(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="sluice")
