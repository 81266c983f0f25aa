"""Run a program in the foreground as if the user had typed it: same terminal, same exit code."""

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from paxx import signals
from paxx.errors import PreconditionError

PASSED_ON: Mapping[int, int] = {each: each for each in signals.TERMINATING if each != signal.SIGINT}
"""Ctrl-C is left out: a terminal sends it to every program in its foreground by itself."""

ALL_TO_TERMINATE: Mapping[int, int] = dict.fromkeys(
    signals.TERMINATING if os.name == "posix" else PASSED_ON, signal.SIGTERM
)
"""Whatever comes, a server is asked to end; to be asked twice, by the terminal too, is the same."""

BY_SIGNAL = frozenset({0, *(128 + each for each in signals.TERMINATING)})
"""Exit codes of a server that was asked to end, and did."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended, `code` as a shell counts; `asked` is whether a signal came for us."""

    code: int
    asked: bool


def run(
    command: Sequence[str],
    root: Path,
    forwarded: Mapping[int, int] = PASSED_ON,
    variables: Mapping[str, str] | None = None,
    kill_after: float | None = None,
) -> Ended:
    """Run a program in `root` to its end, with our own streams.

    `forwarded` maps the signals to forward to those that the program receives; `variables` are
    added to its environment. A program that still runs `kill_after` seconds after the first signal
    is killed. Raises PreconditionError where it does not run.
    """
    early: list[int] = []
    later: list[int] = []
    timers: list[threading.Timer] = []
    child: subprocess.Popen[bytes] | None = None

    def handle(number: int, _: FrameType | None) -> None:
        (early if child is None else later).append(number)
        pass_on(number)

    def pass_on(number: int) -> None:
        if child is None or number not in forwarded:
            return
        child.send_signal(forwarded[number])
        if kill_after is not None and not timers:
            timers.append(threading.Timer(kill_after, child.kill))
            timers[0].start()

    with signals.handled(handle):
        child = _started(command, root, variables or {})
        for number in early:
            pass_on(number)
        code = child.wait()
    for timer in timers:
        timer.cancel()
    return Ended(128 - code if code < 0 else code, bool(early or later))


def _started(
    command: Sequence[str], root: Path, variables: Mapping[str, str]
) -> "subprocess.Popen[bytes]":
    name = command[0]
    has_folder = len(Path(name).parts) > 1
    found = str(root / name) if has_folder else shutil.which(name) or name
    try:
        environment = {**os.environ, **variables}
        if name == "uv":  # ignores one that is not the project's, and warns of it each time
            environment.pop("VIRTUAL_ENV", None)
        return subprocess.Popen([found, *command[1:]], cwd=root, env=environment)  # noqa: S603 - no shell
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise PreconditionError(
            f"`{name}` does not run: {reason}",
            hint="`uv sync` creates the environment of the project again",
        ) from error
