"""See what a block does to the machine: programs that it starts, and what it writes outside."""

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_STARTS = {
    *("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn"),
    *("os.fork", "os.forkpty", "os.startfile"),
}
_CHANGES = {
    "os.remove": (0,),
    "os.rmdir": (0,),
    "os.mkdir": (0,),
    "os.rename": (0, 1),
    "os.link": (0, 1),
    "os.symlink": (1,),
    "os.chmod": (0,),
    "os.truncate": (0,),
    "os.utime": (0,),
}
"""Events of calls that change what a path leads to, and which of their arguments are paths."""
_REMOVALS = {"os.remove", "os.rmdir"}
"""Those whose path may be relative to a directory that is open, as in `shutil.rmtree`."""
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


@dataclass(slots=True)
class Watch:
    """What was seen: the programs that were started, and the paths that were written outside."""

    inside: tuple[Path, ...]
    started: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)

    def see(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Remember an audit event if it starts a program or writes outside."""
        if event in _STARTS:
            self.started.append(f"{event} {arguments[:2]}")
        elif event == "open":
            if isinstance(arguments[2], int) and arguments[2] & _WRITING:
                self._write(arguments[0], follow=True)
        else:
            opened = arguments[1] if event in _REMOVALS else -1
            folder = Path(f"/proc/self/fd/{opened}").readlink() if opened >= 0 else Path()
            for index in _CHANGES[event]:
                self._write(arguments[index], follow=False, folder=folder)

    def _write(self, path: Any, *, follow: bool, folder: Path = Path()) -> None:
        if isinstance(path, int):  # a file that is open already
            return
        place = folder / os.fsdecode(path)
        # A link that a path ends in is itself what is removed or replaced.
        place = place.resolve() if follow else place.parent.resolve() / place.name
        is_cache = "__pycache__" in place.parts or place == Path(os.devnull)
        if not is_cache and not any(place.is_relative_to(each) for each in self.inside):
            self.written.append(str(place))


_watches: list[Watch] = []


def _see(event: str, arguments: tuple[Any, ...]) -> None:
    if _watches and (event == "open" or event in _STARTS | _CHANGES.keys()):
        watch = _watches.pop()  # what it does itself is not looked at
        try:
            watch.see(event, arguments)
        except Exception as error:  # noqa: BLE001 - it would fail the call that is watched
            watch.started.append(f"the watch failed: {event} {arguments}: {error!r}")
        finally:
            _watches.append(watch)


sys.addaudithook(_see)  # for good: a hook cannot be taken off


@contextlib.contextmanager
def watched(*inside: Path) -> Iterator[Watch]:
    """Watch the block; what it writes below `inside` is its own affair."""
    watch = Watch(tuple(each.resolve() for each in inside))
    _watches.append(watch)
    try:
        yield watch
    finally:
        _watches.clear()
