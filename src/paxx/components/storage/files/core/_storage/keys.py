"""Which keys, prefixes, content types, metadata and expiries both backends take."""

import mimetypes
import re
from collections.abc import Mapping
from datetime import timedelta

from core._storage.types import InvalidKeyError

MAX_KEY_BYTES = 1024  # of S3
MAX_SEGMENT_BYTES = 255  # of file systems
MAX_METADATA_BYTES = 2048  # of S3
MAX_EXPIRY = 7 * 24 * 3600  # seconds; of S3's signatures
RESERVED = ".storage"  # the local backend keeps its own files there
DEFAULT_CONTENT_TYPE = "application/octet-stream"

# Control characters have no form in S3's XML, a backslash separates on Windows.
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f\\\ud800-\udfff\ufffe\uffff]")
_DRIVE = re.compile(r"[A-Za-z]:")
_METADATA_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_HEADER_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?")
_TYPES = mimetypes.MimeTypes()  # not those of the machine: each answers the same


def check_key(key: str) -> list[str]:
    """Return the segments of a key; InvalidKeyError for one that not every backend can keep."""
    segments = _segments(key)
    if not all(segments):
        raise InvalidKeyError(f"the key {key[:80]!r} is empty or has an empty segment")
    return segments


def check_prefix(prefix: str) -> list[str]:
    """Return the segments of what keys begin with; the last one may be empty or a part."""
    segments = _segments(prefix)
    if not all(segments[:-1]):
        raise InvalidKeyError(f"the prefix {prefix[:80]!r} has an empty segment")
    return segments


def _segments(key: str) -> list[str]:
    if _FORBIDDEN.search(key) or _DRIVE.match(key):
        raise InvalidKeyError(
            f"the key {key[:80]!r} has a control character, a backslash or a drive"
        )
    if len(key.encode()) > MAX_KEY_BYTES:
        raise InvalidKeyError(f"the key {key[:80]!r}... is longer than {MAX_KEY_BYTES} bytes")
    segments = key.split("/")
    if segments[0] == RESERVED or not {".", ".."}.isdisjoint(segments):
        raise InvalidKeyError(f"the key {key[:80]!r} has a segment `.`, `..` or begins {RESERVED}")
    if any(len(segment.encode()) > MAX_SEGMENT_BYTES for segment in segments):
        raise InvalidKeyError(
            f"the key {key[:80]!r}... has a segment of more than {MAX_SEGMENT_BYTES} bytes"
        )
    return segments


def guessed_content_type(key: str) -> str:
    """Return the content type that the suffix of a key stands for."""
    content_type, encoding = _TYPES.guess_type(f"x/{key}")
    return DEFAULT_CONTENT_TYPE if content_type is None or encoding else content_type


def check_content_type(key: str, content_type: str | None) -> str:
    """Return the content type of a new object; ValueError if it does not fit in a header."""
    if content_type is None:
        return guessed_content_type(key)
    if not _HEADER_VALUE.fullmatch(content_type):
        raise ValueError(f"the content type {content_type[:80]!r} does not fit in a header")
    return content_type


def check_metadata(metadata: Mapping[str, str] | None) -> dict[str, str]:
    """Return the metadata of a new object; ValueError for what S3 would change or refuse."""
    metadata = dict(metadata or {})
    for name, value in metadata.items():
        if not _METADATA_NAME.fullmatch(name):
            raise ValueError(f"the metadata name {name[:80]!r} is not of a-z, 0-9, `-` and `_`")
        if not _HEADER_VALUE.fullmatch(value):
            raise ValueError(f"the metadata `{name}` is empty, padded or not printable ASCII")
    if sum(len(name) + len(value) for name, value in metadata.items()) > MAX_METADATA_BYTES:
        raise ValueError(f"the metadata is longer than {MAX_METADATA_BYTES} bytes")
    return metadata


def check_range(start: int, length: int | None) -> None:
    """Raise ValueError for a range that counts from nowhere."""
    if start < 0 or (length is not None and length < 0):
        raise ValueError("start and length of a range are not negative")


def expiry_seconds(expires: int | timedelta) -> int:
    """Return whole seconds; ValueError unless between one second and seven days."""
    seconds = int(expires.total_seconds()) if isinstance(expires, timedelta) else expires
    if not 0 < seconds <= MAX_EXPIRY:
        raise ValueError("a signed URL lives between one second and seven days")
    return seconds
