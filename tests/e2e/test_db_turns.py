"""`paxx db upgrade` by several instances at once: one runs, the others wait for it."""

import re
import select
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from tests.e2e.migrated import NOTES, PLAIN_ENV, Site
from tests.e2e.real import PATIENCE, clean_environment

SLOW = """op.create_table("slow", sa.Column("id", sa.Integer()))
import time
time.sleep(0.5)"""

# However slow the machine is, it does not end before the test says so.
HELD = """op.execute("SELECT 404")
import pathlib, time
for _ in range(3000):
    if pathlib.Path("go").exists():
        break
    time.sleep(0.1)"""


def ends(processes: list["subprocess.Popen[str]"]) -> list[tuple[int, str, str]]:
    """Return the exit code and the outputs of each, when all have ended."""
    outputs = [process.communicate(timeout=PATIENCE) for process in processes]
    return [(each.returncode, *printed) for each, printed in zip(processes, outputs, strict=True)]


def wait_until_one_waits(processes: list["subprocess.Popen[str]"]) -> None:
    """Return when one of them prints that it waits for another migration."""
    errors = [process.stderr for process in processes if process.stderr]
    assert select.select(errors, [], [], PATIENCE)[0]


@pytest.mark.parametrize(
    ("dialect", "env"),
    [
        pytest.param("sqlite", "new", marks=pytest.mark.nightly),
        ("postgresql", "new"),
        pytest.param("postgresql", "plain", marks=pytest.mark.nightly),
    ],
)
def test_of_many_instances_one_runs_each_revision(site: Site, env: str) -> None:
    if env == "plain":
        (site.root / "db/migrations/env.py").write_text(PLAIN_ENV)
    site.revision("slow", up=f'op.create_table("slow", sa.Column("id", sa.Integer()))\n{HELD}')
    started = [site.start("upgrade", "--wait", str(PATIENCE)) for _ in range(5)]
    if site.database.dialect == "postgresql":
        wait_until_one_waits(started)
    (site.root / "go").touch()
    ended = ends(started)
    assert [code for code, _, _ in ended] == [0] * 5, ended
    [printed] = [printed for _, printed, _ in ended if "applied" in printed]
    assert printed.startswith(f"applied {NOTES} add notes\napplied slow slow\n")
    assert sum("nothing to apply" in printed for _, printed, _ in ended) == 4
    assert site.query("SELECT * FROM alembic_version") == [["slow"]]
    if site.database.dialect == "postgresql":
        waited = [error for _, _, error in ended if error]
        message = f"waiting up to {PATIENCE:g} s for another migration to end"
        assert waited
        assert all(error.startswith(message) for error in waited), waited


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_alembic_itself_waits_as_well(site: Site) -> None:
    site.revision("slow", up=SLOW)
    alembic = [str(site.root / ".venv/bin/alembic"), "upgrade", "head"]
    env = clean_environment() | {"DATABASE_URL": site.database.url}
    pipe = subprocess.PIPE
    started = [
        subprocess.Popen(alembic, cwd=site.root, env=env, stdout=pipe, stderr=pipe, text=True)
        for _ in range(3)
    ]
    ended = ends([*started, site.start("upgrade")])
    assert [code for code, _, _ in ended] == [0] * 4, ended
    assert site.query("SELECT * FROM alembic_version") == [["slow"]]


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_who_holds_the_database_is_told_when_patience_ends(site: Site) -> None:
    site.done("upgrade")
    site.revision("slow", up=HELD)
    holder = site.start("upgrade")
    while not site.query("SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT 404'"):
        assert holder.poll() is None
        time.sleep(0.1)
    looked = site.db("status")  # a look waits for nobody
    assert "pending   1\n" in looked.stdout
    refused = site.db("upgrade", "--wait", "0.2")
    assert refused.code == 4
    first, *more = refused.stderr.splitlines()
    assert first.startswith("waiting up to 0.2 s for another migration to end (process ")
    assert " of 127.0.0.1)" in first
    assert more[0].startswith("error: another process (process ")
    assert more[0].endswith(" changes the database, and has not ended within 0.2 s")
    assert more[1] == "hint: `--wait SECONDS` waits longer"
    (site.root / "go").touch()
    assert ends([holder])[0][0] == 0


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_an_index_is_made_concurrently_while_others_wait(site: Site) -> None:
    site.done("upgrade")
    block = """with op.get_context().autocommit_block():
    op.create_index("ix_text", "notes", ["text"], postgresql_concurrently=True)
    op.execute("SELECT pg_sleep(1)")"""
    site.revision("index", up=block)
    ended = ends([site.start("upgrade") for _ in range(3)])
    assert [code for code, _, _ in ended] == [0] * 3, ended
    assert site.query("SELECT * FROM alembic_version") == [["index"]]


