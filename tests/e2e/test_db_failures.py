"""`paxx db` where things go wrong: what is refused, what is put back, and what is told of it."""

import os
import re
import signal
import time
from pathlib import Path

import pytest

from servers import free_port
from tests.e2e.migrated import NOTES, PLAIN_ENV, Site
from tests.e2e.real import PATIENCE

BROKEN = """op.create_table("half", sa.Column("id", sa.Integer(), primary_key=True))
op.execute("INSERT INTO half VALUES (1)")
with op.batch_alter_table("notes") as notes:
    notes.add_column(sa.Column("extra", sa.Text()))
op.execute("INSERT INTO nowhere VALUES (1)")"""


def test_a_migration_that_fails_half_way_is_rolled_back(site: Site) -> None:
    site.done("upgrade")
    site.revision("good", up='op.create_table("good", sa.Column("id", sa.Integer()))')
    path = site.revision("broken", "good", up=BROKEN)
    line = path.read_text().splitlines().index('    op.execute("INSERT INTO nowhere VALUES (1)")')
    failed = site.db("upgrade")
    assert failed.code == 7
    first, *more = failed.stderr.splitlines()
    place = f"db/migrations/versions/broken.py:{line + 1}"
    assert first.startswith(f"error: {place}: revision `broken` (broken) failed: ")
    assert "nowhere" in first
    assert more == [
        "statement: INSERT INTO nowhere VALUES (1)",
        f"it was rolled back: the database is at `{NOTES}`, as before",
        "hint: correct the file, then try again",
    ]
    assert site.tables() == {"alembic_version", "notes"}
    document = site.db("upgrade", "--json").json
    assert f"{document['error']['path']}:{document['error']['line']}" == place
    site.revision("broken", "good", up="pass")
    site.done("upgrade")


@pytest.mark.nightly
@pytest.mark.parametrize("dialect", ["sqlite"])
def test_an_older_set_up_on_sqlite_keeps_half_of_it_and_that_is_told(site: Site) -> None:
    (site.root / "db/migrations/env.py").write_text(PLAIN_ENV)
    site.revision("good", up='op.create_table("good", sa.Column("id", sa.Integer()))')
    site.revision("broken", "good", up=BROKEN)
    failed = site.db("upgrade")
    assert failed.code == 8
    assert failed.stderr.splitlines()[2:] == [
        "the database is at `good`, but this of the revision is left in it:",
        "  table `half` was made",
        "hint: restore the remaining changes manually, then correct the file",
    ]
    assert site.tables() == {"alembic_version", "notes", "good", "half"}
    assert site.query("SELECT * FROM half") == []
    site.query("DROP TABLE half")
    site.revision("broken", "good", up="raise ValueError('no')")
    clean = site.db("upgrade")
    assert clean.code == 7
    assert "revision `broken` (broken) failed: ValueError: no\n" in clean.stderr
    assert "it was rolled back: the database is at `good`, as before\n" in clean.stderr
    site.revision("broken", "good", up="op.drop_table('good')\nop.rename_table('notes', 'n')\nnope")
    changed = site.db("upgrade").stderr
    assert "  table `n` was made\n  table `good` is gone\n  table `notes` is gone\n" in changed


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_what_was_committed_on_the_way_is_told(site: Site) -> None:
    site.done("upgrade")
    block = """op.create_table("before", sa.Column("id", sa.Integer()))
with op.get_context().autocommit_block():
    op.execute("CREATE TABLE within (id int)")
op.create_table("after", sa.Column("id", sa.Integer()))
op.execute("SELECT 1 / 0")"""
    site.revision("broken", up=block)
    failed = site.db("upgrade")
    assert failed.code == 8
    left = failed.stderr.split("is left in it:\n")[1].splitlines()[:-1]
    assert [each.strip()[:19] for each in left] == ["CREATE TABLE before", "CREATE TABLE within"]
    assert site.tables() == {"alembic_version", "notes", "before", "within"}


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_a_commit_that_fails_leaves_nothing(site: Site) -> None:
    site.done("upgrade")
    deferred = """op.execute("CREATE TABLE one (id int PRIMARY KEY)")
op.execute(
    "CREATE TABLE two (id int REFERENCES one DEFERRABLE INITIALLY DEFERRED)"
)
op.execute("INSERT INTO two VALUES (404)")"""
    site.revision("broken", up=deferred)
    failed = site.db("upgrade")
    assert failed.code == 7
    assert "revision `broken` (broken) failed: ForeignKeyViolationError: " in failed.stderr
    assert f"it was rolled back: the database is at `{NOTES}`, as before\n" in failed.stderr
    assert site.tables() == {"alembic_version", "notes"}


