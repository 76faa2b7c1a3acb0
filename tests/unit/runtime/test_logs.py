"""Log lines as JSON."""

import io
import json
import logging
import sys
from typing import Any

import pytest

from sluice.runtime.logs import JsonFormatter, configure


def line(record: logging.LogRecord) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(JsonFormatter().format(record))
    return found


def record(message: str, *arguments: object, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("sluice.x", logging.INFO, "x.py", 1, message, arguments, None)
    vars(made).update(extra, created=0.0)
    return made


def test_a_line_has_time_level_logger_message_and_what_the_caller_added() -> None:
    assert line(record("written %s", "a", weight=25, k8s_ref="noise")) == {
        "time": "1970-01-01T00:00:00.000+00:00",
        "level": "info",
        "logger": "sluice.x",
        "message": "written a",
        "weight": 25,
    }


def test_newlines_and_objects_stay_in_one_line() -> None:
    text = JsonFormatter().format(record("two\nlines", odd=object()))
    assert "\n" not in text
    assert json.loads(text)["message"] == "two\nlines"


def test_a_traceback_is_a_field() -> None:
    made = record("failed")
    try:
        int("why")
    except ValueError:
        made.exc_info = sys.exc_info()
    assert "ValueError: invalid literal" in line(made)["traceback"]


@pytest.fixture
def root() -> Any:
    logger = logging.getLogger()
    handlers, level = list(logger.handlers), logger.level
    yield
    logger.handlers, logger.level = handlers, level
    logging.getLogger("sluice").setLevel(logging.NOTSET)


@pytest.mark.usefixtures("root")
def test_our_own_logs_follow_the_level_and_libraries_only_warn() -> None:
    stream = io.StringIO()
    configure("debug", stream)
    logging.getLogger("sluice.core").debug("ours")
    logging.getLogger("kopf.reactor").info("theirs")
    logging.getLogger("kopf.reactor").warning("trouble")
    assert [json.loads(text)["message"] for text in stream.getvalue().splitlines()] == ["ours", "trouble"]
