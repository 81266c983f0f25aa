"""What is stored beside a file of the local backend: its content type, if not usual, and metadata.

They belong to one version of a file, not to its name: whoever replaces it cannot mix them up. The
version is told by size and modification time, which copies and backups keep.
"""

import json
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from core._storage.keys import guessed_content_type
from core._storage.root import ATTRIBUTES, Root, Segments

Attributes = Mapping[str, Any]

# No file is changed in place. One that could be may have attributes: nobody has to look for
# those of the others, and who changes modes by hand loses nothing.
PLAIN = 0o400
DESCRIBED = 0o600

_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def attributes_of(key: str, content_type: str, metadata: Mapping[str, str]) -> Attributes:
    """Return what has to be stored: nothing for a file whose suffix says it all."""
    attributes: dict[str, Any] = {"metadata": dict(metadata)} if metadata else {}
    if content_type != guessed_content_type(key):
        attributes["content_type"] = content_type
    return attributes


def version_of(found: os.stat_result) -> str:
    """Return what differs between any two versions of a file."""
    return f"{found.st_mtime_ns:x}-{found.st_size:x}"


def may_have(found: os.stat_result) -> bool:
    """Say if there is something to look for."""
    return stat.S_IMODE(found.st_mode) != PLAIN


def read_attributes(root: Root, segments: Segments, found: os.stat_result) -> Attributes:
    """Return the attributes of this version; none if there are none."""
    if not may_have(found):
        return {}
    try:
        with os.fdopen(os.open(_path(root, segments, found), _FILE), "rb") as file:
            attributes: Attributes = json.load(file)
            return attributes
    except (FileNotFoundError, ValueError):
        return {}


def write_attributes(
    root: Root, segments: Segments, found: os.stat_result, attributes: Attributes
) -> None:
    """Store the attributes of a version that nobody can see yet."""
    with os.fdopen(os.open(_path(root, segments, found), _NEW_FILE, 0o600), "w") as file:
        json.dump(attributes, file)


def delete_attributes(root: Root, segments: Segments, found: os.stat_result) -> None:
    """Delete the attributes of a version, if there are some."""
    if not may_have(found):
        return
    with suppress(FileNotFoundError):
        Path(_path(root, segments, found)).unlink()


def _path(root: Root, segments: Segments, found: os.stat_result) -> str:
    digest = sha256("/".join(segments).encode()).hexdigest()
    return root.own(ATTRIBUTES, f"{digest}-{version_of(found)}")
