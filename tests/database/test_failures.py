"""Failures of the project's side in words: each has its exit code and its way out."""

from typing import Any

import pytest

from tests.database.conftest import Puppet

Case = tuple[str, dict[str, Any], int, str, str]

SESSION = {
    "pid": 7,
    "user": "app",
    "application": "psql",
    "state": "idle in transaction",
    "seconds": 300,
    "query": "SELECT 1",
}
CASES: list[Case] = [
    (
        "alembic",
        {"text": "no metadata"},
        4,
        "Alembic refused: no metadata",
        "`uv run alembic --help` is closer to it",
    ),
    (
        "ambiguous",
        {
            "text": "ab",
            "candidates": [{"revision": "ab1", "message": "x"}, {"revision": "ab2", "message": ""}],
        },
        2,
        "`ab` is the beginning of several revisions: `ab1` (x), `ab2`",
        "give more of its letters",
    ),
    (
        "another database",
        {"text": "PostGIS requires PostgreSQL, but DATABASE_URL points to SQLite"},
        4,
        "PostGIS requires PostgreSQL, but DATABASE_URL points to SQLite",
        "set `DATABASE_URL=postgresql+asyncpg://USER:PASSWORD@HOST:5432/NAME` in `.env`;"
        " `.env.example` shows the one of the Compose file",
    ),
    (
        "behind",
        {"revisions": ["a", "b", "c", "d"]},
        4,
        "the database is behind: 4 pending (`a`, `b`, `c`, …)",
        "`paxx db upgrade` first",
    ),
    (
        "blocked",
        {
            "revision": "ab12",
            "message": "add x",
            "path": "db/x.py",
            "line": 7,
            "before": ["aa"],
            "at": ["aa"],
            "seconds": 60,
            "sessions": [SESSION, {"pid": 8}],
        },
        4,
        "db/x.py:7: revision `ab12` (add x): no lock within 60 s\n"
        "blocked by session 7: user `app`, application `psql`, idle in transaction for 300 s,"
        " last query `SELECT 1`\n"
        "blocked by session 8\n"
        "it was rolled back: the database is at `aa`, as before",
        "end it with `SELECT pg_terminate_backend(7)` and `SELECT pg_terminate_backend(8)`, or pass"
        " `--wait SECONDS` to wait longer",
    ),
    (
        "code",
        {"text": "ValueError: no", "path": "settings.py", "line": 3},
        4,
        "settings.py:3: the project's code failed: ValueError: no",
        "the migrations import the settings and the models of the project",
    ),
    (
        "database",
        {"text": "ProgrammingError: no", "database": "shop.db"},
        4,
        "the database at `shop.db` refused: ProgrammingError: no",
        "`paxx doctor` looks further",
    ),
    (
        "differs",
        {"revisions": ["ab"], "left": ["the table `x` is not in the database"]},
        4,
        "the database does not have what `ab` leads to\n  the table `x` is not in the database",
        "name the revision that it is at, as `paxx db history` lists them; `--force` records this"
        " one all the same",
    ),
    (
        "exists",
        {"path": "db/x.py"},
        4,
        "db/x.py: is there already",
        "give the revision another message",
    ),
    (
        "heads",
        {"revisions": ["a", "b"]},
        4,
        "there are 2 heads: `a`, `b`",
        "`paxx db merge` joins them",
    ),
    (
        "in use",
        {"seconds": 0},
        4,
        "another process has locked the database",
        "try again when it has ended",
    ),
    (
        "locked",
        {"seconds": 2.5},
        4,
        "another process changes the database, and has not ended within 2.5 s",
        "`--wait SECONDS` waits longer",
    ),
    ("moved", {}, 4, "the database has changed meanwhile: it is at `base`", "try again"),
    (
        "no alembic",
        {},
        4,
        "Alembic is not installed in the environment of the project",
        "`uv sync` brings the environment in step with `pyproject.toml`",
    ),
    (
        "no reset",
        {"text": "mysql"},
        4,
        "a database of `mysql` is not emptied by paxx",
        "empty it manually, then run `paxx db upgrade`",
    ),
    (
        "no run",
        {},
        4,
        "`env.py` of the migrations does not call `context.run_migrations()`",
        "Alembic, too, works only through that call",
    ),
    (
        "no tables",
        {},
        4,
        "the database has no table of this project, so no revision has been run there",
        "`paxx db upgrade` creates the tables",
    ),
    (
        "stamped",
        {"revisions": ["ab"]},
        4,
        "the database is at `ab` already",
        "`paxx db upgrade` and `paxx db downgrade` change that; `--force` records another revision"
        " without running any",
    ),
    (
        "not development",
        {},
        4,
        "only a database of development is emptied, and `ENVIRONMENT` says it is another",
        "`ENVIRONMENT=development` says it is one, `--force` does not",
    ),
    (
        "out of range",
        {"text": "+9"},
        2,
        "`+9` cannot be reached from `base`",
        "`paxx db history` shows the revisions in their order",
    ),
    (
        "forked",
        {"text": "+1"},
        2,
        "`+1` is ambiguous, as branches begin or end there",
        "`paxx db history` lists the revisions; give the id of one",
    ),
    (
        "several",
        {"text": "-1", "revisions": ["aa", "bb"]},
        2,
        "`-1` is ambiguous: the database is at `aa`, `bb`",
        "`paxx db downgrade aa@-1` or `paxx db downgrade bb@-1` takes back one",
    ),
    (
        "joined",
        {"text": "-3", "revision": "cc", "revisions": ["aa", "bb"], "reached": "-2"},
        2,
        "`-3` is ambiguous: it leads below `cc`, which joins `aa`, `bb`",
        "`paxx db downgrade -2` goes as far as that, then `paxx db downgrade aa@-1` or"
        " `paxx db downgrade bb@-1`",
    ),
    (
        "goes up",
        {"text": ":head"},
        2,
        "`:head` goes up: `head` comes after `base`",
        "`paxx db upgrade :head --sql`, or `paxx db downgrade head:base --sql`",
    ),
    (
        "goes down",
        {"text": "cc:aa"},
        2,
        "`cc:aa` goes down: `aa` comes before `cc`",
        "`paxx db downgrade cc:aa --sql`, or `paxx db upgrade aa:cc --sql`",
    ),
    (
        "settings",
        {"text": "X: no"},
        4,
        "the settings are not valid: X: no",
        "`paxx doctor` says where they are set",
    ),
    (
        "unknown",
        {"text": "zz"},
        2,
        "there is no revision `zz`",
        "`paxx db history` lists the revisions",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[kind for kind, *_ in CASES])
def test_a_failure_is_told(puppet: Puppet, case: Case) -> None:
    kind, facts, code, message, hint = case
    puppet.fails(kind, **facts)
    refused = puppet.db("upgrade")
    assert (refused.code, refused.stderr) == (code, f"error: {message}\nhint: {hint}\n")


@pytest.mark.parametrize(
    ("kind", "hint"),
    [
        ("strange", "`paxx db reset`"),
        ("no migrations", "`script_location`"),
        ("unreachable", "`DATABASE_URL`"),
    ],
)
def test_a_failure_has_a_longer_way_out(puppet: Puppet, kind: str, hint: str) -> None:
    puppet.fails(kind, text="x", revisions=["gone"], database="shop.db")
    refused = puppet.db("upgrade", "--json")
    assert refused.code == 4
    assert hint in refused.json["error"]["hint"]


def test_lock_that_no_known_session_holds_is_reported(puppet: Puppet) -> None:
    puppet.fails("blocked", database="app@db:5432/shop", seconds=2.5)
    assert puppet.db("upgrade").stderr == (
        "error: the database at `app@db:5432/shop`: no lock within 2.5 s\n"
        "hint: pass `--wait SECONDS` to wait longer\n"
    )


MIGRATION = {"revision": "ab12", "text": "ValueError: no", "path": "db/x.py", "line": 7}


def test_a_migration_that_was_rolled_back_exits_with_7(puppet: Puppet) -> None:
    puppet.fails("migration", **MIGRATION, message="add x", statement="SELECT 1", at=[])
    refused = puppet.db("upgrade")
    assert refused.code == 7
    assert refused.stderr == (
        "error: db/x.py:7: revision `ab12` (add x) failed: ValueError: no\n"
        "statement: SELECT 1\n"
        "it was rolled back: the database is at no revision, as before\n"
        "hint: correct the file, then try again\n"
    )


def test_migration_of_tables_without_a_revision_suggests_stamp(puppet: Puppet) -> None:
    puppet.fails("migration", **MIGRATION, at=[], unversioned=["a", "b", "c", "d"])
    assert puppet.db("upgrade").stderr.endswith(
        "hint: `paxx db stamp REVISION` records the revision that the existing tables are at:"
        " `a`, `b`, `c`\n"
    )


def test_a_migration_that_is_half_there_exits_with_8(puppet: Puppet) -> None:
    left = {"left": ["table `x` was made"], "sessions": [{"pid": 7}]}
    puppet.fails("migration", **MIGRATION, before=["aa"], at=["ab"], **left)
    refused = puppet.db("upgrade")
    assert refused.code == 8
    assert refused.stderr == (
        "error: db/x.py:7: revision `ab12` failed: ValueError: no\n"
        "blocked by session 7\n"
        "the database is at `ab`, but this of the revision is left in it:\n"
        "  table `x` was made\n"
        "hint: restore the remaining changes manually, then correct the file\n"
    )


def test_reset_that_fails_after_a_commit_exits_with_8(puppet: Puppet) -> None:
    puppet.fails("migration", **MIGRATION, before=["aa"], at=["aa"], dropped=["table `x`"])
    refused = puppet.db("reset", "--yes")
    assert refused.code == 8
    assert refused.stderr.splitlines()[1:] == [
        "the database is at `aa`, and the reset dropped table `x`",
        "hint: correct the file, then try again",
    ]


def test_a_database_that_is_gone_after_a_failure_exits_with_8(puppet: Puppet) -> None:
    puppet.fails("migration", **MIGRATION, database="app@db:5432/shop")
    refused = puppet.db("upgrade")
    assert refused.code == 8
    assert refused.stderr.splitlines()[1:] == [
        "the database at `app@db:5432/shop` does not tell what it is at now",
        "hint: `paxx db status` tells more when the database answers",
    ]


def test_an_interrupted_revision_is_told_with_what_became_of_it(puppet: Puppet) -> None:
    puppet.fails("interrupted", revision="ab12", at=["aa"], before=["aa"])
    assert puppet.db("upgrade").stderr == (
        "error: interrupted in revision `ab12`\n"
        "it was rolled back: the database is at `aa`, as before\n"
    )
