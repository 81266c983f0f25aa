"""The migrations, on a database of their own."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from db.database import make_engine
from settings import settings

ROOT = Path(__file__).parent.parent.parent
UP_AND_DOWN = """
import sys

from alembic import command
from alembic.config import Config
from sqlalchemy.exc import CompileError

config = Config(toml_file="pyproject.toml")
try:
    command.upgrade(config, "head")
except CompileError as error:
    sys.exit(f"another database is needed: {error}")
command.check(config)
command.downgrade(config, "base")
command.upgrade(config, "head")
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


def test_up_and_down_and_up_again_match_the_models(database: str) -> None:
    # A process of its own knows the models of the application and none of the tests'.
    result = subprocess.run(  # noqa: S603
        [sys.executable, "-c", UP_AND_DOWN],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": database},
        capture_output=True,
        text=True,
        check=False,
    )
    printed = result.stdout + result.stderr
    if "another database is needed" in printed and os.environ.get("REQUIRE_SERVERS") != "1":
        pytest.skip(printed.splitlines()[-1])
    if result.returncode:
        pytest.fail(printed)
