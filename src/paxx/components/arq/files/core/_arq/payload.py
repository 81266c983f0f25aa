"""What travels through Redis with a job: JSON, and the trace that the job belongs to."""

import json
import math
from collections.abc import Mapping
from contextvars import ContextVar
from importlib import import_module
from importlib.util import find_spec
from typing import Any

TRACE = "trace"  # a key that arq does not know, and leaves alone

trace_headers: ContextVar[Mapping[str, str] | None] = ContextVar("trace_headers", default=None)
"""In a job: the trace context of whoever enqueued it."""

_ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False)
_propagate = import_module("opentelemetry.propagate") if find_spec("opentelemetry") else None


def check(task: str, kwargs: Mapping[str, Any]) -> None:
    """Raise TypeError with the name of the first argument that JSON cannot carry unchanged.

    That is all but None, bool, int, finite float, str, lists, and dictionaries with string keys;
    tuples are allowed and arrive as lists.
    """
    for name, value in kwargs.items():
        offender = _offender(value)
        if offender is not None:
            raise TypeError(
                f"argument `{name}` of task `{task}` holds {offender}, which JSON cannot carry;"
                " pass an id, text or numbers"
            )


def dumps(message: dict[str, Any]) -> bytes:
    """Return arq's message of a job or a result as JSON; raises TypeError and ValueError.

    An exception becomes its type and text.
    """
    if isinstance(message.get("r"), BaseException):
        message = message | {"r": _plain_error(message["r"])}
    elif "s" not in message and (headers := _current_trace()):
        message = message | {TRACE: headers}
    return _ENCODER.encode(message).encode()


def loads(raw: bytes) -> dict[str, Any]:
    """Return the message, and keep its trace for the job; raises ValueError if it is not JSON."""
    message = json.loads(raw)
    if not isinstance(message, dict):
        raise ValueError("not the message of a job")
    trace_headers.set(message.get(TRACE))
    return message


def error_of(result: Any) -> tuple[str, str]:
    """Return type and text of the error with which a job ended."""
    if isinstance(result, Mapping):
        return str(result.get("type")), str(result.get("message"))
    return "Error", str(result)


def _plain_error(error: BaseException) -> dict[str, str]:
    return {"type": type(error).__name__, "message": str(error)}


def _current_trace() -> dict[str, str]:
    headers: dict[str, str] = {}
    if _propagate is not None:
        _propagate.inject(headers)
    return headers


def _offender(value: Any) -> str | None:
    if value is None or isinstance(value, bool | int | str):
        return None
    if isinstance(value, float):
        return None if math.isfinite(value) else str(value)
    if isinstance(value, list | tuple):
        return next((found for each in value if (found := _offender(each))), None)
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            return "a key that is not a string"
        return _offender(list(value.values()))
    return f"a {type(value).__name__}"
