"""`paxx db` in a real project: revisions are written, run, taken back and looked at."""

import re
from pathlib import Path

import pytest

from tests.e2e.migrated import NOTES, Site
from tests.e2e.real import RealShop

TITLE = "title: Mapped[str] = mapped_column(String(200), unique=True)"
COUNT = f'{TITLE}\n    count: Mapped[int] = mapped_column(server_default="0")'


def test_a_change_of_the_models_goes_all_the_way(site: Site) -> None:
    assert site.db("status").code == 5
    behind = site.db("migrate", "too early")
    assert behind.code == 4
    assert behind.stderr == (
        f"error: the database is behind: 1 pending (`{NOTES}`)\nhint: `paxx db upgrade` first\n"
    )
    assert f"applied {NOTES} add notes\n" in site.done("upgrade").stdout
    assert "models    agree with the database\n" in site.done("status").stdout

    site.models(TITLE, COUNT)
    drifted = site.db("status")
    assert drifted.code == 5
    assert "  the column `notes.count` is not in the database\n" in drifted.stdout
    assert drifted.stdout.endswith("next:\n  paxx db migrate MESSAGE\n")
    before = set(site.versions.iterdir())
    printed = site.done("migrate", "count", "notes").stdout
    [written] = set(site.versions.iterdir()) - before
    assert printed == f"wrote `db/migrations/versions/{written.name}`\n\nnext:\n  paxx db upgrade\n"
    assert re.fullmatch(r"\d{4}_\d\d_\d\d_\d{4}_count_notes\.py", written.name)
    pending = site.db("status")
    assert pending.code == 5
    assert "pending   1\n" in pending.stdout

    assert "applied" in site.done("upgrade").stdout
    assert site.done("status").stdout.endswith("models    agree with the database\n")
    assert "took back" in site.done("downgrade", "base", "--yes").stdout
    assert site.tables() <= {"alembic_version"}
    site.done("upgrade")
    assert site.done("status", "--json").json["differences"] == []


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_what_is_written_passes_the_checks_of_the_project(site: Site) -> None:
    for revision in site.versions.glob("*.py"):
        revision.unlink()
    site.done("migrate", "first")
    site.done("upgrade")
    site.models(TITLE, COUNT)
    site.done("migrate", "second")
    shop = RealShop(site.root)
    shop.tool("ruff", "check", ".")
    shop.tool("ruff", "format", "--check", ".")
    shop.tool("mypy", "db")


def test_nothing_is_written_where_nothing_changed(site: Site) -> None:
    site.done("upgrade")
    before = set(site.versions.iterdir())
    assert site.done("migrate", "nothing").stdout.startswith("nothing changed: the models agree")
    assert site.done("migrate", "nothing", "--json").json["status"] == "unchanged"
    assert set(site.versions.iterdir()) == before
    document = site.done("migrate", "by hand", "--empty", "--json").json
    assert document["status"] == "applied"
    [written] = set(site.versions.iterdir()) - before
    assert document["revisions"][0]["path"] == f"db/migrations/versions/{written.name}"
    assert document["revisions"][0]["content"] == written.read_text()
    assert document["revisions"][0]["down"] == [NOTES]


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_an_empty_revision_can_be_filled_in(site: Site) -> None:
    site.done("upgrade")
    pyproject = site.root / "pyproject.toml"
    older = pyproject.read_text().replace('"E501", "F401"', '"E501"')
    for table, configuration in (("first", pyproject.read_text()), ("second", older)):
        pyproject.write_text(configuration)
        assert (
            "from alembic import op\n" in site.done("migrate", "no", "--empty", "--dry-run").stdout
        )
        [written] = site.done("migrate", table, "--empty", "--json").json["revisions"]
        if configuration != older:
            RealShop(site.root).tool("ruff", "check", ".")
        path = site.root / written["path"]
        filled = f'op.execute(sa.text("CREATE TABLE {table} (id int)"))'
        path.write_text(path.read_text().replace('"""Apply."""', filled))
        site.done("upgrade")
        assert table in site.tables()


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_a_dry_run_shows_the_file_as_it_would_be_and_writes_nothing(site: Site) -> None:
    site.done("upgrade")
    site.models(TITLE, COUNT)
    before = set(site.versions.iterdir())
    shown = site.done("migrate", "count", "--dry-run").stdout
    document = site.done("migrate", "count", "--dry-run", "--json").json
    assert set(site.versions.iterdir()) == before
    assert document["status"] == "planned"
    content = document["revisions"][0]["content"]
    assert "batch_op.add_column" in content
    [written] = site.done("migrate", "count", "--json").json["revisions"]
    same = [re.sub(r"[0-9a-f]{12}", "", each) for each in (content, written["content"])]
    assert same[0] == same[1]
    assert re.sub(r"\d{4}_count", "", document["revisions"][0]["path"]) == re.sub(
        r"\d{4}_count", "", written["path"]
    )
    assert shown.startswith("would write `db/migrations/versions/")
    assert '"""count\n\nRevision: ' in shown


