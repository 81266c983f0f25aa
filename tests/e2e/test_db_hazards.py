"""`paxx db`: warnings of hazardous operations, and the commands that empty or open a database."""

import os
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

import servers
from tests.e2e.migrated import NOTES, PLAIN_ENV, Site, on_path
from tests.e2e.real import PATIENCE, clean_environment

WIDE = """import sqlalchemy as sa

class Old(Base):
    __tablename__ = "old"
    id: Mapped[int] = mapped_column(primary_key=True)


class Wide(Base):
    __tablename__ = "wide"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    free: Mapped[str] = mapped_column(Text)
    count: Mapped[int] = mapped_column(sa.BigInteger)
    price: Mapped[float] = mapped_column(sa.Numeric(12, 4))
    number: Mapped[str] = mapped_column(String(20))
    short: Mapped[str] = mapped_column(String(10))
    maybe: Mapped[str | None]
    gone: Mapped[str | None]
"""
NARROW = """import sqlalchemy as sa

class New(Base):
    __tablename__ = "new"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(index=True)


class Wide(Base):
    __tablename__ = "wide"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50))
    free: Mapped[str] = mapped_column(String(1000))
    count: Mapped[int] = mapped_column(sa.Integer)
    price: Mapped[float] = mapped_column(sa.Numeric(12, 2))
    number: Mapped[int] = mapped_column(sa.Integer)
    short: Mapped[str] = mapped_column(String(30))
    maybe: Mapped[str]
    added: Mapped[str]
    given: Mapped[str] = mapped_column(server_default="")
"""


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_hazardous_operations_are_warned_of(site: Site) -> None:
    models = site.root / "features/notes/models.py"
    start = models.read_text()
    models.write_text(start + WIDE)
    site.done("upgrade")
    assert site.done("migrate", "wide", "--json").json["warnings"] == []
    site.done("upgrade")
    models.write_text(start + NARROW)
    document = site.done("migrate", "narrow", "--dry-run", "--json").json
    found = {(each["kind"], each["table"], each["column"]) for each in document["warnings"]}
    assert found == {
        ("drop", "old", None),
        ("drop", "wide", "gone"),
        ("narrowing", "wide", "name"),
        ("narrowing", "wide", "free"),
        ("narrowing", "wide", "count"),
        ("narrowing", "wide", "price"),
        ("narrowing", "wide", "number"),
        ("set-not-null", "wide", "maybe"),
        ("not-null", "wide", "added"),
    }
    printed = site.done("migrate", "narrow").stdout
    assert "warning: drops the table `old` and all that is in it\nhint: " in printed
    assert "from VARCHAR(100) to VARCHAR(50)\n" in printed


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_an_index_on_a_large_table_is_warned_of(site: Site) -> None:
    site.done("upgrade")
    fill = "INSERT INTO notes (title, text) SELECT i::text, '' FROM generate_series({}, {}) AS i"
    indexed = "text: Mapped[str] = mapped_column(Text, index=True)"
    site.models("text: Mapped[str] = mapped_column(Text)", indexed)
    site.query(fill.format(1, 99_999))
    site.query("ANALYZE notes")  # and these statistics are out of date with the next row
    assert site.done("migrate", "index", "--dry-run", "--json").json["warnings"] == []
    site.query(fill.format(100_000, 100_000))
    [warning] = site.done("migrate", "index", "--dry-run", "--json").json["warnings"]
    assert warning["kind"] == "index"
    assert "`ix_notes_text` on `notes`" in warning["message"]
    site.query(fill.format(100_001, 150_000))
    site.query("ANALYZE notes")
    site.query("ALTER TABLE notes ADD COLUMN number integer, ADD COLUMN label varchar(10)")
    columns = """number: Mapped[int | None] = mapped_column(sa.BigInteger)
    label: Mapped[str | None] = mapped_column(String(20))
    parent: Mapped[int | None] = mapped_column(sa.ForeignKey("notes.id"))
    double: Mapped[int] = mapped_column(sa.Computed("id * 2", persisted=True))
    """
    site.models("text: Mapped[str]", f"{columns}text: Mapped[str]")
    site.models("from sqlalchemy import", "import sqlalchemy as sa\nfrom sqlalchemy import")
    document = site.done("migrate", "large", "--dry-run", "--json").json
    assert {(each["kind"], each["column"]) for each in document["warnings"]} == {
        ("index", None),
        ("rewrite", "number"),
        ("rewrite", "double"),
        ("validation", None),
    }
    assert "which has about 150000 rows" in site.done("migrate", "index").stdout


