"""Compare the revisions of the project with those that its database has."""

import shutil
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

from paxx.doctor.probe import writes


async def facts() -> "dict[str, Any]":
    """Return how many revisions the database lacks, and those that the project does not have."""
    scripts = _scripts()
    engine = import_module("db.database").engine
    if engine.dialect.name == "sqlite" and writes.file_of(engine.url.database or "") is None:
        return {}  # kept in memory, and made anew by each process
    known = {each.revision for each in scripts.walk_revisions()}
    current = await _current(engine)
    done = {each.revision for each in scripts.iterate_revisions(tuple(current & known), "base")}
    return {
        "pending": len(known - done),
        "heads": len(scripts.get_heads()),
        "strange": sorted(current - known),
    }


def _scripts() -> Any:
    ini = "alembic.ini" if Path("alembic.ini").exists() else None
    config = import_module("alembic.config").Config(ini, toml_file="pyproject.toml")
    return import_module("alembic.script").ScriptDirectory.from_config(config)


async def _current(engine: Any) -> "set[str]":
    if engine.dialect.name == "sqlite":
        return _current_of_file(writes.file_of(engine.url.database) or Path())
    async with engine.connect() as connection:
        found: set[str] = await connection.run_sync(_revisions)
        return found


def _current_of_file(path: Path) -> "set[str]":
    if not path.is_file() or not path.stat().st_size:
        return set()
    logs = [log for log in (Path(f"{path}-wal"), Path(f"{path}-journal")) if log.exists()]
    if not logs:
        return _revisions_of_file(f"{path.resolve()}?immutable=1&")
    # What another process left unfinished would be tidied up by whoever connects next.
    with tempfile.TemporaryDirectory() as folder:
        for each in (path, *logs):
            shutil.copyfile(each, Path(folder, each.name))
        return _revisions_of_file(f"{Path(folder, path.name)}?")


def _revisions_of_file(location: str) -> "set[str]":
    engine = import_module("sqlalchemy").create_engine(f"sqlite:///file:{location}uri=true")
    with engine.connect() as connection:
        found = _revisions(connection)
    engine.dispose()
    return found


def _revisions(connection: Any) -> "set[str]":
    context = import_module("alembic.runtime.migration").MigrationContext
    listed = getattr(import_module("wiring"), "MIGRATIONS", [])
    options = {key: value for each in listed for key, value in each(connection).items()}
    table = {key: value for key, value in options.items() if key.startswith("version_table")}
    return set(context.configure(connection, opts=table).get_current_heads())
