"""Run git so that no configuration of a repository can run a program, and read its answers.

Comparing with the last commit by `git status` would run the filters that a repository configures.
So git only lists what is committed and staged, and the files are compared here.
"""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from paxx.errors import PreconditionError

_SETTINGS = ("core.fsmonitor=", f"core.hooksPath={os.devnull}", "safe.bareRepository=explicit")
_VARIABLES = {
    "GIT_ALLOW_PROTOCOL": "",  # nothing is fetched: a transport is a program that a remote names
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",  # a preview leaves no trace
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
_LOCATIONS = frozenset(
    {
        *("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_PREFIX"),
        *("GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE"),
    }
)
"""Variables that a hook of git sets, which would lead to another repository than the project's."""

_UNBORN = "Not a valid object name HEAD"

Blob = tuple[str, str]
"""The mode and the object id of a file."""


def top_of(root: Path) -> Path | None:
    """Return the top of the work tree that holds the project, None outside of a repository."""
    return next((each for each in (root, *root.parents) if (each / ".git").exists()), None)


def program(root: Path) -> str | None:
    """Return git from PATH, None where there is none outside of the project's repository."""
    own = top_of(root) or root
    folders = [Path(each) for each in os.get_exec_path()]
    trusted = [
        each for each in folders if each.is_absolute() and not each.resolve().is_relative_to(own)
    ]
    found = shutil.which("git", path=os.pathsep.join(map(str, trusted)))
    return found if found and Path(found).is_absolute() else None


def run(git: str, directory: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run git in a directory and return what it printed."""
    settings = [word for each in _SETTINGS for word in ("-c", each)]
    kept = {name: value for name, value in os.environ.items() if name not in _LOCATIONS}
    return subprocess.run(  # noqa: S603 - git, no shell
        [git, "--no-pager", *settings, *arguments],
        cwd=directory,
        env=kept | _VARIABLES,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="surrogateescape",
        check=False,
    )


def uncommitted(root: Path, paths: Sequence[str]) -> list[str]:
    """Return those of the paths that git tracks and that differ from the last commit.

    Untracked files are not among them. Without git, or outside a repository, there are none.
    Raises PreconditionError when git fails.
    """
    top, git = top_of(root), program(root)
    if not paths or top is None or git is None:
        return []
    names = {path: Path(root.relative_to(top), path).as_posix() for path in paths}
    staged = _blobs(git, top, "ls-files", "--stage", "-z", "--", *names.values())
    committed = _blobs(git, top, "ls-tree", "-r", "-z", "HEAD", "--", *names.values())
    return [
        path
        for path, name in names.items()
        if staged.get(name) != committed.get(name)
        or (name in staged and not _is_blob(top / name, staged[name]))
    ]


def is_tracked(root: Path, path: str) -> bool:
    """Return whether git tracks anything at or below the path; False where git cannot answer."""
    top, git = top_of(root), program(root)
    if top is None or git is None:
        return False
    name = Path(root.relative_to(top), path).as_posix()
    return bool(run(git, top, "ls-files", "-z", "--", name).stdout)


def _blobs(git: str, top: Path, *arguments: str) -> Mapping[str, Blob]:
    result = run(git, top, *arguments)
    if result.returncode != 0 and _UNBORN not in result.stderr:
        reason = result.stderr.strip().splitlines()
        raise PreconditionError(
            f"git cannot compare with the last commit: {next(iter(reason), 'it failed')}",
            hint="repair the repository, or pass `--allow-dirty`",
        )
    return dict(_listed(result.stdout))


def _listed(printed: str) -> Iterator[tuple[str, Blob]]:
    """Yield each file that `ls-files` lists with its stage, or `ls-tree` with its type."""
    for entry in filter(None, printed.split("\0")):
        facts, _, name = entry.partition("\t")
        mode, *others = facts.split()
        is_unmerged = others[-1] in {"1", "2", "3"}
        yield name, ("unmerged" if is_unmerged else mode, max(others, key=len))


def _is_blob(path: Path, blob: Blob) -> bool:
    """Return whether a file has the content of a blob, whatever its line endings."""
    _, digest = blob
    if path.is_symlink():
        contents = [os.fsencode(os.readlink(path))]  # noqa: PTH115 - as it is written
    elif path.is_file():
        content = path.read_bytes()
        contents = [content, content.replace(b"\r\n", b"\n")]
    else:
        return False
    return any(_digest(each, digest) == digest for each in contents)


def _digest(content: bytes, like: str) -> str:
    kind = hashlib.sha1 if len(like) == 40 else hashlib.sha256
    data = b"blob %d\0" % len(content) + content
    return kind(data, usedforsecurity=False).hexdigest()