def test_a_downgrade_that_fails_is_rolled_back(site: Site) -> None:
    site.revision("second", back="op.drop_table('notes')\nop.drop_table('nowhere')")
    site.done("upgrade")
    failed = site.db("downgrade", "--yes")
    assert failed.code == 7
    assert "it was rolled back: the database is at `second`, as before\n" in failed.stderr
    assert "notes" in site.tables()


@pytest.mark.parametrize(
    "ending",
    [pytest.param("raise SystemExit(3)", marks=pytest.mark.nightly), "import sys\nsys.exit()"],
)
def test_a_revision_that_ends_the_process_fails_like_others(site: Site, ending: str) -> None:
    site.done("upgrade")
    half = 'op.create_table("half", sa.Column("id", sa.Integer()))\n'
    path = site.revision("ends", up=half + ending, back=ending)
    line = next(
        number
        for number, text in enumerate(path.read_text().splitlines(), 1)
        if text.strip() == ending.splitlines()[-1]
    )
    failed = site.db("upgrade")
    assert failed.code == 7
    place = f"db/migrations/versions/ends.py:{line}"
    assert failed.stderr.startswith(f"error: {place}: revision `ends` (ends) failed: SystemExit")
    assert failed.stderr.splitlines()[1:] == [
        f"it was rolled back: the database is at `{NOTES}`, as before",
        "hint: correct the file, then try again",
    ]
    assert site.tables() == {"alembic_version", "notes"}
    site.revision("ends", back=ending)
    site.done("upgrade")
    assert site.db("downgrade", "--yes").code == 7
    unclear = site.db("downgrade")  # what it drops is not found out by running it
    assert unclear.code == 2
    assert unclear.stderr.startswith("error: taking back `ends` (ends) may drop something: ")


def test_a_downgrade_that_drops_asks_first(site: Site) -> None:
    site.revision("second", back="op.execute('UPDATE notes SET title = title')")
    lossy = """with op.batch_alter_table("notes") as notes:
    notes.drop_column("text")
op.execute("DELETE FROM notes")
op.drop_table("lost")"""
    site.revision(
        "third", "second", 'op.create_table("lost", sa.Column("id", sa.Integer()))', lossy
    )
    asking = "rows = op.get_bind().execute(sa.text('SELECT id FROM notes')).all()"
    site.revision("fourth", "third", back=asking)
    site.done("upgrade")
    unclear = site.db("downgrade")
    assert unclear.code == 2
    assert unclear.stderr.startswith("error: taking back `fourth` (fourth) may drop something: ")
    site.done("downgrade", "--yes")
    lossy_one = site.db("downgrade", "--json")
    assert lossy_one.code == 2
    assert lossy_one.json["error"] == {
        "message": "taking back `third` (third) drops column `notes.text`, `DELETE FROM notes`,"
        " table `lost`",
        "hint": "pass `--yes` to confirm",
        "path": None,
        "line": None,
    }
    assert "lost" in site.tables()
    site.done("downgrade", "--yes")
    assert "took back second second\n" in site.done("downgrade").stdout


