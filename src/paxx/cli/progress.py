"""What a long step is doing, on a terminal, for as long as it takes."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_ERASE = "\r\x1b[2K"


@contextmanager
def shown(command: str) -> Iterator[None]:
    """Show which command runs until the block ends; nothing where stderr is no terminal."""
    stream = sys.stderr
    if not stream.isatty() or os.environ.get("TERM") == "dumb":
        yield
        return
    stream.write(f"running `{command}` …")
    stream.flush()
    try:
        yield
    finally:
        stream.write(_ERASE)
        stream.flush()