READER = """
import asyncio, sys
from sqlalchemy import text
from db.database import engine

async def main():
    async with engine.connect() as connection:
        await connection.execute(text("SET application_name = 'reporting'"))
        await connection.execute(text("SELECT id FROM notes WHERE text = 'hunter2-hunter2'"))
        print("reading", flush=True)
        await asyncio.to_thread(sys.stdin.readline)

asyncio.run(main())
"""


@contextmanager
def reader(site: Site) -> Iterator["subprocess.Popen[str]"]:
    """Read a table in a transaction that stays open until the process gets a line."""
    command = [str(site.root / ".venv/bin/python"), "-c", READER]
    pipe = subprocess.PIPE
    env = clean_environment() | {"DATABASE_URL": site.database.url}
    with subprocess.Popen(
        command, cwd=site.root, env=env, stdin=pipe, stdout=pipe, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "reading\n"
        yield process
        process.kill()


@pytest.mark.parametrize("dialect", ["postgresql"])
@pytest.mark.parametrize(
    "command",
    [("upgrade",), pytest.param(("reset", "--yes"), marks=pytest.mark.nightly)],
    ids=" ".join,
)
def test_upgrade_names_the_session_that_blocks_it(site: Site, command: tuple[str, ...]) -> None:
    site.done("upgrade")
    site.revision("wide", up='op.add_column("notes", sa.Column("extra", sa.Text()))')
    with reader(site):
        refused = site.db(*command, "--wait", "2.5")
    assert refused.code == 4, refused.stderr
    told = " ".join(refused.stderr.split())
    assert re.match(
        r"waiting up to 2.5 s for a lock, blocked by session \d+: user `app`, application"
        r" `reporting`, idle in transaction for \d+ s, last query"
        r" `SELECT id FROM notes WHERE text = '\*\*\*'` error: ",
        told,
    )
    assert told.count("blocked by session ") == 2
    assert f"the database is at `{NOTES}`, as before" in told or command[0] == "reset"
    assert re.search(
        r"hint: end it with `SELECT pg_terminate_backend\(\d+\)`, or pass `--wait", told
    )
    assert site.query("SELECT count(*) FROM notes") == [[0]]


CONCURRENTLY = """with op.get_context().autocommit_block():
    op.create_index("ix_text", "notes", ["text"], postgresql_concurrently=True)"""


@pytest.mark.parametrize("dialect", ["postgresql"])
@pytest.mark.parametrize(
    ("up", "pause"),
    [
        pytest.param(
            'op.add_column("notes", sa.Column("extra", sa.Text()))', 0.0, marks=pytest.mark.nightly
        ),
        # It may wait for longer than the lock timeout: an index that gives up is left invalid.
        (CONCURRENTLY, 3.0),
    ],
)
def test_upgrade_gets_the_lock_when_the_session_ends(site: Site, up: str, pause: float) -> None:
    site.done("upgrade")
    site.revision("wide", up=up)
    with reader(site) as reading:
        upgrade = site.start("upgrade", "--wait", str(PATIENCE))
        wait_until_one_waits([upgrade])
        # What comes behind the statement that waits is held up for a moment alone.
        assert site.query("SELECT count(*) FROM notes") == [[0]]
        time.sleep(pause)
        assert upgrade.poll() is None
        reading.communicate("\n")
        code, printed, _ = ends([upgrade])[0]
    assert (code, printed.splitlines()[0]) == (0, "applied wide wide")


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_a_file_that_another_process_writes_to_is_waited_for(site: Site) -> None:
    site.done("upgrade")
    site.revision("next")
    with closing(sqlite3.connect(site.root / "shop.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        refused = site.db("upgrade", "--wait", "0.1")
        other.rollback()
        other.execute("BEGIN EXCLUSIVE")
        unread = site.db("status")
    assert unread.code == 4
    assert unread.stderr.startswith("error: another process has locked the database\n")
    assert refused.code == 4
    assert refused.stderr.startswith(
        "error: another process changes the database, and has not ended within 0.1 s\n"
    )
    site.done("upgrade")