@pytest.mark.nightly
@pytest.mark.parametrize("dialect", ["sqlite"])
def test_a_revision_of_the_same_name_is_not_overwritten(site: Site) -> None:
    site.done("upgrade")
    pyproject = site.root / "pyproject.toml"
    text = pyproject.read_text()
    pyproject.write_text(re.sub(r"file_template = .*", 'file_template = "%%(slug)s"', text))
    site.done("migrate", "twice", "--empty")
    written = (site.versions / "twice.py").read_text()
    site.done("upgrade")
    again = site.db("migrate", "twice", "--empty")
    assert again.code == 4
    assert again.stderr == (
        "error: db/migrations/versions/twice.py: is there already\n"
        "hint: give the revision another message\n"
    )
    assert (site.versions / "twice.py").read_text() == written


@pytest.mark.nightly
@pytest.mark.parametrize("dialect", ["sqlite"])
def test_any_message_makes_a_file_that_can_be_read(site: Site) -> None:
    site.done("upgrade")
    message = '"say" """ and \\N{no} and %s of ../../etc/é, and end with "\\'
    [written] = site.done("migrate", message, "--empty", "--json").json["revisions"]
    assert written["message"] == message
    assert Path(written["path"]).parent == Path("db/migrations/versions")
    site.done("upgrade")
    assert message in site.done("history").stdout


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_a_hook_that_fails_leaves_the_file_and_says_so(site: Site) -> None:
    site.done("upgrade")
    pyproject = site.root / "pyproject.toml"
    pyproject.write_text(pyproject.read_text().replace('module = "ruff"', 'module = "ruffian"'))
    outcome = site.db("migrate", "empty", "--empty")
    assert outcome.code == 5
    assert "warning: a hook failed after that: CommandError: Could not find" in outcome.stdout
    assert site.db("migrate", "other", "--empty", "--json").code == 4  # the first one is pending
    site.done("upgrade")


@pytest.mark.nightly
def test_relative_revisions_need_no_dashes(site: Site) -> None:
    site.revision("second")
    site.revision("third", "second")
    assert site.done("upgrade", "+1").stdout.endswith(f" is at `{NOTES}`\n")
    assert site.done("upgrade", "+2").stdout.endswith(" is at `third`\n")
    assert site.done("downgrade", "-2", "--yes").stdout.endswith(f" is at `{NOTES}`\n")
    assert site.done("upgrade", "second").stdout.endswith(" is at `second`\n")
    assert site.done("upgrade", NOTES).stdout.startswith("nothing to apply: ")
    assert site.done("downgrade", "--", "-1").stdout.endswith(f" is at `{NOTES}`\n")
    assert site.db("downgrade", "third").code == 2
    document = site.done("downgrade", "--yes", "-1", "--json").json
    assert (document["before"], document["after"]) == ([NOTES], [])
    assert site.done("downgrade").stdout.startswith("nothing to take back: ")


@pytest.mark.nightly
@pytest.mark.parametrize("dialect", ["sqlite"])
def test_a_revision_that_is_not_there_is_answered_with_near_ones(site: Site) -> None:
    site.revision("ab12aaaa")
    site.revision("ab12bbbb", "ab12aaaa")
    near = site.db("upgrade", "add_nots")
    assert near.code == 2
    assert near.stderr.endswith(f"hint: did you mean `{NOTES}` (add notes)?\n")
    assert f"`{NOTES}`" in site.db("upgrade", NOTES[:4] + "ffff").stderr
    assert site.db("upgrade", "qqqq").stderr.endswith("`paxx db history` lists the revisions\n")
    several = site.db("upgrade", "ab12")
    assert several.code == 2
    assert "`ab12aaaa` (ab12aaaa)" in several.stderr
    assert "`ab12bbbb` (ab12bbbb)" in several.stderr
    assert site.done("upgrade", "ab12a").stdout.endswith(" is at `ab12aaaa`\n")
    far = site.db("upgrade", "+5")
    assert far.code == 2
    assert far.stderr.startswith("error: `+5` cannot be reached from `ab12aaaa`\n")
    assert site.db("upgrade", "head+1").code == 2
    assert site.db("upgrade", "").code == 2


def test_history_and_heads_mark_what_is_special(site: Site) -> None:
    site.revision("second")
    site.done("upgrade", "+1")
    assert site.done("history").stdout == f"second second  (head)\n{NOTES} add notes  (current)\n"
    assert site.done("heads").stdout == "second second  (head)\n"
    document = site.done("history", "--json").json
    assert document["current"] == [NOTES]
    assert [each["revision"] for each in document["revisions"]] == ["second", NOTES]


