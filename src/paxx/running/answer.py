"""What a server that was started says of itself once it listens."""

import http.client
import json
import socket
import threading
from dataclasses import dataclass, field
from typing import Any

PATIENCE = 10.0  # seconds for one answer; the application asks its services for two of them
PAUSE = 0.1  # seconds between attempts to connect

_FAILURES = (OSError, http.client.HTTPException, ValueError)


@dataclass(frozen=True, slots=True)
class Answer:
    """What answers: `checks` are the readiness checks, each `ok` or the kind of its error.

    `problem` is why nothing is known of them.
    """

    has_docs: bool = False
    checks: dict[str, str] = field(default_factory=dict)
    problem: str | None = None


def wait_for(address: tuple[str, int], ended: threading.Event) -> Answer | None:
    """Return what the server at an address says once it listens; None if it ended before that."""
    while not ended.wait(PAUSE):
        try:
            socket.create_connection(address, timeout=1).close()
        except OSError:
            continue
        return _asked(address)
    return None


def _asked(address: tuple[str, int]) -> Answer:
    has_docs = False
    try:
        has_docs = _get(address, "/docs")[0] == 200
        status, body = _get(address, "/ready")
        checks = json.loads(body)["checks"]
        return Answer(has_docs, {str(name): str(each) for name, each in checks.items()})
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError):
        return Answer(has_docs, problem=f"`/ready` answers {status}")
    except _FAILURES as error:
        return Answer(has_docs, problem=f"`/ready` does not answer: {type(error).__name__}")


def _get(address: tuple[str, int], path: str) -> tuple[int, Any]:
    connection = http.client.HTTPConnection(*address, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()
