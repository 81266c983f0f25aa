"""Signals that end a process."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")

TERMINATING = tuple(getattr(signal, name) for name in _NAMES if hasattr(signal, name))


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
def handled(handler: "signal._HANDLER") -> Iterator[None]:
    """Handle SIGINT, SIGTERM and SIGHUP; those that are ignored, as by `nohup`, stay ignored."""
    heard = [each for each in TERMINATING if signal.getsignal(each) is not signal.SIG_IGN]
    before = {number: signal.signal(number, handler) for number in heard}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous if previous is not None else signal.SIG_DFL)


@contextlib.contextmanager
def as_interrupts() -> Iterator[Interruption]:
    """Turn SIGINT, SIGTERM and SIGHUP into KeyboardInterrupt.

    One that comes while `waits` is set is raised at the end of the block. Signals that are
    ignored stay ignored; outside of the main thread nothing changes.
    """
    state = Interruption()
    if threading.current_thread() is not threading.main_thread():
        yield state
        return
    with handled(state.handle):
        yield state
    if state.came:
        raise KeyboardInterrupt
