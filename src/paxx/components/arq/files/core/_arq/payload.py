"""What travels through Redis with a job: JSON, and the trace that the job belongs to."""

import json
import math
from collections.abc import Mapping
from typing import Any

from core._arq import tracing

# Keys of arq, whose package would load its worker into every process that enqueues.
JOB_KEY = "arq:job:"
RESULT_KEY = "arq:result:"
RETRY_KEY = "arq:retry:"

TRACE = "trace"  # a key that arq does not know, and leaves alone

_ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


def dead_letters_key(queue: str) -> str:
    """Return the key of the list with the jobs that no worker can run."""
    return f"{queue}:dead-letters"


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
    if isinstance(error := message.get("r"), BaseException):
        message = message | {"r": {"type": type(error).__name__, "message": str(error)}}
    elif "s" not in message and (headers := tracing.inject()):
        message = message | {TRACE: headers}
    return _ENCODER.encode(message).encode()


def loads(raw: bytes) -> dict[str, Any]:
    """Return the message, and keep its trace for the job; raises ValueError if it is not JSON."""
    message = json.loads(raw)
    if not isinstance(message, dict):
        raise ValueError("not the message of a job")
    tracing.headers.set(message.get(TRACE))
    return message


def error_of(result: Any) -> tuple[str, str]:
    """Return type and text of the error with which a job ended."""
    if isinstance(result, Mapping):
        return str(result.get("type")), str(result.get("message"))
    return "Error", str(result)


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