def test_an_unknown_revision_of_the_database_is_told(site: Site) -> None:
    path = site.revision("gone")
    site.done("upgrade")
    path.unlink()
    for command in (("migrate", "x"), ("upgrade",), ("downgrade",), ("upgrade", "--sql")):
        refused = site.db(*command)
        assert refused.code == 4, command
        assert refused.stderr.startswith(
            "error: the database is at `gone`, which this project does not have\n"
        )
    status = site.db("status")
    assert status.code == 5
    assert "unknown   gone\n" in status.stdout
    site.done("history")


def test_a_database_that_does_not_answer_is_named_without_its_password(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    address = f"app:{site.database.password.replace(' ', '%20')}@127.0.0.1:{port}/shop"
    url, shown = f"postgresql+asyncpg://{address}", f"app@127.0.0.1:{port}/shop"
    if site.database.dialect == "sqlite":
        url, shown = "sqlite+aiosqlite:///./no/such/folder.db", "no/such/folder.db"
    monkeypatch.setenv("DATABASE_URL", url)
    refused = site.db("upgrade")
    assert refused.code == 4
    assert refused.stderr.startswith(f"error: the database at `{shown}` does not answer: ")
    assert "`DATABASE_URL`" in refused.stderr
    site.done("heads")
    if site.database.dialect == "postgresql":
        for command in (("migrate", "x"), ("status",), ("downgrade",), ("shell",)):
            assert site.db(*command).code == 4, command
        plain = f"postgresql+asyncpg://shop:shop@127.0.0.1:{port}/shop"
        monkeypatch.setenv("DATABASE_URL", plain)  # as a new project has it in Compose
        assert f"`shop@127.0.0.1:{port}/shop` does not answer" in site.db("status").stderr
        monkeypatch.setenv("DATABASE_URL", url)
        history = site.done("history", "--json")
        assert history.stderr.startswith(f"warning: the database at `{shown}` does not answer: ")
        assert history.json["current"] is None
        assert site.done("upgrade", "--sql", "base:head").stdout


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_a_login_that_is_refused_is_a_database_that_does_not_answer(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = site.database.url
    for url, error in (
        (good.replace(site.database.password, "wrong-secret"), "InvalidPasswordError"),
        (good.rpartition("/")[0] + "/nothing", "InvalidCatalogNameError"),
    ):
        monkeypatch.setenv("DATABASE_URL", url)
        refused = site.db("status")
        assert refused.code == 4
        assert f"does not answer: {error}: " in refused.stderr
        assert "wrong-secret" not in refused.stderr


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_code_that_fails_is_told_with_its_place(site: Site) -> None:
    path = site.root / "features/notes/models.py"
    good = path.read_text()
    path.write_text(good + "\n\nraise LookupError('of the models')\n")
    line = len(path.read_text().splitlines())
    refused = site.db("status", "--json")
    assert refused.code == 4
    assert refused.json["error"]["message"] == (
        "the project's code failed: LookupError: of the models"
    )
    assert refused.json["error"]["path"] == "features/notes/models.py"
    assert refused.json["error"]["line"] == line
    path.write_text(good)

    version = site.revision("typo")
    version.write_text(version.read_text().replace("def upgrade():", "def upgrade(:"))
    refused = site.db("upgrade")
    assert refused.code == 4
    assert re.match(r"error: db/migrations/versions/typo.py:12: .*SyntaxError", refused.stderr)


@pytest.mark.nightly
@pytest.mark.parametrize("dialect", ["sqlite"])
def test_a_set_up_that_fails_is_told_with_its_place(site: Site) -> None:
    env = site.root / "db/migrations/env.py"
    good = env.read_text()
    env.write_text("import nowhere_to_be_found\n")
    refused = site.db("upgrade")
    assert refused.code == 4
    assert refused.stderr.startswith(
        "error: db/migrations/env.py:1: the project's code failed: ModuleNotFoundError: "
    )
    env.write_text("print('says something'); print('half a line', end='')\n")
    refused = site.db("upgrade")
    assert refused.code == 4
    assert "does not call `context.run_migrations()`" in refused.stderr
    assert "says something\nhalf a line\n" in refused.stderr
    env.write_text(good)
    (site.root / ".env").write_text("ENVIRONMENT=nowhere\n")
    refused = site.db("status")
    assert refused.code == 4
    assert "error: the settings are not valid: ENVIRONMENT: Input should be" in refused.stderr


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_a_project_without_migrations_is_told_where_they_belong(site: Site) -> None:
    folder = site.root / "db/migrations"
    (folder / "script.py.mako").rename(folder / "elsewhere.mako")
    assert "there is no `db/migrations/script.py.mako`" in site.db("status").stderr
    folder.rename(site.root / "db/moved")
    missing = site.db("migrate", "x")
    assert missing.code == 4
    assert missing.stderr.startswith("error: there are no migrations here: Path doesn't exist: ")
    pyproject = site.root / "pyproject.toml"
    pyproject.write_text(re.sub(r"(?s)\[tool\.alembic\].*", "", pyproject.read_text()))
    unnamed = site.db("status")
    assert unnamed.code == 4
    assert "script_location" in unnamed.stderr


@pytest.mark.parametrize("dialect", ["postgresql"])
@pytest.mark.parametrize(
    ("number", "sigint"),
    [
        pytest.param(signal.SIGINT, signal.SIG_DFL, marks=pytest.mark.nightly),
        pytest.param(signal.SIGTERM, signal.SIG_DFL, marks=pytest.mark.nightly),
        (signal.SIGTERM, signal.SIG_IGN),  # as a background job of a script inherits it
    ],
)
def test_an_interrupted_migration_is_rolled_back(
    site: Site, number: signal.Signals, sigint: signal.Handlers
) -> None:
    site.done("upgrade")
    slow = 'op.execute("CREATE TABLE half (id int)")\nop.execute("SELECT pg_sleep(600)")'
    site.revision("slow", up=slow)
    before = signal.signal(signal.SIGINT, sigint)
    try:
        process = site.start("upgrade")
    finally:
        signal.signal(signal.SIGINT, before)
    while not site.query("SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)'"):
        assert process.poll() is None
        time.sleep(0.1)
    process.send_signal(number)
    _, printed = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert printed.splitlines() == [
        "error: interrupted in revision `slow` (slow)",
        f"it was rolled back: the database is at `{NOTES}`, as before",
    ]
    assert "half" not in site.tables()


def test_status_after_a_kill_reports_the_revision_before(site: Site) -> None:
    site.done("upgrade")
    held = """op.create_table("half", sa.Column("id", sa.Integer()))
import pathlib, time
pathlib.Path("begun").touch()
for _ in range(3000):
    if pathlib.Path("go").exists():
        break
    time.sleep(0.1)"""
    site.revision("slow", up=held)
    process = site.start("upgrade")
    while not (site.root / "begun").exists():
        assert process.poll() is None
        time.sleep(0.1)
    [interpreter] = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    os.kill(int(interpreter), signal.SIGKILL)
    _, printed = process.communicate(timeout=PATIENCE)
    assert (process.returncode, printed.splitlines()) == (
        8,
        [
            "error: revision `slow` (slow) was interrupted:"
            " signal 9 ended the project's interpreter",
            "hint: `paxx db status` reports what the database is at",
        ],
    )
    assert f"\nat        {NOTES}\n" in site.db("status").stdout
    assert site.tables() == {"alembic_version", "notes"}
    (site.root / "go").touch()
    assert site.done("upgrade").stdout.endswith(" is at `slow`\n")


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_what_a_migration_prints_is_shown_without_secrets(site: Site) -> None:
    (site.root / ".env").write_text("SECRET_KEY=kept-for-ourselves-1\n")
    telling = "from settings import settings\nprint('key', settings.secret_key.get_secret_value())"
    site.revision("telling", up=telling)
    printed = site.done("upgrade", "--json")
    assert printed.stderr == "key ***\n"
