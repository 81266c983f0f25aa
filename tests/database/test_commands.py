"""`paxx db` as commands: what they ask, what they show, and what they agree to."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pexpect
import pytest

from paxx.database.answers import Address
from paxx.database.client import environment
from tests.database.conftest import MOVED, REVISION, Puppet
from tests.doctor.conftest import write_script

STATUS: dict[str, Any] = {
    "database": "shop.db",
    "current": ["ab12"],
    "heads": [REVISION],
    "pending": [],
    "unknown": [],
    "differences": [],
    "not_compared": [],
}


def test_a_database_that_is_in_step_exits_with_0(puppet: Puppet) -> None:
    puppet.answers(**STATUS)
    outcome = puppet.db("status")
    assert outcome.code == 0
    assert outcome.stdout == (
        "database  shop.db\n"
        "at        ab12\n"
        "head      ab12\n"
        "pending   none\n"
        "models    agree with the database\n"
    )


@pytest.mark.parametrize(
    ("changed", "shown", "next_step"),
    [
        (
            {"current": [], "pending": [REVISION], "differences": None},
            "  ab12 add x",
            "paxx db upgrade",
        ),
        (
            {"differences": ["the table `x` has no model"]},
            "models    differ",
            "paxx db migrate MESSAGE",
        ),
        (
            {"heads": [REVISION, REVISION], "differences": None},
            "head      ab12, ab12",
            "paxx db merge",
        ),
        (
            {"current": [], "pending": [REVISION], "differences": None, "unversioned": ["x", "y"]},
            "tables    exist without a revision: x, y",
            "paxx db stamp REVISION",
        ),
        ({"unknown": ["zz"], "differences": None}, "unknown   zz", "use the branch that has"),
        ({"heads": [], "differences": None}, "head      none", ""),
    ],
)
def test_a_database_that_is_not_in_step_exits_with_5(
    puppet: Puppet, changed: dict[str, Any], shown: str, next_step: str
) -> None:
    puppet.answers(**STATUS | changed)
    outcome = puppet.db("status")
    assert outcome.code == 5
    assert shown in outcome.stdout.splitlines()
    assert next_step in outcome.stdout.partition("next:\n")[2]
    assert puppet.db("status", "--json").code == 5


def test_history_without_its_database_is_told_with_a_warning(puppet: Puppet) -> None:
    problem = {"kind": "unreachable", "text": "OSError: no", "database": "shop.db"}
    facts = {"heads": ["ab12"], "current": None, "problem": problem}
    puppet.answers(**facts, revisions=[{**REVISION, "down": ["a", "b"]}])
    outcome = puppet.db("history")
    assert outcome.code == 0
    assert outcome.stderr == ("warning: the database at `shop.db` does not answer: OSError: no\n")
    assert outcome.stdout == "ab12 add x  (head, merge)\n"
    assert puppet.db("history", "--json").json["problem"].endswith("OSError: no")
    puppet.answers(heads=[], current=[], problem=None, revisions=[])
    assert puppet.db("history").stdout == "there are no revisions\n"
    assert puppet.db("heads", "--json").json["revisions"] == []
    assert [each["database"] for each in puppet.asked] == [True, True, True, False]


def written(**changed: Any) -> dict[str, Any]:
    draft = {**REVISION, "content": "password = 'abcdef-123456'\n"}
    facts = {"database": "shop.db", "written": [draft], "problem": None}
    return {**facts, "not_compared": [], "warnings": [], **changed}


def test_a_revision_that_is_written_is_shown_with_its_hazards(puppet: Puppet) -> None:
    hazards = [
        {"kind": "drop", "table": "x", "column": "y"},
        {"kind": "drop", "table": "x"},
        {"kind": "index", "table": "x", "rows": 5, "after": "ix_x"},
        {"kind": "narrowing", "table": "x", "column": "y", "before": "TEXT", "after": "INTEGER"},
        {"kind": "not null", "table": "x", "column": "y"},
        {"kind": "set not null", "table": "x", "column": "y"},
        {"kind": "rewrite", "table": "x", "column": "y", "rows": 5, "before": "A", "after": "B"},
        {"kind": "rewrite", "table": "x", "column": "y", "rows": 5},
        {"kind": "validation", "table": "x", "rows": 5, "after": "fk_x"},
        {"kind": "validation", "table": "x", "column": "y", "rows": 5},
        {"kind": "values", "table": "state", "before": "open, done"},
        {"kind": "manual", "table": "x", "after": "the index `ix_x` of `x`"},
    ]
    puppet.answers(**written(warnings=hazards))
    outcome = puppet.db("migrate", "add", "x")
    assert puppet.asked == [
        {"action": "migrate", "message": "add x", "empty": False, "dry_run": False}
    ]
    lines = outcome.stdout.splitlines()
    assert lines[0] == "wrote `db/x.py`"
    assert [line for line in lines if line.startswith("warning")] == [
        "warning: drops the column `x.y` and all that is in it",
        "warning: drops the table `x` and all that is in it",
        "warning: makes the index `ix_x` on `x`, which has about 5 rows, and locks it for writing"
        " meanwhile",
        "warning: changes the column `x.y` from TEXT to INTEGER",
        "warning: adds the column `x.y`, which may not be NULL and has no server default",
        "warning: makes the column `x.y` NOT NULL",
        "warning: changes the column `x.y` from A to B, which rewrites about 5 rows and locks the"
        " table meanwhile",
        "warning: adds the column `x.y` with a value for each row, which rewrites about 5 rows and"
        " locks the table meanwhile",
        "warning: adds the constraint `fk_x` to `x`, which reads about 5 rows and locks the table"
        " meanwhile",
        "warning: reads about 5 rows of `x` to make `y` NOT NULL, and locks the table meanwhile",
        "warning: removes values of the type `state`: open, done",
        "warning: does not change the index `ix_x` of `x`, which differs from the model",
    ]
    first, second, *_ = puppet.db("migrate", "add x", "--json").json["warnings"]
    assert (first["kind"], first["table"], first["column"]) == ("drop", "x", "y")
    assert second["message"] == "drops the table `x` and all that is in it"
    assert sum(line.startswith("hint: ") for line in lines) == len(hazards)
    assert lines[-2:] == ["  edit `db/x.py`, see the warnings", "  paxx db upgrade"]


def test_a_dry_run_shows_the_content_without_secrets(puppet: Puppet) -> None:
    puppet.answers(**written())
    outcome = puppet.db("migrate", "add x", "--dry-run")
    assert outcome.stdout == "would write `db/x.py`\n\npassword = '***'\n\n"
    document = puppet.db("migrate", "add x", "--dry-run", "--json").json
    assert document["status"] == "planned"
    assert document["revisions"][0]["content"] == "password = '***'\n"


def test_a_hook_that_failed_exits_with_5(puppet: Puppet) -> None:
    puppet.answers(**written(problem="CommandError: no ruff"))
    outcome = puppet.db("merge")
    assert puppet.asked[0]["message"] == "merge heads"
    assert outcome.code == 5
    assert "warning: a hook failed after that: CommandError: no ruff\n" in outcome.stdout


def test_nothing_to_write_is_said(puppet: Puppet) -> None:
    puppet.answers(**written(written=[]))
    assert "nothing changed: the models agree with `shop.db`\n" in puppet.db("migrate", "x").stdout
    assert puppet.db("merge", "a", "b").stdout == "nothing to merge: there is one head\n"


def test_what_is_not_compared_is_listed(puppet: Puppet) -> None:
    puppet.answers(**STATUS | {"not_compared": ["types of columns"]})
    shown = puppet.db("status").stdout
    assert "models    agree in what was compared\n" in shown
    assert "warning: not compared: types of columns\n" in shown
    puppet.answers(**written(written=[], not_compared=["types of columns"]))
    shown = puppet.db("migrate", "x").stdout
    assert "nothing to write for what was compared\n" in shown
    assert "warning: not compared: types of columns\n" in shown


def test_sql_is_shown_without_known_secrets(puppet: Puppet) -> None:
    (puppet.shop / ".env").write_text("API_TOKEN=abc-123-secret-value\n")
    puppet.answers(**MOVED | {"sql": "SELECT 'abc-123-secret-value';\n\n"})
    assert puppet.db("upgrade", "--sql").stdout == "SELECT '***';\n"
    document = puppet.db("downgrade", "--sql", "--json").json
    assert (document["sql"], document["status"]) == ("SELECT '***';\n\n", "planned")
    assert [each["up"] for each in puppet.asked] == [True, False]
    puppet.answers(**MOVED | {"sql": None, "revisions": []})
    assert puppet.db("upgrade", "--sql").stdout == ""
    assert puppet.db("upgrade", "--sql", "--json").json["status"] == "unchanged"


@pytest.mark.parametrize(
    ("arguments", "before", "printed", "status"),
    [
        ((), [], "recorded: `shop.db` is at `ab12`\n", "applied"),
        (("--dry-run",), [], "would record `ab12` as what `shop.db` is at\n", "planned"),
        (("--force",), ["ab12"], "nothing to record: `shop.db` is at `ab12`\n", "unchanged"),
    ],
)
def test_stamp_prints_the_recorded_revision(
    puppet: Puppet, arguments: tuple[str, ...], before: list[str], printed: str, status: str
) -> None:
    puppet.answers(**MOVED | {"before": before, "revisions": []})
    assert puppet.db("stamp", *arguments).stdout == printed
    assert puppet.db("stamp", "ab", *arguments, "--json").json["status"] == status
    flags = {"dry_run": "--dry-run" in arguments, "force": "--force" in arguments}
    asked = {"action": "stamp", "wait": 60.0, **flags}
    assert puppet.asked == [asked | {"revision": each} for each in ("head", "ab")]


LOSSES = {
    "database": "shop.db",
    "before": ["ab12"],
    "revisions": [
        {**REVISION, "drops": ["table `x`", "column `y.z`"]},
        {**REVISION, "revision": "aa", "drops": []},
        {**REVISION, "revision": "a0", "drops": None},
    ],
}


def test_a_downgrade_that_drops_is_asked_about(puppet: Puppet) -> None:
    puppet.answers(losses=LOSSES, moved=None)
    refused = puppet.db("downgrade", "-2")
    assert refused.code == 2
    assert refused.stderr == (
        "error: taking back `ab12` (add x) drops table `x`, column `y.z`; taking back `a0` (add x)"
        " may drop something: what it does depends on the database\nhint: pass `--yes` to confirm\n"
    )
    assert puppet.asked == [
        {"action": "downgrade", "revision": "-2", "wait": 60.0, "agreed": False, "expected": None}
    ]


def test_a_downgrade_that_was_agreed_to_is_not_asked_about(puppet: Puppet) -> None:
    puppet.answers(losses=None, moved=MOVED | {"after": []})
    done = puppet.db("downgrade", "--yes", "--wait", "1")
    assert done.stdout == "took back ab12 add x\n`shop.db` is at no revision\n"
    assert puppet.asked[0]["agreed"] is True
    puppet.answers(**MOVED)
    assert puppet.db("upgrade", "--json").json["after"] == ["ab12"]
    puppet.answers(losses=None, moved=MOVED | {"after": [], "revisions": []})
    assert puppet.db("downgrade").stdout == "nothing to take back: `shop.db` is at no revision\n"
    assert puppet.db("downgrade", "--json").json["status"] == "unchanged"


@pytest.mark.parametrize(("answer", "code"), [("n", 2), ("y", 0)])
def test_a_question_on_a_terminal_is_answered_there(puppet: Puppet, answer: str, code: int) -> None:
    puppet.answers(losses=LOSSES, moved=None)
    again = json.dumps({"event": "answer", "losses": None, "moved": MOVED})
    (puppet.folder / "again").write_text(again + "\n")
    events = f'case "$2" in *true*) f=again;; *) f=events;; esac; /bin/cat {puppet.folder}/$f'
    puppet.interpreter(f'echo "$2" >>{puppet.folder}/asked\n{events}')
    terminal = pexpect.spawn(
        sys.executable,
        ["-m", "paxx", "db", "downgrade"],
        cwd=str(puppet.shop.root),
        encoding="utf-8",
        timeout=300,
        dimensions=(40, 300),
    )
    terminal.expect("Taking back `ab12`.*Continue.*N")
    terminal.sendline(answer)
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == code, terminal.before
    if code == 0:
        assert puppet.asked[-1]["expected"] == ["ab12"]


CONTENTS = {
    "database": "app@localhost:5432/shop",
    "environment": "development",
    "host": "localhost",
    "is_file": False,
    "objects": [f"table `t{number}`" for number in range(12)],
}


def test_a_reset_names_what_it_drops(puppet: Puppet) -> None:
    puppet.answers(**CONTENTS)
    refused = puppet.db("reset")
    assert refused.code == 2
    assert refused.stderr.startswith(
        "error: this drops all that is in `app@localhost:5432/shop`: table `t0`, "
    )
    assert "table `t9` and 2 more\nhint: pass `--yes` to confirm\n" in refused.stderr
    puppet.answers(**CONTENTS, outside=["view `reports.totals`"])
    outside = "and 2 more; with it, in other schemas: view `reports.totals`\n"
    assert outside in puppet.db("reset").stderr


@pytest.mark.parametrize(
    ("changed", "message", "forced"),
    [
        ({"environment": "production"}, "`ENVIRONMENT` is `production`", 4),
        ({"environment": "staging"}, "`ENVIRONMENT` is `staging`", 4),
        ({"host": "db.example.com"}, "is not on this machine", 2),
        ({"environment": None}, "do not say that this is a development environment", 2),
    ],
)
def test_a_reset_is_refused_elsewhere(
    puppet: Puppet, changed: dict[str, Any], message: str, forced: int
) -> None:
    puppet.answers(**CONTENTS | changed)
    refused = puppet.db("reset", "--yes")
    assert refused.code == 4
    assert message in refused.stderr
    assert puppet.db("reset", "--force").code == forced


@pytest.mark.parametrize("place", [{"host": None, "is_file": True}, {"host": "/run/postgresql"}])
def test_a_database_of_this_machine_is_reset(puppet: Puppet, place: dict[str, Any]) -> None:
    puppet.answers(**CONTENTS | MOVED | place | {"objects": [], "dropped": ["table `x`"]})
    done = puppet.db("reset")
    assert done.stdout == "dropped 1 object\napplied ab12 add x\n`shop.db` is at `ab12`\n"
    assert [each["action"] for each in puppet.asked] == ["contents", "reset"]
    puppet.answers(**CONTENTS | MOVED | {"dropped": ["a", "b"]})
    assert puppet.db("reset", "--yes").stdout.startswith("dropped 2 objects\n")


ADDRESS: dict[str, Any] = {
    "dialect": "postgresql",
    "host": "db.example.com",
    "port": 5433,
    "user": "shop",
    "password": "hunter2-hunter2",
    "name": "shop",
    "is_file": False,
    "ssl": "require",
}


def test_the_shell_is_told_where_the_database_is(
    puppet: Puppet, monkeypatch: pytest.MonkeyPatch
) -> None:
    puppet.answers(**ADDRESS)
    record = puppet.folder / "record"
    write_script(puppet.folder / "bin/psql", f'echo "$@" >{record}\nenv >>{record}\nexit 9')
    monkeypatch.setenv("PATH", f"{puppet.folder}/bin{os.pathsep}{os.environ['PATH']}")
    assert puppet.db("shell").code == 9
    first, *variables = record.read_text().splitlines()
    assert first == ""
    assert set(variables) >= {
        "PGHOST=db.example.com",
        "PGPORT=5433",
        "PGUSER=shop",
        "PGPASSWORD=hunter2-hunter2",
        "PGDATABASE=shop",
        "PGSSLMODE=require",
    }


def test_what_is_not_known_is_not_told(tmp_path: Path) -> None:
    bare = ADDRESS | {"port": None, "user": None, "password": None, "ssl": "true"}
    assert environment(Address(**bare)) == {"PGHOST": "db.example.com", "PGDATABASE": "shop"}
    assert environment(Address(**bare | {"dialect": "sqlite", "name": str(tmp_path)})) == {}


def test_the_shell_of_a_file_opens_it(puppet: Puppet, monkeypatch: pytest.MonkeyPatch) -> None:
    file = puppet.shop / "shop.db"
    puppet.answers(**ADDRESS | {"dialect": "sqlite", "is_file": True, "name": "shop.db"})
    refused = puppet.db("shell")
    assert (refused.code, refused.stderr) == (
        4,
        "error: there is no database at `shop.db`\nhint: `paxx db upgrade` creates it\n",
    )
    file.touch()
    record = puppet.folder / "record"
    write_script(puppet.folder / "bin/sqlite3", f'echo "$@" >{record}')
    monkeypatch.setenv("PATH", str(puppet.folder / "bin"))
    assert puppet.db("shell").code == 0
    assert record.read_text() == f"{file}\n"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"dialect": "sqlite"}, "the database is kept in memory"),
        ({"dialect": "mysql"}, "paxx knows no shell of `mysql`"),
        ({}, "`psql` is not on PATH\nhint: most systems have it in the package"),
        (
            {"dialect": "sqlite", "is_file": True, "name": "/nowhere/shop.db"},
            "there is no database at `/nowhere/shop.db`",
        ),
    ],
)
def test_a_shell_that_cannot_be_opened_is_told(
    puppet: Puppet, monkeypatch: pytest.MonkeyPatch, changed: dict[str, Any], message: str
) -> None:
    puppet.answers(**ADDRESS | changed)
    monkeypatch.setenv("PATH", "/nowhere")
    refused = puppet.db("shell")
    assert refused.code == 4
    assert message in refused.stderr


@pytest.mark.parametrize("message", [" ", "two\nlines", "a\x1b[1mb"])
def test_a_message_is_one_line_of_text(puppet: Puppet, message: str) -> None:
    refused = puppet.db("migrate", message)
    assert refused.code == 2
    assert "the message has to be one line of text" in refused.stderr


def test_a_wrong_command_line_exits_with_2(puppet: Puppet) -> None:
    for wrong in (("upgrade", "--ys"), ("downgrade", "-1", "-2"), ("upgrade", "--wait", "-1")):
        assert puppet.db(*wrong).code == 2
    assert puppet.db("migrate", "--json").json["command"] == "db migrate"
