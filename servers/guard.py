"""Run one server and end it with the process that asked for it.

`guard.py SIGNAL DIRECTORY COMMAND…` is a script of its own, because only a separate process can
outlive a killed test run long enough to clean up after it, on Linux and macOS alike. It prints the
server's process id, then obeys single bytes: `p` pauses, `r` resumes (each is answered by a line
once it is done), `s` stops. End of file means that the owner died and that nobody else will delete
DIRECTORY.
"""

import os
import select
import shutil
import signal
import subprocess
import sys

STOP_TIMEOUT = 10.0  # seconds, then the server is killed
Child = subprocess.Popen[bytes]


def main() -> int:
    """Run the command to its end and return its exit code."""
    stop_signal, directory, *command = sys.argv[1:]
    woken = _wake_on(signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    try:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=2, stderr=2)  # noqa: S603
    except OSError as error:
        sys.exit(f"`{command[0]}` does not run: {error.strerror}")
    _answer(child.pid)
    last = _obey(child, woken)
    code = _stop(child, int(stop_signal))
    if last == b"":
        shutil.rmtree(directory, ignore_errors=True)
    return code


def _wake_on(*signals: signal.Signals) -> int:
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    signal.set_wakeup_fd(write_end)
    for number in signals:
        signal.signal(number, lambda *_: None)
    return read_end


def _obey(child: Child, woken: int) -> bytes | None:
    while child.poll() is None:
        readable, _, _ = select.select([0, woken], [], [])
        # A child that pauses or resumes raises SIGCHLD too.
        if woken in readable and {*os.read(woken, 64)} != {signal.SIGCHLD}:
            return None
        if 0 in readable and (order := os.read(0, 1)) not in {b"p", b"r"}:
            return order
        if 0 in readable:
            _pause(child) if order == b"p" else child.send_signal(signal.SIGCONT)
            _answer("done")
    return None


def _pause(child: Child) -> None:
    child.send_signal(signal.SIGSTOP)
    os.waitpid(child.pid, os.WUNTRACED)  # a signal is on its way for a moment


def _stop(child: Child, stop_signal: int) -> int:
    if child.poll() is None:
        child.send_signal(stop_signal)
        child.send_signal(signal.SIGCONT)  # a paused server could not act on the signal
    try:
        return child.wait(STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        child.kill()
        return child.wait()


def _answer(answer: object) -> None:
    print(answer, flush=True)  # noqa: T201  the owner reads it


if __name__ == "__main__":
    sys.exit(main())
