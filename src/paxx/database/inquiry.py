"""Ask the project's side: run it with the interpreter of the project, and hear what it tells."""

import contextlib
import json
import queue
import re
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from paxx import signals
from paxx.database import failures
from paxx.database.answers import Failure, Session
from paxx.environment import required_interpreter
from paxx.errors import Interrupted, PaxxError, PreconditionError, RollbackError

INSIDE = Path(__file__).parent / "inside"
PATIENCE = 10.0  # seconds for a migration to be rolled back, after Ctrl-C

_INTERRUPT = getattr(signal, "CTRL_C_EVENT", signal.SIGINT)  # as Windows calls it

Answer = TypeVar("Answer")


class _Event(msgspec.Struct, frozen=True):
    event: str


class Waiting(msgspec.Struct, frozen=True):
    """Another process changes the database, and is waited for."""

    holder: str
    seconds: float


class Blocked(msgspec.Struct, frozen=True):
    """Other sessions keep a statement from a lock; it is retried for that many seconds."""

    sessions: tuple[Session, ...]
    seconds: float


class Step(msgspec.Struct, frozen=True):
    """A revision begins to run."""

    revision: str
    message: str


@dataclass(frozen=True, slots=True)
class Side:
    """The project's side, and who is told what happens there.

    `talk` is a line that the project prints.
    """

    root: Path
    talk: Callable[[str], None] = lambda _: None
    waiting: Callable[[Waiting], None] = lambda _: None
    blocked: Callable[[Blocked], None] = lambda _: None
    step: Callable[[Step], None] = lambda _: None


def ask(side: Side, kind: type[Answer], action: str, **question: object) -> Answer:
    """Return the answer to a question; raises PaxxError where there is none.

    Ctrl-C and signals that end a process let a migration be rolled back first.
    """
    interpreter = required_interpreter(side.root)
    asked = json.dumps({"action": action, **question})
    outcome: bytes | PaxxError | None = None
    with contextlib.suppress(KeyboardInterrupt), signals.as_interrupts() as interruption:
        interruption.waits = True  # until what is started can be ended
        process = _start((str(interpreter), str(INSIDE), asked), side.root)
        outcome = _Conversation(process, side).outcome(interruption)
    if isinstance(outcome, bytes):
        return msgspec.json.decode(outcome, type=kind)
    raise outcome or AssertionError(asked)


def _start(command: tuple[str, ...], root: Path) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(  # noqa: S603 - the project's own interpreter, no shell
            command,
            cwd=root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # Ctrl-C on a terminal reaches paxx alone, which passes it on once.
            start_new_session=True,
        )
    except OSError as error:
        reason = error.strerror or str(error)
        raise PreconditionError(
            f"`{command[0]}` does not run: {reason.lower()}",
            hint="`uv sync` creates the environment again",
        ) from error


class _Conversation:
    """What a process tells, until it ends."""

    def __init__(self, process: "subprocess.Popen[bytes]", side: Side) -> None:
        self._process = process
        self._side = side
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._step: Step | None = None
        self._printed: deque[str] = deque(maxlen=50)
        self._threads = [threading.Thread(target=each) for each in (self._read, self._relay)]

    def outcome(self, interruption: signals.Interruption) -> bytes | PaxxError:
        """Return the line with the answer, or why there is none."""
        for thread in self._threads:
            thread.start()
        interruption.waits = False
        try:
            if interruption.came:
                raise KeyboardInterrupt  # noqa: TRY301 - the same as if it came now
            last = self._listen()
        except KeyboardInterrupt:
            interruption.waits = True
            last = self._end()
        for thread in self._threads:
            thread.join()
        with self._process:  # closes what it was heard through
            return self._meaning(last)

    def _listen(self) -> bytes | None:
        while (line := self._lines.get()) is not None:
            event = _event(line)
            if event in {"answer", "failure"}:
                return line
            if event == "waiting":
                self._side.waiting(msgspec.json.decode(line, type=Waiting))
            elif event == "blocked":
                self._side.blocked(msgspec.json.decode(line, type=Blocked))
            elif event == "step":
                self._step = msgspec.json.decode(line, type=Step)
                self._side.step(self._step)
            else:
                self._side.talk(line.decode("utf-8", "replace").rstrip("\r\n"))
        return None

    def _end(self) -> bytes | None:
        self._process.send_signal(_INTERRUPT)
        timer = threading.Timer(PATIENCE, self._process.kill)
        timer.start()
        for thread in self._threads:
            thread.join()
        timer.cancel()
        self._lines.put(None)  # the interrupt may have come when the one before had been read
        return self._listen() or b""

    def _meaning(self, last: bytes | None) -> bytes | PaxxError:
        self._process.wait()
        if last is None:
            return self._end_without_answer(self._process.returncode)
        if not last:
            return Interrupted("interrupted; `paxx db status` tells what the database is at")
        if _event(last) == "answer":
            return last
        return failures.error_of(msgspec.json.decode(last, type=Failure))

    def _end_without_answer(self, code: int) -> PaxxError:
        if code >= 0:
            return PreconditionError(
                f"the project's interpreter ended with {code}{_kind_of_error(self._printed)}",
                hint="`uv sync` creates the environment again",
            )
        ended = f"signal {-code} ended the project's interpreter"
        if self._step is None:
            return PreconditionError(ended, hint="the system may have run out of memory")
        return RollbackError(
            f"revision `{self._step.revision}` ({self._step.message}) was interrupted: {ended}",
            hint="`paxx db status` reports what the database is at",
        )

    def _read(self) -> None:
        for line in self._process.stdout or ():
            self._lines.put(line)
        self._lines.put(None)

    def _relay(self) -> None:
        for line in self._process.stderr or ():
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            self._printed.append(text)
            self._side.talk(text)


def _event(line: bytes) -> str:
    try:
        return msgspec.json.decode(line, type=_Event).event
    except msgspec.DecodeError:  # something in the environment prints when the interpreter starts
        return ""


def _kind_of_error(printed: Iterable[str]) -> str:
    # The kind alone: the text, which may hold anything, has been shown as talk.
    pattern = r"^([\w.]+(?:Error|Exception|Exit|Interrupt))\b"
    kinds = re.findall(pattern, "\n".join(printed), re.MULTILINE)
    return f": {kinds[-1]}" if kinds else ""
