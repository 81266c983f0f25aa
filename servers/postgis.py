"""Find a PostgreSQL with PostGIS: the ones of this machine, then Debian's package."""

import re
from pathlib import Path

from servers import debian
from servers.binaries import WHEELS, locked, postgres_folders, run
from servers.process import ServerError

PACKAGE = re.compile(r"postgresql-(\d+)-postgis-3")
# Debian's package of the server would set up a cluster of its own and start it.
NO_CLUSTER = Path("/etc/postgresql-common/createcluster.d/none.conf")


def postgis_bin() -> Path:
    """Return a folder with `initdb` and `postgres` that has PostGIS.

    The package is installed where this process may do so; ServerError names it where not.
    """
    if found := _found():
        return found
    if not debian.may_install():
        raise ServerError(
            "no PostgreSQL here has PostGIS: install it, as `postgresql-15-postgis-3` of Debian "
            "12, or name the folder of its programs in PAXX_POSTGRES_BIN"
        )
    with locked(WHEELS / "postgis.lock"):
        if not (found := _found()):
            _install()
            found = _found()
    if found is None:
        raise ServerError("the package of PostGIS is installed, and no PostgreSQL has it")
    return found


def _found() -> Path | None:
    return next((folder for folder in postgres_folders() if _has_postgis(folder)), None)


def _has_postgis(folder: Path) -> bool:
    try:
        shared = run([str(folder / "pg_config"), "--sharedir"])
    except ServerError:
        return False
    return (Path(shared.strip()) / "extension" / "postgis.control").exists()


def _install() -> None:
    NO_CLUSTER.parent.mkdir(parents=True, exist_ok=True)
    NO_CLUSTER.write_text("create_main_cluster = false\n")
    debian.with_package_lists(_install_package)


def _install_package() -> None:
    known = run(["apt-cache", "pkgnames", "postgresql-"]).split()
    found = [match for name in known if (match := PACKAGE.fullmatch(name))]
    if not found:
        raise ServerError("apt knows no package `postgresql-15-postgis-3`, nor one for another")
    debian.install(max(found, key=lambda match: int(match[1]))[0])
