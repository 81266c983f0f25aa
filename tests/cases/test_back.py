"""The way back and the way on, remove and upgrade: the numbers are those of docs/cases.md."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from paxx import catalog
from tests import upgrade_shapes as shapes
from tests.cases.by_hand import commit_all, git, replace
from tests.harness import Shop
from tests.upgrade_shapes import ADDED, LEDGER, REMOVED, RULES


def everything_parses(shop: Shop) -> None:
    """Assert that every file that paxx edits is still in its language."""
    for path in ("wiring.py", "settings.py"):
        ast.parse((shop / path).read_text())
    tomllib.loads((shop / "pyproject.toml").read_text())
    YAML(typ="safe").load((shop / "docker-compose.yml").read_text())


@pytest.fixture
def ledger(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Return a project that has `ledger` 1.0, as a paxx sees it that has 2.0."""
    shapes.use(monkeypatch, "1.0")
    assert shop.add("ledger").code == 0
    shapes.use(monkeypatch, "2.0")
    return shop


def test_55_an_upgrade_writes_what_git_ignores(ledger: Shop) -> None:
    with (ledger / ".gitignore").open("a") as file:
        file.write(f"{LEDGER}\n*.paxx-new\n")
    commit_all(ledger.root)
    shapes.edit_rules(ledger, conflict=True)
    assert ledger.upgrade("ledger", "--allow-dirty").code == 6
    newest = catalog.FOLDER / "ledger/files" / LEDGER
    assert (ledger / LEDGER).read_bytes() == newest.read_bytes()
    assert (ledger / f"{RULES}.paxx-new").exists()
    assert ledger.upgrade("--continue").code == 6  # git does not show it, paxx does


def test_58_a_file_that_was_modified_stays(shop: Shop) -> None:
    shop.add("redis")
    (shop / "core/_redis/client.py").write_text("# mine\n")
    assert shop.remove("redis").code == 5
    assert (shop / "core/_redis/client.py").read_text() == "# mine\n"
    everything_parses(shop)


@pytest.mark.usefixtures("sample_catalog")
def test_58_dependents_stop_it(shop: Shop) -> None:
    shop.add("queue", "--yes")
    before = shop.tree()
    assert shop.remove("cache").code == 4
    assert shop.tree() == before


def test_58_what_is_shared_stays(shop: Shop) -> None:
    shop.add("arq")
    alone = shop.tree()
    shop.add("redis")
    assert shop.remove("redis").code == 0
    assert shop.tree() == alone


def test_58_a_file_that_is_gone_already(shop: Shop) -> None:
    before = shop.tree()
    shop.add("redis")
    for path in ("core/cache.py", "docker-compose.yml", ".env.example"):
        (shop / path).unlink()
    assert shop.remove("redis").code == 0
    (shop / "docker-compose.yml").write_bytes(before["docker-compose.yml"])
    (shop / ".env.example").write_bytes(before[".env.example"])
    assert shop.tree() == before


@pytest.mark.parametrize(
    ("old", "new", "left"),
    [
        ("    core.cache.lifespan,\n", "    core.cache.lifespan,  # first\n", True),
        ("    core.cache.lifespan,\n", "", False),
        ("    core.cache.lifespan,\n", "    *[core.cache.lifespan],\n", True),
        ("import core.cache\n", "from core import cache\n", False),
        ('    "redis": core.cache.ready,\n', '    "cache": core.cache.ready,\n', True),
    ],
)
def test_58_wiring_that_hands_changed(shop: Shop, old: str, new: str, *, left: bool) -> None:
    shop.add("redis")
    replace(shop, "wiring.py", old, new)
    outcome = shop.remove("redis")
    if left or "from core" in new:  # `wiring.py` would import what is gone
        assert (outcome.code, "  wiring.py  line " in outcome.stderr) == (4, True)
        outcome = shop.remove("redis", "--force")
    assert outcome.code == (5 if left or "from core" in new else 0), outcome
    everything_parses(shop)
    if new and left:
        assert new in (shop / "wiring.py").read_text()


