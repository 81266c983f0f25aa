"""Logging to standard output, as text for people or as one JSON object a line."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, Literal

# What every record has; anything else was added to it and is worth showing.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}


def configure(level: str, form: Literal["text", "json"]) -> None:
    """Send all logging through one handler; calling it again replaces the earlier one.

    uvicorn's loggers lose their own handlers, so that no line is written twice; what its options
    say, such as `--no-access-log` or `--log-level`, still holds for them.
    """
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        was_off = name == "uvicorn.access" and not logger.handlers and not logger.propagate
        logger.handlers = []
        logger.propagate = not was_off
    logging.getLogger("uvicorn.error").addFilter(_not_logged_yet)


def _not_logged_yet(record: logging.LogRecord) -> bool:
    # uvicorn reports what escaped the application, also when core.errors has done so already.
    error = record.exc_info[1] if record.exc_info else None
    return not getattr(error, "logged", False)


class TextFormatter(logging.Formatter):
    """One line a record: time, level, logger, message, and what was added as `name=value`."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        line = super().formatMessage(record)
        added = _added(record)
        if not added:
            return line
        return f"{line} {' '.join(f'{name}={value}' for name, value in added.items())}"


class JsonFormatter(logging.Formatter):
    """One JSON object a record: time in UTC (ISO 8601), level, logger, message, and additions."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_added(record),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str)


def _added(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name, value in vars(record).items() if name not in _STANDARD}
