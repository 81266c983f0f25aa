"""The migrations, on a database of their own."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import inspect, text

from db.database import make_engine
from settings import settings

ROOT = Path(__file__).parent.parent.parent
UPGRADE = """
import sys

from alembic import command
from alembic.config import Config
from sqlalchemy.exc import CompileError

config = Config(toml_file="pyproject.toml")
try:
    command.upgrade(config, "head")
except CompileError as error:
    sys.exit(f"another database is needed: {error}")
"""
UP_AND_DOWN = f"""{UPGRADE}
command.check(config)
command.downgrade(config, "base")
command.upgrade(config, "head")
"""
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
# The argument is a folder for the revision that fails.
FAIL_HALF_WAY = f"""{UPGRADE}
import os
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError

scripts = ScriptDirectory.from_config(config)
broken = {BROKEN!r}.format(head=scripts.get_current_head())
Path(sys.argv[1], "broken.py").write_text(broken)
config.set_main_option("path_separator", "os")
config.set_main_option("version_locations", os.pathsep.join([scripts.versions, sys.argv[1]]))
try:
    command.upgrade(config, "broken")
except DBAPIError as error:
    assert "nowhere" in str(error), error
else:
    sys.exit("the revision did not fail")
"""


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[str]:
    """Return the URL of an empty database, on the server of the tests where there is one."""
    server = make_engine(settings.database_url)
    if server.dialect.name == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/migrated.db"
        return
    name = f"migrated_{uuid4().hex}"
    async with server.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name}"))
        yield server.url.set(database=name).render_as_string(hide_password=False)
        await connection.execute(text(f"DROP DATABASE {name}"))
    await server.dispose()


def start(script: str, database: str, *arguments: str) -> "subprocess.Popen[str]":
    """Run a script on a database; a process of its own knows none of the models of the tests."""
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", script, *arguments],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": database},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def end(*processes: "subprocess.Popen[str]") -> None:
    """Wait until all have ended well; skip the test where they need another database."""
    for process, printed in [(each, each.communicate()[0]) for each in processes]:
        if "another database is needed" in printed and os.environ.get("REQUIRE_SERVERS") != "1":
            pytest.skip(printed.splitlines()[-1])
        if process.returncode:
            pytest.fail(printed)


def test_up_and_down_and_up_again_match_the_models(database: str) -> None:
    end(start(UP_AND_DOWN, database))


def test_of_several_instances_one_migrates_and_the_others_wait(database: str) -> None:
    end(*[start(UPGRADE, database) for _ in range(3)])


async def test_a_migration_that_fails_leaves_nothing_behind(database: str, tmp_path: Path) -> None:
    end(start(FAIL_HALF_WAY, database, str(tmp_path)))
    engine = make_engine(database)
    async with engine.connect() as connection:
        tables = await connection.run_sync(lambda each: inspect(each).get_table_names())
    await engine.dispose()
    assert "alembic_version" in tables
    assert "half" not in tables
