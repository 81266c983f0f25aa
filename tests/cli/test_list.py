"""`paxx infra list` where this paxx has other versions than the project."""

import pytest

from paxx import apply, journal
from paxx.changes import FileChange
from tests import upgrade_shapes
from tests.harness import Shop


def state_of(shop: Shop, name: str) -> str:
    """Return what the column STATE says of a component."""
    header, *rows = shop.run("infra", "list").stdout.splitlines()
    row = next(row for row in rows if row.startswith(f"{name} "))
    return row[header.index("STATE") : header.index("SUMMARY")].strip()


@pytest.fixture
def ledger(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Return a project with `ledger` 2.0, which was added by the paxx in use."""
    upgrade_shapes.use(monkeypatch, "2.0")
    assert shop.add("ledger").code == 0
    return shop


def test_the_version_in_use_is_shown(ledger: Shop) -> None:
    assert state_of(ledger, "ledger") == "installed 2.0"
    assert state_of(ledger, "clock") == "available"
    shown = ledger.run("infra", "list", "--json").json["components"]
    assert [(each["available"], each["changelog"]) for each in shown] == [(None, []), (None, [])]


def test_a_newer_version_is_shown_with_what_is_new(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade_shapes.use(monkeypatch, "1.0")
    assert shop.add("ledger").code == 0
    upgrade_shapes.use(monkeypatch, "2.1")
    assert state_of(shop, "ledger") == "installed 1.0 (2.1 available)"
    _, shown = shop.run("infra", "list", "--json").json["components"]
    assert (shown["version"], shown["available"]) == ("1.0", "2.1")
    assert [each["version"] for each in shown["changelog"]] == ["2.1", "2.0"]
    assert shown["changelog"][1]["text"].startswith("Banker's rounding")


def test_a_modified_component_can_be_upgraded_too(
    ledger: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ledger / upgrade_shapes.RULES).write_text("{}\n")
    upgrade_shapes.use(monkeypatch, "2.1")
    assert state_of(ledger, "ledger") == "modified 2.0 (2.1 available)"


def test_a_version_newer_than_this_paxx_is_shown_as_it_is(
    ledger: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade_shapes.use(monkeypatch, "1.0")
    assert state_of(ledger, "ledger") == "installed 2.0"
    _, shown = ledger.run("infra", "list", "--json").json["components"]
    assert (shown["version"], shown["available"], shown["changelog"]) == ("2.0", None, [])


def test_versions_are_numbers_not_text(ledger: Shop) -> None:
    path = ledger / ".paxx/components/ledger.json"
    path.write_text(path.read_text().replace('"2.0"', '"10.0"'))
    assert state_of(ledger, "ledger") == "installed 10.0"
    path.write_text(path.read_text().replace('"10.0"', '"newest"'))
    outcome = ledger.run("infra", "list")
    assert (outcome.code, outcome.stdout) == (3, "")
    assert ".paxx/components/ledger.json: this file is damaged" in outcome.stderr


def wait_for_conflicts(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade_shapes.use(monkeypatch, "1.0")
    assert shop.add("ledger").code == 0
    upgrade_shapes.use(monkeypatch, "2.0")
    upgrade_shapes.edit_ledger(shop, conflicts=1)
    assert shop.upgrade("ledger").code == 6


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_an_upgrade_that_waits_is_mentioned(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, form: tuple[str, ...]
) -> None:
    wait_for_conflicts(shop, monkeypatch)
    outcome = shop.run("infra", "list", *form)
    assert outcome.code == 0
    assert outcome.stderr.startswith("warning: the upgrade of `ledger` is not finished\nhint: ")
    assert "--continue" in outcome.stderr
    assert "--abort" in outcome.stderr
    assert "warning" not in outcome.stdout


def test_a_half_done_command_is_mentioned(shop: Shop) -> None:
    journal.write(journal.plan(shop.root, [FileChange("new.py", None, b"new")]))
    outcome = shop.run("infra", "list")
    assert outcome.code == 0
    assert "warning: a command was killed in" in outcome.stderr
    assert "hint: `paxx recover` puts everything back" in outcome.stderr
    apply.recover(shop.root)
    assert shop.run("infra", "list").stderr == ""
