"""Let the Nth file operation of a block fail, and compare trees with all that matters in them."""

import contextlib
import itertools
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

OPERATIONS = (
    *("open", "write", "fsync", "link", "replace", "rename"),
    *("chmod", "unlink", "mkdir", "rmdir"),
)

Entry = tuple[str, int, bytes]
Tree = dict[str, Entry]


def snapshot(root: Path) -> Tree:
    """Return every file, directory and link with its kind, permissions and content."""
    return {path.relative_to(root).as_posix(): _entry(path) for path in sorted(root.rglob("*"))}


def _entry(path: Path) -> Entry:
    if path.is_symlink():
        return ("link", 0, os.fsencode(path.readlink()))
    mode = path.stat().st_mode & 0o7777
    return ("directory", mode, b"") if path.is_dir() else ("file", mode, path.read_bytes())


@dataclass(slots=True)
class Faults:
    """Counts file operations and lets the one with number `turn` fail, before or after it."""

    turn: int
    fail: Callable[[], None]
    late: bool = False
    count: Iterator[int] = field(default_factory=itertools.count)
    reached: bool = False

    def around(self, operation: Callable[..., Any]) -> Callable[..., Any]:
        """Return the operation, counted."""

        def counted(*arguments: Any, **options: Any) -> Any:
            if next(self.count) != self.turn:
                return operation(*arguments, **options)
            self.reached = True
            if self.late:
                operation(*arguments, **options)
            self.fail()
            return None

        return counted

    @contextlib.contextmanager
    def injected(self) -> Iterator[None]:
        """Count the operations of the block."""
        originals = {name: getattr(os, name) for name in OPERATIONS}
        for name, original in originals.items():
            setattr(os, name, self.around(original))
        try:
            yield
        finally:
            for name, original in originals.items():
                setattr(os, name, original)


def raising(error: BaseException) -> Callable[[], None]:
    """Return a function that raises the error."""

    def fail() -> None:
        raise error

    return fail


def killed_at(turn: int, action: Callable[[], object]) -> bool:
    """Run the action in a child that SIGKILL ends at an operation; tell whether it got there."""
    child = os.fork()
    if child == 0:
        faults = Faults(turn, lambda: os.kill(os.getpid(), signal.SIGKILL))
        with faults.injected(), contextlib.suppress(BaseException):
            action()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)
