"""What is stored beside a file of the local backend: its content type, if not usual, and metadata.

They belong to one version of a file, not to its name: whoever replaces it cannot mix them up. The
version is told by size and modification time, which copies and backups keep.
"""

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from typing import Any

from core.storage_keys import RESERVED, guessed_content_type

Attributes = Mapping[str, Any]

FOLDER = (RESERVED, "attributes")

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


def read(folder: int, segments: Sequence[str], found: os.stat_result) -> Attributes:
    """Return the attributes of this version; none if there are none."""
    try:
        descriptor = os.open(_name(segments, found), _FILE, dir_fd=folder)
        with os.fdopen(descriptor, "rb") as file:
            attributes: Attributes = json.load(file)
            return attributes
    except (FileNotFoundError, ValueError):
        return {}


def write(
    folder: int, segments: Sequence[str], found: os.stat_result, attributes: Attributes
) -> None:
    """Store the attributes of a version that nobody can see yet; OSError leaves none."""
    name = _name(segments, found)
    descriptor = os.open(name, _NEW_FILE, 0o600, dir_fd=folder)
    try:
        with os.fdopen(descriptor, "w") as file:
            json.dump(attributes, file)
    except OSError:
        os.unlink(name, dir_fd=folder)
        raise


def delete(folder: int, segments: Sequence[str], found: os.stat_result) -> None:
    """Delete the attributes of a version, if there are some."""
    with suppress(FileNotFoundError):
        os.unlink(_name(segments, found), dir_fd=folder)


def _name(segments: Sequence[str], found: os.stat_result) -> str:
    return f"{sha256('/'.join(segments).encode()).hexdigest()}-{version_of(found)}"
