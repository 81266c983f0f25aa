"""Install packages of Debian, for what no package index has."""

import os
import shutil
from collections.abc import Callable

from servers.binaries import WHEELS, locked, run
from servers.process import ServerError

QUIET = ("--quiet", "--yes", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120")


def program(name: str) -> str:
    """Return the path of a program, whose package is called like it and installed if need be.

    ServerError names the package where this process may not install it.
    """
    if shutil.which(name) is None:
        if not may_install():
            raise ServerError(f"`{name}` is not installed, and this is not root on Debian")
        with locked(WHEELS / "debian.lock"):
            with_package_lists(lambda: install(name))
    found = shutil.which(name)
    if found is None:
        raise ServerError(f"the package `{name}` is installed, and has no program of that name")
    return found


def may_install() -> bool:
    """Tell whether this process may install packages."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(package: str) -> None:
    """Install a package that apt knows; ServerError where that fails."""
    run(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", *QUIET, package])


def with_package_lists(action: Callable[[], None]) -> None:
    """Do what needs the package lists, again with fresh ones where it raises ServerError."""
    try:
        action()
    except ServerError:  # the package lists are missing or name what is gone
        run(["apt-get", "update", "--quiet"])
        action()
