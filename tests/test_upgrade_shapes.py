"""The fixtures for upgrades are what they say."""

import ast
import tomllib
from pathlib import Path

import pytest
from packaging.version import Version

from paxx import catalog
from paxx.merge import Merged, merge, unresolved
from tests import upgrade_shapes
from tests.harness import Shop
from tests.upgrade_shapes import ADDED, LEDGER, MINE, REMOVED, REPORT, RULES, release

VERSIONS = ("1.0", "2.0", "2.1")


@pytest.fixture
def old(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Return a project with `ledger` 1.0."""
    upgrade_shapes.use(monkeypatch, "1.0")
    assert shop.add("ledger").code == 0
    return shop


def brought(version: str, path: str) -> str:
    return Path(release(version).name, "ledger/files", path).read_text()


def upgraded(shop: Shop, path: str) -> Merged:
    theirs = (shop / path).read_bytes().decode()
    return merge(brought("1.0", path), theirs, brought("2.0", path), "ledger 2.0")


@pytest.mark.parametrize("conflicts", [0, 1, 2, 3])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_an_edited_module_merges_with_as_many_conflicts_as_stated(
    old: Shop, conflicts: int, newline: str
) -> None:
    upgrade_shapes.edit_ledger(old, conflicts=conflicts)
    text = (old / LEDGER).read_text().replace("\n", newline)
    (old / LEDGER).write_text(text, newline="")
    merged = upgraded(old, LEDGER)
    assert merged.conflicts == conflicts
    assert (unresolved(merged.text) is None) == (conflicts == 0)
    assert "Our bookings" in merged.text
    assert merged.text.endswith(MINE.replace("\n", newline))
    assert merged.text.count("\n") == merged.text.count(newline)
    if not conflicts:
        ast.parse(merged.text)


def test_the_same_change_is_no_conflict(old: Shop) -> None:
    upgrade_shapes.edit_ledger_alike(old)
    assert upgraded(old, LEDGER) == Merged(brought("2.0", LEDGER), 0)


@pytest.mark.parametrize("conflict", [False, True])
def test_edited_rules_merge_as_stated(old: Shop, conflict: bool) -> None:  # noqa: FBT001
    upgrade_shapes.edit_rules(old, conflict=conflict)
    assert upgraded(old, RULES).conflicts == conflict


def test_the_other_edits_can_be_made(old: Shop) -> None:
    before = old.tree()
    upgrade_shapes.edit_report(old)
    upgrade_shapes.edit_removed(old)
    upgrade_shapes.put_in_the_way(old)
    after = old.tree()
    changed = {path for path in after if after[path] != before.get(path)}
    assert changed == {REPORT, REMOVED, ADDED}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_release_can_be_added_to_a_project(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    upgrade_shapes.use(monkeypatch, version)
    assert shop.add("ledger", "clock").code == 0
    for path in (LEDGER, REPORT, "core/clock.py", "wiring.py", "settings.py"):
        ast.parse((shop / path).read_text())
    project = tomllib.loads((shop / "pyproject.toml").read_text())["project"]
    floor = "tzdata>=2024.1" if version == "1.0" else "tzdata>=2025.1"
    assert floor in project["dependencies"]
    assert (shop / REMOVED).exists() == (version == "1.0")
    assert ("core.ledger_audit.ready" in (shop / "wiring.py").read_text()) != (version == "1.0")
    assert ("ledger_closing_hour" in (shop / "settings.py").read_text()) == (version == "2.0")
    assert "LEDGER_PAGE_SIZE=" in (shop / ".env.example").read_text()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_release_tells_what_is_new(version: str) -> None:
    for component in catalog.load_all(Path(release(version).name)):
        told = list(component.manifest.changelog)
        assert told[0] == component.manifest.version
        assert told == sorted(told, key=Version, reverse=True)
