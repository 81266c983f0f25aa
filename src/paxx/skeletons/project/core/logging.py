"""Logging to standard output, as text for people or as one JSON object a line."""

import json
import logging
import sys
import time
from functools import lru_cache
from typing import Any, Literal, TextIO

ACCESS_LOGGER = "core.access_log"

# What every record has; anything else was added to it and is worth showing.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}


def configure(level: str, form: Literal["text", "json"]) -> None:
    """Send all logging through one handler; calling it again replaces the earlier one.

    uvicorn's loggers lose their own handlers, so that no line is written twice; what its options
    say, such as `--no-access-log` or `--log-level`, still holds for them.
    """
    handler = BatchHandler(sys.stdout)
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers = []
        logger.propagate = True
    logging.getLogger("uvicorn.error").addFilter(_not_logged_yet)
    _replace_access_log(logging.getLogger("uvicorn.access"), root.level)


def _replace_access_log(theirs: logging.Logger, level: int) -> None:
    ours = logging.getLogger(ACCESS_LOGGER)
    if not theirs.disabled:  # as it is after an earlier call
        ours.disabled = not theirs.hasHandlers()
        ours.setLevel(max(theirs.level, level))
        # Without handlers uvicorn does not even put its lines together.
        theirs.handlers, theirs.propagate, theirs.disabled = [], False, True


def _not_logged_yet(record: logging.LogRecord) -> bool:
    # uvicorn reports what escaped the application, also when core.errors has done so already.
    error = record.exc_info[1] if record.exc_info else None
    return not getattr(error, "logged", False)


class BatchHandler(logging.StreamHandler[TextIO]):
    """Write records at once, but those of the access log, which come in batches, when flushed."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Format a record, and write it with all before it unless it is of the access log."""
        try:
            self._lines.append(self.format(record) + self.terminator)
        except Exception:
            self.handleError(record)
        if record.name != ACCESS_LOGGER:
            self.flush()

    def flush(self) -> None:
        """Write the lines that wait."""
        lines, self._lines = self._lines, []
        if not lines:
            return
        try:
            self.stream.write("".join(lines))
            super().flush()
        except (OSError, ValueError):  # a full disk, a closed stream
            self.handleError(logging.makeLogRecord({"msg": f"{len(lines)} lines are lost"}))


class TextFormatter(logging.Formatter):
    """One line a record: time, level, logger, message, and what was added as `name=value`.

    Control characters are escaped: a path or a header cannot forge a line or steer a terminal.
    """

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")

    def formatTime(self, record: logging.LogRecord, _: str | None = None) -> str:  # noqa: N802
        return f"{_local_second(int(record.created))},{int(record.msecs):03}"

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        added = (f" {name}={value}" for name, value in _added(record).items())
        return _printable(super().formatMessage(record) + "".join(added))

    def formatException(self, ei: Any) -> str:  # noqa: N802
        return "\n".join(map(_printable, super().formatException(ei).split("\n")))


_encode = json.JSONEncoder(default=str).encode


class JsonFormatter(logging.Formatter):
    """One JSON object a record: time in UTC (ISO 8601), level, logger, message, and additions."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "time": f"{_utc_second(int(record.created))}.{int(record.msecs):03}+00:00",
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_added(record),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return _encode(entry)


@lru_cache(maxsize=1)
def _local_second(second: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(second))


@lru_cache(maxsize=1)
def _utc_second(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))


def _added(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name, value in vars(record).items() if name not in _STANDARD}


def _printable(line: str) -> str:
    if line.isprintable():
        return line
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in line
    )
