"""`paxx doctor` as a command: its forms, its exit codes, and that it changes nothing."""

from pathlib import Path

import pytest

from paxx import journal
from paxx.changes import FileChange
from tests import upgrade_shapes
from tests.doctor.conftest import Clinic
from tests.harness import Run, tree


def test_a_project_with_nothing_to_settle_exits_with_0(clinic: Clinic) -> None:
    outcome = clinic.shop.run("doctor")
    assert outcome.code == 0
    assert outcome.stdout.endswith(f"no problems in `{clinic.shop.root}`\n")


def test_a_problem_exits_with_4_and_has_a_way_out(clinic: Clinic) -> None:
    (clinic.shop / "uv.lock").unlink()
    outcome = clinic.shop.run("doctor")
    assert outcome.code == 4
    lines = outcome.stdout.splitlines()
    assert "problem  lock      there is no `uv.lock`" in lines
    assert lines[lines.index("problem  lock      there is no `uv.lock`") + 1].split() == [
        *("hint:", "`uv", "lock`", "writes", "it")
    ]
    assert lines[-1] == f"1 problem in `{clinic.shop.root}`"


def test_json_is_one_document_that_says_the_same(clinic: Clinic) -> None:
    (clinic.shop / "uv.lock").unlink()
    outcome = clinic.examine()
    assert outcome.code == 4
    document = outcome.json
    findings = document.pop("findings")
    assert document == {
        "schema": 1,
        "command": "doctor",
        "status": "unchanged",
        "exit_code": 4,
        "error": None,
        "project": {"root": str(clinic.shop.root)},
    }
    assert {
        "level": "problem",
        "subject": "lock",
        "message": "there is no `uv.lock`",
        "hint": "`uv lock` writes it",
        "milliseconds": None,
    } in findings


def test_every_finding_that_is_a_problem_has_a_way_out(clinic: Clinic) -> None:
    clinic.tells(unreadable=[".env:3"], checks={"x": {"milliseconds": 1, "error": "no"}})
    problems = [each for each in clinic.findings().values() if each["level"] == "problem"]
    assert len(problems) == 2
    assert all(each["hint"] for each in problems)


def test_no_line_is_wider_than_a_narrow_terminal(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    (clinic.shop / "uv.lock").unlink()
    clinic.tells(checks={"database": {"milliseconds": 3.4}})
    printed = clinic.shop.run("doctor").stdout.partition("1 problem")[0]
    assert max(map(len, printed.splitlines())) <= 40
    assert "    hint: `uv lock` writes it\n" in printed
    assert "answers (3 ms)" in printed


def test_it_works_from_a_folder_of_the_project(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(clinic.shop / "core")
    assert clinic.examine().json["project"] == {"root": str(clinic.shop.root)}


def test_outside_a_project_it_exits_with_3(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("doctor").code == 3


def test_a_compose_file_that_does_not_parse_is_a_finding(clinic: Clinic) -> None:
    (clinic.shop / "docker-compose.yml").write_text("services: [\n")
    found = clinic.findings()
    assert found["ports"]["level"] == "problem"
    assert found["ports"]["message"].startswith("docker-compose.yml:")
    assert found["settings"]["level"] == "ok"


def test_it_changes_nothing(clinic: Clinic) -> None:
    before = tree(clinic.shop.root)
    clinic.examine()
    assert tree(clinic.shop.root) == before


def test_a_half_done_command_is_a_problem(clinic: Clinic) -> None:
    change = FileChange("new.py", None, b"new")
    journal.write(journal.plan(clinic.shop.root, [change]))
    found = clinic.findings()[".paxx"]
    assert found["level"] == "problem"
    assert "a command was killed" in found["message"]
    assert "`paxx recover` puts everything back" in found["hint"]


def test_an_upgrade_that_waits_is_a_problem(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade_shapes.use(monkeypatch, "1.0")
    assert clinic.shop.add("ledger").code == 0
    upgrade_shapes.use(monkeypatch, "2.0")
    upgrade_shapes.edit_ledger(clinic.shop, conflicts=1)
    assert clinic.shop.upgrade("ledger").code == 6
    found = clinic.findings()[".paxx"]
    assert found["level"] == "problem"
    assert "the upgrade of `ledger` is not finished" in found["message"]
    assert "--continue" in found["hint"]
    assert "--abort" in found["hint"]
