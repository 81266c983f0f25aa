"""Logging."""

import json
import logging
from collections.abc import Iterator

import pytest

from core.logging import ACCESS_LOGGER, configure


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    names = ("", "uvicorn", "uvicorn.error", "uvicorn.access", ACCESS_LOGGER)
    before = [(each, vars(each).copy()) for each in map(logging.getLogger, names)]
    yield
    for logger, attributes in before:
        vars(logger).update(attributes)
        logger.setLevel(logger.level)  # forgets what it has cached


def test_text_shows_what_was_added(capsys: pytest.CaptureFixture[str]) -> None:
    configure("INFO", "text")
    logging.getLogger("shop").info("sold %s", "tea", extra={"trace_id": "abc"})
    assert capsys.readouterr().out.endswith("INFO    shop: sold tea trace_id=abc\n")


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure("INFO", "json")
    try:
        raise ValueError("no tea")
    except ValueError:
        logging.getLogger("shop").exception("failed", extra={"trace_id": "abc"})
    entry = json.loads(capsys.readouterr().out)
    assert (entry["level"], entry["logger"], entry["message"]) == ("ERROR", "shop", "failed")
    assert entry["trace_id"] == "abc"
    assert "ValueError: no tea" in entry["exception"]


def test_configuring_twice_writes_every_line_once(capsys: pytest.CaptureFixture[str]) -> None:
    configure("INFO", "text")
    configure("INFO", "text")
    logging.getLogger("uvicorn.error").info("started")
    assert capsys.readouterr().out.count("started") == 1


def test_an_error_that_was_logged_with_its_request_is_not_repeated(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure("INFO", "text")
    error = RuntimeError("bug")
    server = logging.getLogger("uvicorn.error")
    server.error("Exception in ASGI application", exc_info=error)
    vars(error)["logged"] = True
    server.error("Exception in ASGI application", exc_info=error)
    assert capsys.readouterr().out.count("RuntimeError: bug") == 1


def test_records_of_the_access_log_are_written_by_the_next_flush(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure("INFO", "text")
    logging.getLogger(ACCESS_LOGGER).setLevel("INFO")
    for path in "ab":
        logging.getLogger(ACCESS_LOGGER).info(path)
    assert capsys.readouterr().out == ""
    logging.getLogger("shop").warning("c")
    assert [line[-1] for line in capsys.readouterr().out.splitlines()] == ["a", "b", "c"]


def test_the_level_is_respected(capsys: pytest.CaptureFixture[str]) -> None:
    configure("WARNING", "text")
    logging.getLogger("shop").info("quiet")
    assert capsys.readouterr().out == ""


def test_text_escapes_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    configure("INFO", "text")
    try:
        raise ValueError("\x1b[2J")
    except ValueError:
        logging.getLogger("shop").exception("GET /\x1b[31m\nforged\u202e", extra={"agent": "\r"})
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith(r"GET /\x1b[31m\nforged\u202e agent=\r")
    assert lines[-1] == r"ValueError: \x1b[2J"


@pytest.mark.parametrize("is_on", [True, False])
def test_access_log_obeys_the_options_of_uvicorn(is_on: bool) -> None:
    theirs = logging.getLogger("uvicorn.access")
    theirs.disabled = False
    theirs.handlers = [logging.NullHandler()] if is_on else []
    theirs.propagate = False
    for _ in range(2):
        configure("INFO", "text")
        assert logging.getLogger(ACCESS_LOGGER).isEnabledFor(logging.INFO) is is_on
    assert not theirs.hasHandlers()