def test_stamp_records_the_revision_of_a_restored_database(site: Site) -> None:
    site.models(TITLE, f"{TITLE}\n    extra: Mapped[str | None] = mapped_column(Text)")
    site.revision("second", up='op.add_column("notes", sa.Column("extra", sa.Text()))')
    empty = site.db("stamp")
    assert (empty.code, site.tables()) == (4, set())
    assert "the database has no table of this project" in empty.stderr
    site.done("upgrade", "+1")
    site.query("INSERT INTO notes (title, text) VALUES ('a', 'b')")
    site.query("DROP TABLE alembic_version")
    status = site.db("status")
    assert "\ntables    exist without a revision: notes\n" in status.stdout
    assert status.stdout.endswith("next:\n  paxx db stamp REVISION\n")
    failed = site.db("upgrade")
    assert failed.code == 7
    assert "hint: `paxx db stamp REVISION` records the revision that the" in failed.stderr

    lacking = site.db("stamp")
    assert lacking.code == 4
    assert lacking.stderr.startswith(
        "error: the database does not have what `second` leads to\n"
        "  the column `notes.extra` is not in the database\n"
        "hint: name the revision that it is at"
    )
    planned = site.done("stamp", NOTES[:6], "--dry-run")
    assert planned.stdout.startswith("would record `")
    assert site.tables() == {"notes"}
    assert site.done("stamp", NOTES[:6], "--json").json["after"] == [NOTES]
    assert site.done("stamp", NOTES).stdout.startswith("nothing to record: ")
    for pending in ("second", "+1"):
        refused = site.db("stamp", pending)
        assert refused.code == 4
    assert refused.stderr.startswith(f"error: the database is at `{NOTES}` already\n")
    site.done("upgrade")
    assert site.query("SELECT title FROM notes") == [["a"]]
    site.done("stamp", "base", "--force")
    assert site.query("SELECT * FROM alembic_version") == []


def test_two_heads_are_merged(site: Site) -> None:
    site.revision("left")
    site.revision("right")
    for refused in (site.db("upgrade"), site.db("migrate", "on which")):
        assert refused.code == 4
        assert refused.stderr.startswith("error: there are 2 heads: ")
        assert refused.stderr.endswith("hint: `paxx db merge` joins them\n")
    status = site.db("status")
    assert status.code == 5
    assert status.stdout.endswith("next:\n  paxx db merge\n")
    assert "would write" in site.done("merge", "--dry-run").stdout
    assert len(site.done("heads", "--json").json["revisions"]) == 2
    [written] = site.done("merge", "--json").json["revisions"]
    assert sorted(written["down"]) == ["left", "right"]
    assert written["message"] == "merge heads"
    assert site.done("merge", "again").stdout == "nothing to merge: there is one head\n"
    site.done("upgrade")
    site.done("status")
    assert "(merge)" not in site.done("history").stdout
    assert "(current, head, merge)" in site.done("history").stdout


