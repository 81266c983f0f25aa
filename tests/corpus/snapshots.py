"""A folder as it is: what the tests of the corpus compare, and how they count."""

from collections.abc import Callable
from pathlib import Path

from tests.harness import tree

RecordProperty = Callable[[str, object], None]


def snapshot(folder: Path) -> dict[str, bytes]:
    """Return every file, where each symbolic link leads, and which folders are empty."""
    found = tree(folder)
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[f"{name}@"] = str(path.readlink()).encode()
        elif path.is_dir() and not any(path.iterdir()):
            found[f"{name}/"] = b""
    return found