@pytest.mark.nightly
@pytest.mark.parametrize("dialect", ["sqlite"])
def test_a_reset_with_an_older_set_up_drops_what_is_referred_to(site: Site) -> None:
    (site.root / "db/migrations/env.py").write_text(PLAIN_ENV)
    site.done("upgrade")
    site.query("INSERT INTO notes (title, text) VALUES ('a', 'b')")
    site.query("CREATE TABLE zoo (id int REFERENCES notes)")
    site.query("INSERT INTO zoo VALUES (1)")
    site.done("reset", "--yes")
    assert site.tables() == {"alembic_version", "notes"}
    site.revision("broken", up="raise ValueError('no')")
    failed = site.db("reset", "--yes")
    assert failed.code == 8
    state = f"the database is at `{NOTES}`, and the reset dropped table `notes`\n"
    assert state in failed.stderr


def test_reset_that_fails_leaves_the_database_as_it_was(site: Site) -> None:
    site.done("upgrade")
    site.query("INSERT INTO notes (title, text) VALUES ('a', 'b')")
    site.revision("broken", up="op.drop_table('nowhere')")
    failed = site.db("reset", "--yes")
    assert failed.code == 7
    assert f"it was rolled back: the database is at `{NOTES}`, as before\n" in failed.stderr
    assert site.query("SELECT title FROM notes") == [["a"]]
    site.revision("broken", up="this is no Python")
    assert site.db("reset", "--yes").code == 4
    assert site.query("SELECT title FROM notes") == [["a"]]


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_reset_reports_what_a_revision_that_commits_makes_final(site: Site) -> None:
    site.done("upgrade")
    site.revision("commits", up="with op.get_context().autocommit_block():\n    nothing")
    failed = site.db("reset", "--yes")
    assert failed.code == 8
    assert failed.stderr.splitlines()[1:] == [
        f"the database is at `{NOTES}`, and the reset dropped table `notes`",
        "hint: correct the file, then try again",
    ]


def test_a_reset_drops_all_and_runs_all(site: Site) -> None:
    site.done("upgrade")
    site.query("CREATE TABLE foreign_one (id int)")
    site.query("CREATE VIEW seen AS SELECT * FROM notes")
    if site.database.dialect == "postgresql":
        site.query("CREATE EXTENSION postgis")
        site.query("CREATE TYPE mood AS ENUM ('fine')")
        site.query("CREATE TYPE pair AS (one int, two int)")
        site.query("CREATE TYPE span AS RANGE (subtype = int)")
        site.query("CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'")
        site.query("CREATE AGGREGATE total(int) (sfunc = int4pl, stype = int)")
        site.query("CREATE SEQUENCE counting")
        site.query("CREATE MATERIALIZED VIEW kept AS SELECT * FROM notes")
    site.query("INSERT INTO notes (title, text) VALUES ('a', 'b')")
    asked = site.db("reset")
    assert asked.code == 2
    assert asked.stderr.startswith("error: this drops all that is in `")
    assert "table `foreign_one`" in asked.stderr
    assert "spatial_ref_sys" not in asked.stderr
    assert site.query("SELECT title FROM notes") == [["a"]]
    document = site.done("reset", "--yes", "--json").json
    assert {"table `foreign_one`", "table `notes`", "view `seen`"} <= set(document["dropped"])
    assert site.query("SELECT title FROM notes") == []
    extension = {"spatial_ref_sys"} if site.database.dialect == "postgresql" else set()
    assert site.tables() == {"alembic_version", "notes"} | extension
    if site.database.dialect == "postgresql":
        left = "SELECT typname FROM pg_type WHERE typname = ANY('{mood,seen,kept,pair,span}')"
        assert site.query(left) == []
        assert site.query("SELECT proname FROM pg_proc WHERE proname IN ('one', 'total')") == []


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_reset_names_what_it_drops_in_other_schemas(site: Site) -> None:
    site.done("upgrade")
    site.query("CREATE TYPE mood AS ENUM ('fine')")
    site.query("CREATE SCHEMA reports")
    site.query("CREATE VIEW reports.totals AS SELECT count(*) FROM notes")
    site.query("CREATE TABLE reports.read (note int REFERENCES notes, mood mood)")
    outside = [
        "table column `reports.read.mood`",
        "table constraint `read_note_fkey on reports.read`",
        "view `reports.totals`",
    ]
    asked = site.db("reset")
    assert f"; with it, in other schemas: {', '.join(outside)}\n" in asked.stderr
    document = site.done("reset", "--yes", "--json").json
    assert document["dropped"] == ["table `notes`", "type `mood`", *outside]
    assert site.query("SELECT * FROM reports.read") == []


