"""Tell paxx what happens: one JSON document a line, free of passwords."""

import io
import json
from typing import IO, Any

from paxx.doctor.probe import secrecy

_streams: list[IO[str]] = []


def use(stream: IO[str]) -> None:
    """Write to this stream from now on."""
    _streams.append(stream)


def tell(event: str, facts: dict[str, Any]) -> None:
    """Write one event at once, so that whoever waits sees it."""
    stream = _streams[-1]
    stream.write(json.dumps({"event": event, **facts}) + "\n")
    stream.flush()


class Talk(io.TextIOBase):
    """What the project prints, without passwords: on the standard error of paxx."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._line = ""

    def write(self, text: str) -> int:
        """Keep the text until its line is complete."""
        *lines, self._line = (self._line + text).split("\n")
        for line in lines:
            self._stream.write(secrecy.redacted(line) + "\n")
        return len(text)

    def flush(self) -> None:
        """Write what there is, but no part of a line: a password may be half in it."""
        self._stream.flush()

    def end(self) -> None:
        """Write the rest."""
        if self._line:
            self.write("\n")
        self.flush()
