"""The files that git tracks in this checkout."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from devtools.environment import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def tracked_files(*paths: str, root: Path = ROOT) -> list[str]:
    """Return the tracked files at or below `paths`, by default all, relative to `root`."""
    command = ["git", "-C", str(root), "ls-files", "-z", "--", *paths]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603
    # A conflict lists a file more than once; a deleted one is listed until it is staged.
    return sorted({path for path in listed.split("\0") if path and (root / path).is_file()})