def test_only_a_database_of_development_is_reset(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.done("upgrade")
    monkeypatch.setenv("ENVIRONMENT", "staging")
    monkeypatch.setenv("SECRET_KEY", "of-staging-alone-with-32-characters")
    refused = site.db("reset", "--yes", "--force")
    assert refused.code == 4
    assert "`ENVIRONMENT` is `staging`" in refused.stderr
    assert "notes" in site.tables()


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_questions_are_asked_on_a_terminal(site: Site) -> None:
    site.done("upgrade")
    for answer, code in (("n", 2), ("y", 0)):
        terminal = pexpect.spawn(
            sys.executable,
            ["-m", "paxx", "db", "downgrade"],
            cwd=str(site.root),
            env=clean_environment() | {"DATABASE_URL": site.database.url},
            encoding="utf-8",
            timeout=PATIENCE,
            dimensions=(40, 200),
        )
        terminal.expect(f"Taking back `{NOTES}` .add notes. drops table `notes`. Continue")
        terminal.sendline(answer)
        terminal.expect(pexpect.EOF)
        terminal.close()
        assert terminal.exitstatus == code, terminal.before
        if code == 2:
            assert ": nothing was done" in str(terminal.before)
        else:
            assert f"running {NOTES} add notes" in str(terminal.before)
    assert "notes" not in site.tables()


def recorder(folder: Path, name: str) -> Path:
    """Put a program on PATH that tells its arguments and its environment, and what it is given."""
    folder.mkdir()
    record = folder / "record"
    script = f'#!/bin/sh\n{{ echo "$0" "$@"; env; cat; }} >{record}\nexit 3\n'
    (folder / name).write_text(script)
    (folder / name).chmod(0o755)
    return record


def test_the_shell_gets_the_password_in_its_environment_alone(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = {"postgresql": "psql", "sqlite": "sqlite3"}[site.database.dialect]
    site.done("upgrade")
    record = recorder(tmp_path / "programs", name)
    monkeypatch.setenv("PATH", on_path(tmp_path / "programs"))
    process = site.start("shell", PATH=os.environ["PATH"])
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 3
    command, *variables = record.read_text().splitlines()
    assert site.database.password not in command
    if site.database.dialect == "sqlite":
        assert command.endswith(f"/sqlite3 {site.root}/shop.db")
    else:
        assert command.endswith("/psql")
        assert f"PGPASSWORD={site.database.password}" in variables
        assert {"PGUSER=app", "PGHOST=127.0.0.1"} < set(variables)
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    missing = site.db("shell")
    assert missing.code == 4
    assert missing.stderr.startswith(f"error: `{name}` is not on PATH\nhint: ")


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_there_is_no_shell_of_a_database_that_is_not_there(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = site.db("shell")
    assert missing.code == 4
    assert missing.stderr == (
        "error: there is no database at `shop.db`\nhint: `paxx db upgrade` creates it\n"
    )
    monkeypatch.setenv("DATABASE_URL", "sqlite+aiosqlite:///:memory:")
    assert "is kept in memory" in site.db("shell").stderr


def test_the_real_shell_answers(site: Site, postgres: servers.Postgres) -> None:
    del postgres
    site.done("upgrade")
    done = subprocess.run(
        [sys.executable, "-m", "paxx", "db", "shell"],
        cwd=site.root,
        env=clean_environment() | {"DATABASE_URL": site.database.url},
        input="SELECT version_num FROM alembic_version;\n",
        capture_output=True,
        text=True,
        check=False,
    )
    if "is not on PATH" in done.stderr:
        assert done.returncode == 4
    else:
        assert NOTES in done.stdout, done.stderr