def test_sql_is_shown_and_not_run(site: Site) -> None:
    site.revision("second", up='op.add_column("notes", sa.Column("extra", sa.Text()))')
    shown = site.done("upgrade", "--sql").stdout
    assert "CREATE TABLE notes (" in shown
    assert "ADD COLUMN extra" in shown
    assert not site.tables() & {"notes", "alembic_version"}
    site.done("upgrade", "+1")
    assert "CREATE TABLE notes" not in site.done("upgrade", "--sql").stdout
    assert "DROP TABLE notes" in site.done("downgrade", "--sql").stdout
    assert "notes" in site.tables()
    document = site.done("upgrade", "--sql", "--json").json
    assert document["status"] == "planned"
    assert [each["revision"] for each in document["revisions"]] == ["second"]
    site.done("upgrade")
    assert site.done("upgrade", "--sql", "--json").json["status"] == "unchanged"
    part = site.done("upgrade", "--sql", f"{NOTES[:4]}:second").stdout
    assert "ADD COLUMN extra" in part
    assert "CREATE TABLE notes" not in part
    assert "CREATE TABLE notes" in site.done("upgrade", "--sql", "base:head").stdout


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_a_look_at_a_database_does_not_make_it(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(site.root / "core")
    for look in (("status",), ("history",), ("heads",), ("migrate", "x"), ("upgrade", "--sql")):
        site.db(*look)
    assert not list(site.root.rglob("*.db"))
    site.done("upgrade")
    assert (site.root / "shop.db").is_file()


MODELS = """
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from db.database import Base


class Note(Base):
    __tablename__ = "notes"
    __table_args__ = ({arguments})

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(
        sa.Enum({values}, name="note_state", native_enum={native}, create_constraint={checked})
    )
    size: Mapped[int] = mapped_column(server_default="0")
    word: Mapped[str] = mapped_column(sa.String(20), server_default="it's")
"""
COMPUTED = """
    twice: Mapped[int] = mapped_column(sa.Computed("size * {factor}", persisted=True))
"""
ARGUMENTS = (
    'sa.CheckConstraint("size > {least}", name="least"),'
    'sa.Index("large", "size", sqlite_where=sa.text("size > {large}"),'
    ' postgresql_where=sa.text("size > {large}")),'
)


def change(
    site: Site, *, native: bool = False, factor: int = 0, least: int = -1, **more: str
) -> None:
    """Write the models of the project."""
    arguments = ARGUMENTS.format(least=least, large=more.get("large", "5"))
    text = MODELS.format(
        arguments=arguments,
        values=more.get("values", '"open", "done"'),
        native=native,
        checked=not native,
    )
    text += COMPUTED.format(factor=factor) if factor else ""
    (site.root / "features/notes/models.py").write_text(text)


def begin(site: Site) -> None:
    """Write and run the first revision, of which the database has to agree with the models."""
    for path in site.versions.glob("*.py"):
        path.unlink()
    migrate(site, "first")
    assert "models    agree with the database\n" in site.done("status").stdout


def migrate(site: Site, message: str) -> None:
    """Write a revision, run it, take it back and run it again."""
    site.done("migrate", message)
    site.done("upgrade")
    site.done("downgrade", "--yes")
    site.done("upgrade")
    assert site.done("status", "--json").json["differences"] == []


def test_a_value_of_an_enumeration_a_check_and_a_predicate_are_written(site: Site) -> None:
    change(site)
    begin(site)
    change(site, least=-2, large="9", values='"open", "done", "a longer value"')
    shown = site.db("status").stdout
    for name in (
        "constraint `ck_notes_note_state`",
        "constraint `ck_notes_least`",
        "index `large`",
    ):
        assert f"the {name} of `notes` differs" in shown
    migrate(site, "second")
    site.query("INSERT INTO notes (id, state, size) VALUES (1, 'a longer value', -1)")


def test_a_computed_expression_is_left_to_the_user(site: Site) -> None:
    change(site, factor=2)
    begin(site)
    change(site, factor=3)
    assert "the computed column `notes.twice` differs" in site.db("status").stdout
    site.query("DELETE FROM alembic_version")
    assert "the computed column `notes.twice` differs" in site.db("stamp").stderr
    site.done("stamp", "--force")
    assert "does not change the computed column `notes.twice`" in site.done("migrate", "x").stdout


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_check_of_a_table_with_a_computed_column_is_a_manual_step(site: Site) -> None:
    for path in site.versions.glob("*.py"):
        path.unlink()
    change(site, factor=2)
    site.done("migrate", "first")
    site.done("upgrade")
    change(site, factor=2, least=-2)
    printed = " ".join(site.done("migrate", "second").stdout.split())
    assert "nothing changed" not in printed
    assert "does not change the constraint `ck_notes_least` of `notes`" in printed


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_a_native_enumeration_is_created_changed_and_dropped(site: Site) -> None:
    change(site, native=True)
    begin(site)
    change(site, native=True, values='"draft", "new", "open", "done"')
    migrate(site, "second")
    site.query("INSERT INTO notes (id, state) VALUES (1, 'draft')")
    site.query("DELETE FROM notes")
    site.done("downgrade", "base", "--yes")
    assert site.query("SELECT typname FROM pg_type WHERE typname = 'note_state'") == []


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_tables_of_another_schema_are_found_and_partitions_are_not_dropped(site: Site) -> None:
    path = site.root / "features/notes/models.py"
    path.write_text(
        path.read_text().replace(
            '    __tablename__ = "notes"',
            '    __tablename__ = "notes"\n    __table_args__ = {"schema": "sales"}',
        )
    )
    begin(site)
    site.query("CREATE TABLE parts (id int) PARTITION BY RANGE (id)")
    site.query("CREATE TABLE part PARTITION OF parts FOR VALUES FROM (1) TO (9)")
    differences = site.db("status", "--json").json["differences"]
    assert differences == ["the table `parts` has no model"]


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_what_is_not_compared_is_named(site: Site) -> None:
    env = site.root / "db/migrations/env.py"
    env.write_text(
        env.read_text().replace('"compare_server_default": True', '"compare_server_default": False')
    )
    site.done("upgrade")
    shown = " ".join(site.done("status").stdout.split())
    assert "models agree in what was compared" in shown
    assert "warning: not compared: server defaults, as `env.py` does not pass" in shown
