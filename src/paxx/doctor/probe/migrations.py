"""Compare the revisions of the project with those that its database has."""

from importlib import import_module
from pathlib import Path
from typing import Any

from paxx.doctor.probe import writes


async def facts() -> "dict[str, Any]":
    """Return how many revisions the database lacks, and those that the project does not have."""
    scripts = _scripts()
    known = {each.revision for each in scripts.walk_revisions()}
    current = await _current(import_module("db.database").engine)
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
        return _current_of_file(writes.file_of(engine.url.database or ""))
    async with engine.connect() as connection:
        found: set[str] = await connection.run_sync(_revisions)
        return found


def _current_of_file(path: "Path | None") -> "set[str]":
    if path is None or not path.is_file() or not path.stat().st_size:
        return set()
    # Connecting as usual may tidy up a log that another process left. Without a log there is
    # nothing to tidy up, and SQLite can be told that nothing changes.
    mode = "mode=ro" if Path(f"{path}-wal").exists() else "immutable=1"
    url = f"sqlite:///file:{path.resolve()}?{mode}&uri=true"
    with import_module("sqlalchemy").create_engine(url).connect() as connection:
        return _revisions(connection)


def _revisions(connection: Any) -> "set[str]":
    context = import_module("alembic.runtime.migration").MigrationContext
    listed = getattr(import_module("wiring"), "MIGRATIONS", [])
    options = {key: value for each in listed for key, value in each(connection).items()}
    table = {key: value for key, value in options.items() if key.startswith("version_table")}
    return set(context.configure(connection, opts=table).get_current_heads())
