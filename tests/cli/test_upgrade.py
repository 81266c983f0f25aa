"""`paxx infra upgrade`: the new version comes, what the user made stays."""

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from paxx import catalog
from paxx.merge import unresolved
from tests import upgrade_shapes as shapes
from tests.harness import Run, Shop, changed_lines
from tests.releases import make_next
from tests.upgrade_shapes import ADDED, LEDGER, REMOVED, RULES


@pytest.fixture
def ledger(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Return a project that has `ledger` 1.0, as a paxx sees it that has 2.0."""
    shapes.use(monkeypatch, "1.0")
    assert shop.add("ledger", "clock").code == 0
    shapes.use(monkeypatch, "2.0")
    return shop


def fresh(shop: Shop, before: dict[str, bytes]) -> dict[str, bytes]:
    """Return the tree of a project to which the newest version was added at once."""
    upgraded = shop.tree()
    shop.restore(before)
    assert shop.add("ledger", "clock").code == 0
    expected = shop.tree()
    shop.restore(upgraded)
    return expected


@pytest.mark.parametrize("endings", ["lf", "crlf"])
def test_an_unmodified_component_becomes_what_adding_it_now_gives(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, endings: str
) -> None:
    if endings == "crlf":
        for path in ("pyproject.toml", "wiring.py", "settings.py", "docker-compose.yml"):
            (shop / path).write_bytes((shop / path).read_bytes().replace(b"\n", b"\r\n"))
    before = shop.tree()
    shapes.use(monkeypatch, "1.0")
    shop.add("ledger", "clock")
    shapes.use(monkeypatch, "2.0")
    outcome = shop.upgrade("ledger")
    assert outcome.code == 0, outcome
    assert shop.tree() == fresh(shop, before)
    assert shop.upgrade("--all").code == 0
    assert shop.remove("ledger", "clock").code == 0
    assert shop.tree() == before


def test_the_report_tells_what_came_and_what_went(ledger: Shop) -> None:
    outcome = ledger.upgrade("ledger")
    assert "upgraded `ledger` in" in outcome.stdout
    assert f"create  {ADDED}" in outcome.stdout
    assert f"delete  {REMOVED}" in outcome.stdout
    assert "- dependency:" in outcome.stdout
    assert "ledger 2.0: " in outcome.stdout  # from the changelog


def test_upgrading_twice_changes_nothing(ledger: Shop) -> None:
    ledger.upgrade("--all")
    before = ledger.tree()
    outcome = ledger.upgrade("--all")
    assert outcome.code == 0
    assert "nothing to do" in outcome.stdout
    assert ledger.tree() == before
    assert ledger.upgrade("--all", "--check").code == 0


@pytest.mark.parametrize("flag", ["--dry-run", "--diff", "--check"])
def test_a_preview_changes_nothing(ledger: Shop, flag: str) -> None:
    shapes.edit_ledger(ledger, conflicts=1)
    before = ledger.tree()
    outcome = ledger.upgrade("--all", flag)
    assert outcome.code == (10 if flag == "--check" else 0)
    assert LEDGER in outcome.stdout
    assert ledger.tree() == before


def test_changes_of_the_user_are_merged(ledger: Shop) -> None:
    shapes.edit_ledger(ledger, conflicts=0)
    shapes.edit_ledger_alike(ledger)
    shapes.edit_report(ledger)
    shapes.edit_rules(ledger, conflict=False)
    outcome = ledger.upgrade("ledger")
    assert outcome.code == 0, outcome
    text = (ledger / LEDGER).read_text()
    ast.parse(text)
    assert "Our bookings, which add up" in text
    assert shapes.MINE in text
    assert "ROUND_HALF_EVEN" in text
    assert "the treasurer" in (ledger / shapes.REPORT).read_text()
    assert json.loads((ledger / RULES).read_text())
    assert not list(ledger.root.rglob("*.paxx-*"))
    components = ledger.run("infra", "list", "--json").json["components"]
    states = {each["name"]: (each["version"], each["state"]) for each in components}
    assert states["ledger"] == ("2.0", "modified")


@pytest.mark.parametrize("conflicts", [1, 3])
def test_conflicts_stand_between_markers_until_they_are_resolved(
    ledger: Shop, conflicts: int
) -> None:
    shapes.edit_ledger(ledger, conflicts=conflicts)
    known = (ledger / ".paxx/components/ledger.json").read_bytes()
    outcome = ledger.upgrade("ledger")
    assert outcome.code == 6
    assert f"conflict: `{LEDGER}`: {conflicts} to resolve between the markers" in outcome.stdout
    assert "paxx infra upgrade --continue" in outcome.stdout
    assert "paxx infra upgrade --abort" in outcome.stdout
    text = (ledger / LEDGER).read_text()
    assert text.count("<<<<<<< yours\n") == text.count(">>>>>>> ledger 2.0\n") == conflicts
    for _, mine in shapes.PLACES[:conflicts]:
        assert mine in resolved(text)
    # What counts is the old version until everything is resolved.
    assert (ledger / ".paxx/components/ledger.json").read_bytes() == known
    assert ledger.run("status").code == 6
    outcome = ledger.upgrade("--continue")
    assert outcome.code == 6
    assert f"`{LEDGER}`: there are markers, from line {unresolved(text)} on" in outcome.stderr
    (ledger / LEDGER).write_text(resolved(text))
    outcome = ledger.upgrade("--continue")
    assert outcome.code == 0, outcome
    assert not (ledger / ".paxx/upgrade").exists()
    assert b'"version": "2.0"' in (ledger / ".paxx/components/ledger.json").read_bytes()
    assert ledger.upgrade("--all", "--check").code == 0
    assert ledger.run("status").code == 0


def resolved(text: str) -> str:
    """Return the text with the side of the user taken in each conflict."""
    lines, keep = [], True
    for line in text.splitlines(keepends=True):
        if line.startswith("======="):
            keep = False
        elif line.startswith(">>>>>>>"):
            keep = True
        elif keep and not line.startswith("<<<<<<<"):
            lines.append(line)
    return "".join(lines)


@pytest.mark.parametrize("conflicts", [1, 3])
def test_abort_is_as_if_nothing_had_been(ledger: Shop, conflicts: int) -> None:
    shapes.edit_ledger(ledger, conflicts=conflicts)
    shapes.edit_rules(ledger, conflict=True)
    before = ledger.tree()
    assert ledger.upgrade("--all").code == 6
    assert ledger.upgrade("--abort", "--dry-run").code == 0
    assert ledger.upgrade("--abort").code == 0
    assert ledger.tree() == before


def test_abort_keeps_what_was_written_since(ledger: Shop) -> None:
    shapes.edit_ledger(ledger, conflicts=1)
    before = ledger.tree()
    ledger.upgrade("ledger")
    half = resolved((ledger / LEDGER).read_text()) + "# half-way\n"
    (ledger / LEDGER).write_text(half)
    outcome = ledger.upgrade("--abort")
    assert outcome.code == 0
    assert f"what you made of it is in `{LEDGER}.paxx-mine`" in outcome.stdout
    assert ledger.tree() == before | {f"{LEDGER}.paxx-mine": half.encode()}


def test_no_markers_where_a_language_does_not_tell(ledger: Shop) -> None:
    shapes.edit_rules(ledger, conflict=True)
    mine = (ledger / RULES).read_bytes()
    outcome = ledger.upgrade("ledger")
    assert outcome.code == 6
    assert (ledger / RULES).read_bytes() == mine
    new = (ledger / f"{RULES}.paxx-new").read_bytes()
    assert new == (catalog.FOLDER / "ledger/files" / RULES).read_bytes()
    outcome = ledger.upgrade("--continue")
    assert outcome.code == 6
    assert f"`{RULES}.paxx-new`, then delete it" in outcome.stderr
    (ledger / f"{RULES}.paxx-new").unlink()
    assert ledger.upgrade("--continue").code == 0
    assert (ledger / RULES).read_bytes() == mine
    assert ledger.upgrade("--all", "--check").code == 0


def test_a_merge_that_does_not_parse_is_no_merge(ledger: Shop) -> None:
    shapes.replace(ledger, LEDGER, "Bookings that add up", 'Ours""" + """')
    with (ledger / LEDGER).open("a") as file:
        file.write("\nbroken = (\n")
    mine = (ledger / LEDGER).read_bytes()
    assert ledger.upgrade("ledger").code == 6
    assert (ledger / LEDGER).read_bytes() == mine
    assert (ledger / f"{LEDGER}.paxx-new").exists()


def test_a_file_that_is_no_text_is_put_beside(ledger: Shop) -> None:
    (ledger / RULES).write_bytes(b"\xff\xfe")
    outcome = ledger.upgrade("ledger")
    assert outcome.code == 6
    assert "it is not text" in outcome.stdout
    assert (ledger / RULES).read_bytes() == b"\xff\xfe"


def test_a_file_that_the_user_deleted_stays_away(ledger: Shop) -> None:
    (ledger / RULES).unlink()
    outcome = ledger.upgrade("ledger")
    assert outcome.code == 0
    assert not (ledger / RULES).exists()
    assert f"kept: `{RULES}`: you deleted it, so it stays away" in outcome.stdout


def test_a_file_that_comes_no_more_stays_where_it_was_changed(ledger: Shop) -> None:
    shapes.edit_removed(ledger)
    outcome = ledger.upgrade("ledger")
    assert outcome.code == 0
    assert (ledger / REMOVED).exists()
    assert f"kept: `{REMOVED}`: 2.0 brings it no more" in outcome.stdout


def test_code_that_uses_a_file_that_comes_no_more_stops_it(ledger: Shop) -> None:
    (ledger / "features/books.py").write_text("import core.ledger_legacy\n")
    before = ledger.tree()
    outcome = ledger.upgrade("ledger")
    assert outcome.code == 4
    assert "  features/books.py  line 1  core.ledger_legacy\n" in outcome.stderr
    assert ledger.tree() == before
    assert ledger.upgrade("ledger", "--force").code == 5
    assert not (ledger / REMOVED).exists()


def test_a_file_in_the_way_of_a_new_one_stays(ledger: Shop) -> None:
    shapes.put_in_the_way(ledger)
    outcome = ledger.upgrade("ledger")
    assert outcome.code == 6
    assert (ledger / ADDED).read_text() == '"""Our own audit."""\n'
    assert (ledger / f"{ADDED}.paxx-new").exists()


def test_settings_and_services_of_the_user_stay(ledger: Shop) -> None:
    settings = (ledger / "settings.py").read_text()
    fields = [line for line in settings.splitlines() if line.startswith("    ledger_")]
    (ledger / "settings.py").write_text(settings.replace(fields[0], f"{fields[0]}  # ours"))
    outcome = ledger.upgrade("ledger")
    assert outcome.code in {0, 5}
    assert f"{fields[0]}  # ours\n" in (ledger / "settings.py").read_text()


def test_nothing_else_runs_while_conflicts_wait(ledger: Shop) -> None:
    shapes.edit_ledger(ledger, conflicts=1)
    ledger.upgrade("ledger")
    before = ledger.tree()
    for outcome in (ledger.add("clock"), ledger.remove("clock"), ledger.upgrade("--all")):
        assert outcome.code == 6
        assert "the upgrade of `ledger` is not finished" in outcome.stderr
        assert "--abort" in outcome.stderr
    assert ledger.tree() == before


def test_strict_stops_before_a_conflict(ledger: Shop) -> None:
    shapes.edit_ledger(ledger, conflicts=1)
    before = ledger.tree()
    outcome = ledger.upgrade("ledger", "--strict")
    assert outcome.code == 4
    assert " ".join(outcome.stderr.split()) == (
        f"error: your changes and the new version conflict in `{LEDGER}`; nothing was written"
        " hint: without `--strict` conflicts wait for `paxx infra upgrade --continue`"
    )
    assert ledger.tree() == before


def test_two_steps_at_once(ledger: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shapes.use(monkeypatch, "2.1")
    shapes.edit_ledger(ledger, conflicts=0)
    outcome = ledger.upgrade("--all")
    assert outcome.code == 0
    assert ledger.run("status", "--json").json["components"][0]["available"] is None
    assert "ledger 2.1: " in outcome.stdout
    assert "ledger 2.0: " in outcome.stdout


def test_going_back_is_refused(ledger: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger.upgrade("ledger")
    before = ledger.tree()
    shapes.use(monkeypatch, "1.0")
    for arguments in (["ledger"], ["--all"]):
        outcome = ledger.upgrade(*arguments)
        assert outcome.code == 4
        assert "`ledger` 2.0 is installed, and this paxx has 1.0" in outcome.stderr
    assert ledger.tree() == before


@pytest.mark.parametrize(
    "arguments", [[], ["ledger", "--all"], ["--all", "--abort"], ["--continue", "--abort"]]
)
def test_it_has_to_be_said_what_to_upgrade(ledger: Shop, arguments: list[str]) -> None:
    outcome = ledger.upgrade(*arguments)
    assert outcome.code == 2
    assert "say what to upgrade" in outcome.stderr


def test_what_is_not_installed_cannot_be_upgraded(shop: Shop) -> None:
    outcome = shop.upgrade("redis")
    assert outcome.code == 2
    assert "`redis` is not installed" in outcome.stderr
    assert shop.upgrade("redsi").code == 2


@pytest.mark.parametrize("flag", ["--continue", "--abort"])
def test_without_an_upgrade_there_is_nothing_to_settle(shop: Shop, flag: str) -> None:
    outcome = shop.upgrade(flag)
    assert outcome.code == 2
    assert "no upgrade waits for its conflicts" in outcome.stderr


def test_a_damaged_state_is_told(ledger: Shop) -> None:
    shapes.edit_ledger(ledger, conflicts=1)
    ledger.upgrade("ledger")
    (ledger / ".paxx/upgrade/upgrade.json").write_text("{")
    outcome = ledger.upgrade("--continue")
    assert outcome.code == 3
    assert ".paxx/upgrade/upgrade.json" in outcome.stderr


def test_without_a_pristine_copy_nothing_is_merged(ledger: Shop) -> None:
    (ledger / f".paxx/base/ledger/files/{LEDGER}.pristine").unlink()
    before = ledger.tree()
    outcome = ledger.upgrade("ledger")
    assert outcome.code == 4
    assert "restore it from version control" in outcome.stderr
    assert ledger.tree() == before


def test_a_new_version_may_need_another_component(
    ledger: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = shutil.copytree(catalog.FOLDER, tmp_path / "newer")
    shutil.copytree(newer / "clock", newer / "alarm")
    for name, old, new in (
        ("alarm", 'name = "clock"', 'name = "alarm"'),
        ("ledger", 'name = "ledger"', 'name = "ledger"\nrequires = ["alarm"]'),
    ):
        manifest = newer / name / "component.toml"
        manifest.write_text(manifest.read_text().replace(old, new, 1))
    monkeypatch.setattr(catalog, "FOLDER", newer)
    outcome = ledger.upgrade("ledger")
    assert outcome.code == 4
    assert "`ledger` 2.0 needs `alarm`" in outcome.stderr
    assert "paxx infra add alarm" in outcome.stderr
    (ledger / "core/clock.py").unlink()  # the alarm has a file of that name
    assert ledger.remove("clock").code == 0
    assert ledger.add("alarm").code == 0
    assert ledger.upgrade("ledger").code == 0


RUN = """
import sys
from pathlib import Path
from paxx import catalog, cli
catalog.FOLDER = Path(sys.argv[1])
sys.exit(cli.run(sys.argv[2:]))
"""


@pytest.mark.integration
@pytest.mark.parametrize("with_git", [True, False], ids=["git", "no-git"])
@pytest.mark.parametrize("conflicts", [0, 1, 3])
def test_it_works_offline_with_and_without_git(
    ledger: Shop, tmp_path: Path, conflicts: int, *, with_git: bool
) -> None:
    shapes.edit_ledger(ledger, conflicts=conflicts)
    programs = tmp_path / "bin"
    programs.mkdir()
    if with_git:
        (programs / "git").symlink_to(str(shutil.which("git")))
        repository = ["git", "-C", str(ledger.root), "-c", "user.name=x", "-c", "user.email=x@y"]
        subprocess.run(["git", "init", "--quiet", str(ledger.root)], check=True)
        subprocess.run([*repository, "add", "-A"], check=True)
        subprocess.run([*repository, "commit", "--quiet", "-m", "x"], check=True)
    nowhere = "http://127.0.0.1:1"
    environment = {
        "PATH": str(programs),
        "HOME": str(tmp_path),
        **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), nowhere),
    }

    def run(*arguments: str) -> int:
        command = [sys.executable, "-c", RUN, str(catalog.FOLDER), "infra", "upgrade", *arguments]
        return subprocess.run(
            [*command, "--json"],
            cwd=ledger.root,
            env=environment,
            check=False,
            stdout=subprocess.DEVNULL,
        ).returncode

    assert run("--all") == (6 if conflicts else 0)
    text = (ledger / LEDGER).read_text()
    assert text.count("<<<<<<<") == conflicts
    if conflicts:
        (ledger / LEDGER).write_text(resolved(text))
        assert run("--continue") == 0
    assert b'"version": "2.0"' in (ledger / ".paxx/components/ledger.json").read_bytes()


def test_markers_that_are_there_already_are_not_added_to(ledger: Shop) -> None:
    with (ledger / LEDGER).open("a") as file:
        file.write('"""\n<<<<<<< theirs\n=======\n>>>>>>> mine\n"""\n')
    before = (ledger / LEDGER).read_bytes()
    outcome = ledger.upgrade("ledger")
    assert outcome.code == 6
    assert (ledger / LEDGER).read_bytes() == before
    assert (ledger / f"{LEDGER}.paxx-new").exists()


def test_half_a_marker_is_not_resolved(ledger: Shop) -> None:
    shapes.edit_ledger(ledger, conflicts=1)
    ledger.upgrade("ledger")
    lines = (ledger / LEDGER).read_text().splitlines(keepends=True)
    left = [line for line in lines if not line.startswith(("<<<<<<<", ">>>>>>>"))]
    (ledger / LEDGER).write_text("".join(left))
    outcome = ledger.upgrade("--continue")
    assert outcome.code == 6
    assert f"`{LEDGER}`: line {left.index('=======' + chr(10)) + 1}: not Python" in outcome.stderr


def test_what_paxx_does_not_have_is_left_alone(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = ("--output-dir", str(tmp_path), "--no-git", "--no-sync", "--yes")
    run("bootstrap", "mine", "--example", *where)
    monkeypatch.chdir(tmp_path / "mine")
    outcome = run("infra", "upgrade", "--all", "--no-sync")
    assert outcome.code == 0
    assert "nothing to do" in outcome.stdout


def test_an_edit_that_was_left_to_the_user_stays_that(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    (shop / "settings.py").write_text("settings = object()\n")
    shapes.use(monkeypatch, "1.0")
    assert shop.add("ledger").code == 5
    shapes.use(monkeypatch, "2.0")
    outcome = shop.upgrade("ledger")
    assert outcome.code == 5
    assert "manual step: settings" in outcome.stdout
    assert (shop / "settings.py").read_text() == "settings = object()\n"


def test_a_file_of_the_user_beside_is_never_written_over(ledger: Shop) -> None:
    shapes.edit_rules(ledger, conflict=True)
    (ledger / f"{RULES}.paxx-new").write_text("mine\n")
    before = ledger.tree()
    outcome = ledger.upgrade("ledger")
    assert outcome.code == 4
    assert f"{RULES}.paxx-new: this file is in the way" in outcome.stderr
    assert ledger.tree() == before


def test_going_back_writes_over_nothing_either(ledger: Shop) -> None:
    shapes.edit_ledger(ledger, conflicts=1)
    ledger.upgrade("ledger")
    (ledger / LEDGER).write_text("# half-way\n")
    (ledger / f"{LEDGER}.paxx-mine").write_text("mine\n")
    before = ledger.tree()
    outcome = ledger.upgrade("--abort")
    assert outcome.code == 4
    assert f"{LEDGER}.paxx-mine: this file is in the way" in outcome.stderr
    assert ledger.tree() == before


@pytest.mark.parametrize(
    "kept", ["original/core/ledger.py.pristine", "original/wiring.py.pristine"]
)
@pytest.mark.parametrize("content", [None, b"# formatted\n"])
def test_abort_without_an_original_deletes_nothing(
    ledger: Shop, kept: str, content: bytes | None
) -> None:
    shapes.edit_ledger(ledger, conflicts=1)
    ledger.upgrade("ledger")
    original = ledger / ".paxx/upgrade" / kept
    original.unlink() if content is None else original.write_bytes(content)
    before = ledger.tree()
    outcome = ledger.upgrade("--abort")
    assert outcome.code == 4
    assert f".paxx/upgrade/{kept}: this copy {'is missing' if content is None else 'was'}" in (
        outcome.stderr
    )
    assert ledger.tree() == before


def test_going_on_without_the_new_record_forgets_nothing(ledger: Shop) -> None:
    shapes.edit_ledger(ledger, conflicts=1)
    ledger.upgrade("ledger")
    (ledger / LEDGER).write_text(resolved((ledger / LEDGER).read_text()))
    (ledger / ".paxx/upgrade/next/components/ledger.json").unlink()
    before = ledger.tree()
    outcome = ledger.upgrade("--continue")
    assert outcome.code == 4
    assert ".paxx/upgrade/next/components/ledger.json: this copy is missing" in outcome.stderr
    assert ledger.tree() == before


def test_a_search_and_replace_through_the_copies_as_well_is_noticed(ledger: Shop) -> None:
    for path in (LEDGER, f".paxx/base/ledger/files/{LEDGER}.pristine"):
        shapes.replace(ledger, path, "Bookings that add up", "Our bookings, which add up")
    before = ledger.tree()
    outcome = ledger.upgrade("ledger")
    assert outcome.code == 4
    assert "this copy was changed" in outcome.stderr
    assert ledger.tree() == before


def test_copies_that_git_gave_other_line_endings_are_as_good(ledger: Shop) -> None:
    for path in (LEDGER, f".paxx/base/ledger/files/{LEDGER}.pristine"):
        (ledger / path).write_bytes((ledger / path).read_bytes().replace(b"\n", b"\r\n"))
    assert ledger.upgrade("ledger").code == 0
    assert ledger.run("status").code == 0


def test_the_state_of_a_newer_paxx_is_left_to_it(ledger: Shop) -> None:
    shapes.edit_ledger(ledger, conflicts=1)
    ledger.upgrade("ledger")
    state = ledger / ".paxx/upgrade/upgrade.json"
    state.write_text(state.read_text().replace('"schema": 1', '"schema": 2'))
    before = ledger.tree()
    for arguments in (["--abort"], ["--continue"], ["--all"]):
        outcome = ledger.upgrade(*arguments)
        assert outcome.code == 3
        assert "use the newer version of paxx" in outcome.stderr
    assert ledger.run("status").code == 3
    assert ledger.tree() == before


def test_settings_that_both_versions_have_stay_as_they_are(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shop.add("redis").code == 0
    before = (shop / "settings.py").read_text()
    monkeypatch.setattr(catalog, "FOLDER", make_next(tmp_path / "next"))
    assert shop.upgrade("redis").code == 0
    gone, came = changed_lines(before.encode(), (shop / "settings.py").read_bytes())
    assert gone == []
    assert b"redis_extra" in b"".join(came)
