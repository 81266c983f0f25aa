"""A real project whose database is migrated, on SQLite or on PostgreSQL."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.real import RealShop, clean_environment
from tests.harness import Outcome, Run

NOTES = "3f6c1d2a9b74"
"""The revision that the example brings."""

REVISION = '''"""{message}"""

import sqlalchemy as sa
from alembic import op

revision = "{name}"
down_revision = {down!r}
branch_labels = None
depends_on = None


def upgrade():
    {up}


def downgrade():
    {back}
'''

# As `alembic init -t async` and earlier versions of paxx have it: SQLite keeps what a migration
# did before it failed, and nobody waits for others.
PLAIN_ENV = '''"""Alembic's entry point."""

import asyncio

from alembic import context

import features.notes.models
from db.database import Base, make_engine
from settings import settings


def run_on(connection):
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


async def run_online():
    engine = make_engine(settings.database_url)
    async with engine.connect() as connection:
        await connection.run_sync(run_on)
    await engine.dispose()


asyncio.run(run_online())
'''

QUERY = """
import asyncio, json, sys
from sqlalchemy import text
from db.database import engine

async def main():
    async with engine.begin() as connection:
        result = await connection.execute(text(sys.argv[1]))
        if result.returns_rows:
            print(json.dumps([list(row) for row in result], default=str))

asyncio.run(main())
"""


@dataclass(frozen=True, slots=True)
class Database:
    """Where a database is, and the password that is in its address."""

    dialect: str
    url: str
    password: str


@dataclass(frozen=True, slots=True)
class Site:
    """A project with one model and its migration; commands run in this process, with its root."""

    root: Path
    run: Run
    database: Database

    def db(self, *arguments: str) -> Outcome:
        """Run `paxx db`; what it prints never holds the password of the database."""
        outcome = self.run("db", *arguments)
        assert self.database.password not in outcome.stdout + outcome.stderr
        return outcome

    def done(self, *arguments: str) -> Outcome:
        """Run `paxx db`, which has to end well."""
        outcome = self.db(*arguments)
        assert outcome.code == 0, outcome.stdout + outcome.stderr
        return outcome

    def start(self, *arguments: str, **env: str) -> "subprocess.Popen[str]":
        """Start `paxx db` as a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "paxx", "db", *arguments],
            cwd=self.root,
            env=clean_environment() | {"DATABASE_URL": self.database.url} | env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def versions(self) -> Path:
        """Return the folder of the revisions."""
        return self.root / "db/migrations/versions"

    def revision(
        self, name: str, down: "str | None" = NOTES, up: str = "pass", back: str = "pass"
    ) -> Path:
        """Write a revision by hand; its message is its name with words."""
        path = self.versions / f"{name}.py"
        message = name.replace("_", " ")
        up, back = up.replace("\n", "\n    "), back.replace("\n", "\n    ")
        path.write_text(REVISION.format(name=name, message=message, down=down, up=up, back=back))
        return path

    def models(self, replace: str, by: str) -> None:
        """Change the models of the project."""
        path = self.root / "features/notes/models.py"
        text = path.read_text()
        assert replace in text, text
        path.write_text(text.replace(replace, by))

    def query(self, statement: str) -> list[list[object]]:
        """Run a statement and return its rows."""
        if self.database.dialect == "sqlite":
            with closing(sqlite3.connect(self.root / "shop.db")) as connection, connection:
                return [list(row) for row in connection.execute(statement)]
        printed = subprocess.run(
            [str(self.root / ".venv/bin/python"), "-c", QUERY, statement],
            cwd=self.root,
            env=clean_environment() | {"DATABASE_URL": self.database.url},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout
        rows: list[list[object]] = json.loads(printed or "[]")
        return rows

    def tables(self) -> set[str]:
        """Return the names of the tables."""
        statement = (
            "SELECT name FROM sqlite_master WHERE type = 'table'"
            if self.database.dialect == "sqlite"
            else "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        )
        return {str(name) for (name,) in self.query(statement)}


def copied(shop: RealShop, root: Path) -> Path:
    """Copy a project that has an environment, and let the copy use that."""
    shutil.copytree(shop.root, root, ignore=shutil.ignore_patterns(".venv", "__pycache__"))
    (root / ".venv").symlink_to(shop.root / ".venv")
    return root


def on_path(folder: Path) -> str:
    """Return a PATH on which a folder comes first."""
    return f"{folder}{os.pathsep}{os.environ['PATH']}"
