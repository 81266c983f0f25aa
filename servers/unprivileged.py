"""Run a command that refuses to be root, as root.

`unprivileged.py DIRECTORY INSTALLATION COMMAND…` is for PostgreSQL, which does not start under
user id 0. A user namespace hides it and needs no other account; where namespaces are forbidden (a
container's default), the command runs as `nobody`, who becomes the owner of DIRECTORY and, if the
way to INSTALLATION is barred, gets a copy of it in there.
"""

import ctypes
import os
import shutil
import sys
from pathlib import Path

CLONE_NEWUSER = 0x10000000
NOBODY = 65534


def main() -> None:
    """Replace this process by the command."""
    directory, installation, *command = sys.argv[1:]
    if not _enter_user_namespace():
        command[0] = str(_reachable(Path(command[0]), Path(installation), Path(directory)))
        _become_nobody(Path(directory))
    os.execv(command[0], command)  # noqa: S606  the command is the caller's own


def _enter_user_namespace() -> bool:
    if os.environ.get("PAXX_SERVERS_AS_NOBODY"):
        return False
    unshare = getattr(ctypes.CDLL(None), "unshare", None)  # os.unshare came with Python 3.12
    if unshare is None or unshare(CLONE_NEWUSER) != 0:
        return False
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text("1000 0 1")
    Path("/proc/self/gid_map").write_text("1000 0 1")
    return True


def _reachable(program: Path, installation: Path, directory: Path) -> Path:
    if all(parent.stat().st_mode & 0o001 for parent in program.parents):
        return program
    copied = directory / "installation"
    if not copied.exists():
        shutil.copytree(installation, copied, symlinks=True)
    return copied / program.relative_to(installation)


def _become_nobody(directory: Path) -> None:
    for path in [directory, *directory.rglob("*")]:
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


if __name__ == "__main__":
    main()
