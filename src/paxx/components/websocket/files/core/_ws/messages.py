"""Messages as text: a str as it is, anything else as JSON."""

import json
from typing import Any

from pydantic_core import to_jsonable_python


def encode(data: Any) -> str:
    """Return the text of a message; TypeError or ValueError for what JSON cannot carry."""
    if isinstance(data, str):
        return data
    return json.dumps(
        data, default=_jsonable, ensure_ascii=False, allow_nan=False, separators=(",", ":")
    )


def _jsonable(value: Any) -> Any:
    if isinstance(value, bytes | bytearray | memoryview):
        raise TypeError("bytes have no form in JSON; encode them as text")
    return to_jsonable_python(value)
