"""What a server that was started says of itself once it listens."""

import http.client
import json
import socket
import threading
from dataclasses import dataclass, field

PATIENCE = 10.0  # seconds for one answer; the application asks its services for two of them
PAUSE = 0.1  # seconds between attempts to connect
ATTEMPTS = 5
"""How often a connection may end without an answer, as one does while a server starts or ends."""


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
    attempts = 0
    while not ended.wait(PAUSE):
        try:
            socket.create_connection(address, timeout=1).close()
        except OSError:
            continue
        attempts += 1
        try:
            return _asked(address)
        except (OSError, http.client.HTTPException) as error:
            if attempts == ATTEMPTS or isinstance(error, TimeoutError):
                return Answer(problem=f"`/ready` does not answer: {type(error).__name__}")
    return None


def _asked(address: tuple[str, int]) -> Answer:
    has_docs = _get(address, "/docs")[0] == 200
    status, body = _get(address, "/ready")
    try:
        checks = json.loads(body)["checks"]
        return Answer(has_docs, {str(name): str(each) for name, each in checks.items()})
    except (AttributeError, LookupError, TypeError, ValueError):  # another `/ready` than ours
        return Answer(has_docs, problem=f"`/ready` answers {status}")


def _get(address: tuple[str, int], path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(*address, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()
