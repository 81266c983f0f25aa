"""Many new files as a short tree: files of the root, and folders with how many they hold."""

from collections import Counter
from collections.abc import Iterable, Iterator

_KEPT = ".paxx/"
"""What paxx keeps for itself is one line."""


def lines(paths: Iterable[str]) -> Iterator[str]:
    """Yield a line for each file of the root and for each folder that holds files itself.

    Roots come in the order of the paths; a folder stands below the one that it is in, sorted.
    """
    counts = Counter(_entry(path) for path in paths)
    roots = list(dict.fromkeys(_root(entry) for entry in counts))
    for entry in sorted(counts, key=lambda each: (roots.index(_root(each)), each)):
        above = [each for each in counts if entry.startswith(each) and entry != each]
        name = entry.removeprefix(max(above, key=len, default=""))
        yield f"  create  {'  ' * len(above)}{name}{_held(entry, counts[entry])}"


def _entry(path: str) -> str:
    """Return a file of the root as it is, else the folder of the file, which ends in a slash."""
    if path.startswith(_KEPT):
        return _KEPT
    folder, slash, _ = path.rpartition("/")
    return f"{folder}/" if slash else path


def _root(entry: str) -> str:
    return entry.partition("/")[0]


def _held(entry: str, count: int) -> str:
    if not entry.endswith("/"):
        return ""
    return " (1 file)" if count == 1 else f" ({count} files)"