@pytest.mark.integration
def test_59_add_and_remove_is_nothing(shop: Shop) -> None:
    before = shop.tree()
    shop.add(*catalog.names())
    shop.remove(*catalog.names())
    assert shop.tree() == before


def test_59_a_formatter_in_between_does_not_matter(shop: Shop) -> None:
    ruff = [sys.executable, "-m", "ruff"]
    before = shop.tree()
    shop.add("redis", "metrics")
    replace(shop, "wiring.py", "LIFESPANS: ", "LIFESPANS  :  ")
    replace(shop, "settings.py", 'redis_url: str = "', "redis_url : str='")
    text = (shop / "settings.py").read_text()
    (shop / "settings.py").write_text(re.sub(r"(redis_url : str='[^\"]*)\"", r"\1'", text))
    for options in (["check", "--fix", "--quiet"], ["format", "--quiet"]):
        subprocess.run([*ruff, *options, "--no-cache", "."], cwd=shop.root, check=True)
    assert shop.remove("redis", "metrics").code == 0
    assert shop.tree() == before


@pytest.mark.parametrize("conflicts", [0, 1, 3])
def test_60_no_byte_of_the_user_is_lost(ledger: Shop, conflicts: int) -> None:
    shapes.edit_ledger(ledger, conflicts=conflicts)
    mine = (ledger / LEDGER).read_text().splitlines()
    original = Path(shapes.release("1.0").name, "ledger/files", LEDGER).read_text().splitlines()
    assert ledger.upgrade("ledger").code == (6 if conflicts else 0)
    merged = (ledger / LEDGER).read_text().splitlines()
    assert merged.count(">>>>>>> ledger 2.0") == conflicts
    assert not set(mine) - set(original) - set(merged)


def test_60_without_a_base_nothing_is_written_over(ledger: Shop) -> None:
    shapes.edit_ledger(ledger, conflicts=1)
    (ledger / f".paxx/base/ledger/files/{LEDGER}.pristine").unlink()
    before = ledger.tree()
    assert ledger.upgrade("ledger").code == 4
    assert ledger.tree() == before


def test_60_a_downgrade_is_refused(ledger: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger.upgrade("ledger")
    before = ledger.tree()
    shapes.use(monkeypatch, "1.0")
    assert ledger.upgrade("ledger").code == 4
    assert ledger.tree() == before


@pytest.mark.parametrize("flag", ["--dry-run", "--diff", "--check"])
def test_60_a_preview_while_one_waits_changes_nothing(ledger: Shop, flag: str) -> None:
    shapes.edit_ledger(ledger, conflicts=1)
    ledger.upgrade("ledger")
    before = ledger.tree()
    assert ledger.upgrade("--all", flag).code == 6
    assert ledger.upgrade("--abort", flag).code == (10 if flag == "--check" else 0)
    assert ledger.upgrade("--continue", flag).code == 6
    assert ledger.tree() == before


def test_60_it_goes_on_whatever_is_committed_in_between(ledger: Shop) -> None:
    commit_all(ledger.root)
    shapes.edit_ledger(ledger, conflicts=1)
    git(ledger.root, "commit", "--quiet", "-am", "mine")
    before = ledger.tree()
    assert ledger.upgrade("ledger").code == 6
    git(ledger.root, "add", "--all")
    git(ledger.root, "commit", "--quiet", "-m", "half-way")
    assert ledger.upgrade("--abort").code == 0
    assert ledger.tree() == before


def test_61_a_file_deleted_on_purpose_stays_away(ledger: Shop) -> None:
    (ledger / RULES).unlink()
    (ledger / REMOVED).unlink()
    assert ledger.upgrade("ledger").code == 0
    assert not (ledger / RULES).exists()
    assert not (ledger / REMOVED).exists()
    assert (ledger / ADDED).exists()


def test_61_it_stays_away_in_the_upgrade_after_that(
    ledger: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ledger / LEDGER).unlink()
    ledger.upgrade("ledger")
    shapes.use(monkeypatch, "2.1")
    assert ledger.upgrade("ledger").code == 0
    assert not Path(ledger / LEDGER).exists()
