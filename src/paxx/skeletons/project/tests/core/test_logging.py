"""Logging."""

import json
import logging
from collections.abc import Iterator

import pytest

from core.logging import configure


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    names = ("", "uvicorn", "uvicorn.error", "uvicorn.access")
    loggers = [logging.getLogger(name) for name in names]
    before = [(each, each.handlers, each.level, each.propagate) for each in loggers]
    yield
    for logger, handlers, level, propagate in before:
        logger.handlers, logger.propagate = handlers, propagate
        logger.setLevel(level)


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


def test_the_level_is_respected(capsys: pytest.CaptureFixture[str]) -> None:
    configure("WARNING", "text")
    logging.getLogger("shop").info("quiet")
    assert capsys.readouterr().out == ""


def test_an_access_log_that_is_off_stays_off(capsys: pytest.CaptureFixture[str]) -> None:
    access = logging.getLogger("uvicorn.access")
    access.handlers, access.propagate = [], False
    configure("INFO", "text")
    access.info("GET /")
    assert capsys.readouterr().out == ""
