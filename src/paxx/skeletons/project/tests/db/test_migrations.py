"""The migrations, on a database of their own."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, inspect, text
from sqlalchemy.exc import CompileError, DBAPIError

import wiring
from db.database import Base, make_engine
from settings import settings

ROOT = Path(__file__).parent.parent.parent
BROKEN = """
import sqlalchemy as sa
from alembic import op

revision = "broken"
down_revision = {head!r}


def upgrade() -> None:
    op.create_table("half", sa.Column("id", sa.Integer()))
    op.execute("INSERT INTO half VALUES (1)")
    op.execute("INSERT INTO nowhere VALUES (1)")
"""


@pytest.fixture
async def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """Return the URL of an empty database to migrate, on the tests' server if there is one."""
    server = make_engine(settings.database_url)
    if server.dialect.name == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path}/migrated.db"
        monkeypatch.setattr(settings, "database_url", url)
        yield url
        return
    name = f"migrated_{uuid4().hex}"
    url = server.url.set(database=name).render_as_string(hide_password=False)
    async with server.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name}"))
        monkeypatch.setattr(settings, "database_url", url)
        yield url
        await connection.execute(text(f"DROP DATABASE {name}"))
    await server.dispose()


@pytest.fixture
def config(database: str, monkeypatch: pytest.MonkeyPatch) -> Config:
    """Return Alembic's configuration; tables of tests, named `test_…`, are not compared."""
    del database  # which the settings name
    metadata = MetaData(naming_convention=Base.metadata.naming_convention)
    for table in Base.metadata.sorted_tables:
        if not table.name.startswith("test_"):
            table.to_metadata(metadata)
    options = [*wiring.MIGRATIONS, lambda _: {"target_metadata": metadata}]
    monkeypatch.setattr(wiring, "MIGRATIONS", options)
    return Config(toml_file=ROOT / "pyproject.toml")


async def upgrade(config: Config, revision: str = "head") -> None:
    """Upgrade the database; skip the test if the models need another kind of database."""
    try:
        await asyncio.to_thread(command.upgrade, config, revision)
    except CompileError as error:
        if os.environ.get("REQUIRE_SERVERS") == "1":
            raise
        pytest.skip(f"the migrations need another database: {error}")


async def test_up_and_down_and_up_again_match_the_models(config: Config) -> None:
    await upgrade(config)
    await asyncio.to_thread(command.check, config)
    await asyncio.to_thread(command.downgrade, config, "base")
    await upgrade(config)


async def test_a_migration_that_fails_leaves_nothing_behind(
    config: Config, database: str, tmp_path: Path
) -> None:
    await upgrade(config)
    scripts = ScriptDirectory.from_config(config)
    (tmp_path / "broken.py").write_text(BROKEN.format(head=scripts.get_current_head()))
    config.set_main_option("path_separator", "os")
    locations = os.pathsep.join([scripts.versions, str(tmp_path)])
    config.set_main_option("version_locations", locations)
    with pytest.raises(DBAPIError, match="nowhere"):
        await upgrade(config, "broken")
    engine = make_engine(database)
    async with engine.connect() as connection:
        tables = await connection.run_sync(lambda each: inspect(each).get_table_names())
    await engine.dispose()
    assert "alembic_version" in tables
    assert "half" not in tables
