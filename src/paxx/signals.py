"""Signals that end a process, while files are being written."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


@dataclass(slots=True)
class Interruption:
    """Whether a signal came, and whether it has to wait for the end."""

    waits: bool = False
    came: bool = False

    def handle(self, _number: int, _frame: FrameType | None) -> None:
        """Raise KeyboardInterrupt, once and not while it has to wait."""
        self.came = True
        if not self.waits:
            self.waits = True
            raise KeyboardInterrupt


@contextlib.contextmanager
def as_interrupts() -> Iterator[Interruption]:
    """Turn SIGINT, SIGTERM and SIGHUP into KeyboardInterrupt.

    One that comes while `waits` is set is raised at the end of the block. Signals that are
    ignored stay so; outside of the main thread nothing changes.
    """
    state = Interruption()
    if threading.current_thread() is not threading.main_thread():
        yield state
        return
    numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    heard = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, state.handle) for number in heard}
    try:
        yield state
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
    if state.came:
        raise KeyboardInterrupt
