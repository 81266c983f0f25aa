"""List the files under a folder in the order of their keys."""

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress

from core._storage.keys import RESERVED
from core._storage.root import Root
from core._storage.types import InvalidKeyError

Found = tuple[str, os.stat_result]


def files(root: Root, segments: Sequence[str]) -> Iterator[Found]:
    """Yield key and stat of the files whose keys begin with these segments.

    The last segment may be a part of a name. The order is that of the keys in UTF-8. Symlinks
    are left out, and so is what is deleted meanwhile.
    """
    *folders, beginning = segments
    above = "".join(f"{folder}/" for folder in folders)
    for name, found in _entries(root, folders):
        if not name.startswith(beginning) or above + name.rstrip("/") == RESERVED:
            continue
        if stat.S_ISDIR(found.st_mode):
            yield from files(root, [*folders, name[:-1], ""])
        elif stat.S_ISREG(found.st_mode):
            yield above + name, found


def _entries(root: Root, folders: Sequence[str]) -> list[Found]:
    # A folder sorts as what its keys have there: its name and a slash.
    entries = []
    gone = (FileNotFoundError, NotADirectoryError, InvalidKeyError)  # or a symlink by now
    with suppress(*gone), root.folder(folders) as folder:
        for entry in os.scandir(folder):
            with suppress(FileNotFoundError):
                found = entry.stat(follow_symlinks=False)
                name = f"{entry.name}/" if stat.S_ISDIR(found.st_mode) else entry.name
                entries.append((name, found))
    return sorted(entries, key=lambda entry: os.fsencode(entry[0]))
