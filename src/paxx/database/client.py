"""Open the database's own shell; the password is in its environment, never on a command line."""

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

from paxx.database.answers import Address
from paxx.database.inquiry import Side, ask
from paxx.errors import PreconditionError

_SSL_MODES = {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}


def run(side: Side) -> int:
    """Run `psql` or `sqlite3` on the database until it ends; return its exit code.

    Raises PreconditionError where the program is not there, and for other databases.
    """
    address = ask(side, Address, "address")
    root = side.root
    command = [_program(root, address)]
    if address.dialect == "sqlite":
        command.append(str(root / (address.name or "")))
    # Ctrl-C belongs to the shell. A handler, unlike SIG_IGN, is not passed on to it.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        return subprocess.run(  # noqa: S603 - a program of the user's PATH, no shell
            command, cwd=root, env={**os.environ, **environment(address)}, check=False
        ).returncode
    finally:
        signal.signal(signal.SIGINT, before)


def environment(address: Address) -> Mapping[str, str]:
    """Return the variables that tell `psql` where the database is, and the password."""
    if address.dialect == "sqlite":
        return {}
    variables = {
        "PGHOST": address.host,
        "PGPORT": address.port,
        "PGUSER": address.user,
        "PGPASSWORD": address.password,
        "PGDATABASE": address.name,
        "PGSSLMODE": address.ssl if address.ssl in _SSL_MODES else None,
    }
    return {name: str(value) for name, value in variables.items() if value is not None}


def _program(root: Path, address: Address) -> str:
    if address.dialect == "sqlite" and not address.is_file:
        raise PreconditionError(
            "the database is kept in memory, where no other program sees it",
            hint="set `DATABASE_URL` to a file, or to PostgreSQL",
        )
    file = Path(root, address.name or "")
    if address.dialect == "sqlite" and not file.exists():
        place = file.relative_to(root) if file.is_relative_to(root) else file
        raise PreconditionError(
            f"there is no database at `{place}`", hint="`paxx db upgrade` creates it"
        )
    name, package = _CLIENTS.get(address.dialect, ("", ""))
    if not name:
        raise PreconditionError(
            f"paxx knows no shell of `{address.dialect}`", hint="open it with the program it has"
        )
    found = shutil.which(name)
    if found is None:
        raise PreconditionError(
            f"`{name}` is not on PATH", hint=f"most systems have it in the package `{package}`"
        )
    return found


_CLIENTS = {"postgresql": ("psql", "postgresql-client"), "sqlite": ("sqlite3", "sqlite3")}
