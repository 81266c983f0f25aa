"""Terminals of every kind: narrow, dumb, paged, without UTF-8, closed early, or none at all."""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import documents
from tests.cases.by_hand import replace
from tests.harness import Outcome, Run, Shop

pytestmark = pytest.mark.integration

PAXX = (sys.executable, "-m", "paxx")
COMMANDS = [
    ("--help",),
    ("infra", "--help"),
    ("infra", "add", "--help"),
    ("bootstrap", "--help"),
    ("infra",),
    ("infra", "list"),
    ("infra", "add", "redis", "storage", "--dry-run"),
    ("infra", "add", "redis", "--diff"),
    ("infra", "add", "redis", "--check"),
    ("infra", "add", "redis", "--no-sync"),
    ("infra", "add", "redsi"),
    ("infra", "add", "kubernetes"),
    ("infra", "add", "redis", "--strict", "--without-requires", "--no-sync"),
    ("bootstrap", "other", "--no-git", "--no-sync", "--yes"),
    ("bootstrap", "--yes"),
    ("recover",),
    ("schema",),
    ("no-such-command",),
]


def on_terminal(
    directory: Path, *arguments: str, rows: int = 24, **environment: str
) -> tuple[int, str]:
    """Run paxx on a terminal of its own; return its exit code and all that appeared there."""
    main, other = pty.openpty()
    process = subprocess.Popen(
        [*PAXX, *arguments],
        cwd=directory,
        env={**os.environ, "TERM": "xterm", "LINES": str(rows), **environment},
        stdin=other,
        stdout=other,
        stderr=other,
        start_new_session=True,
    )
    os.close(other)
    shown = b""
    while select.select([main], [], [])[0]:
        try:
            shown += os.read(main, 65536)
        except OSError:  # the end of a terminal
            break
    os.close(main)
    return process.wait(), shown.decode().replace("\r\n", "\n")


@pytest.fixture
def pager(tmp_path: Path) -> str:
    """Return a pager that keeps what it is given, and shows that it was there."""
    program = tmp_path / "my pager"
    program.write_text(f"#!/bin/sh\ncat >'{tmp_path}/paged'\necho PAGED \"$@\"\n")
    program.chmod(0o755)
    return f"'{program}' --wrap"


def test_a_long_diff_on_a_terminal_goes_through_the_pager_of_the_user(
    shop: Shop, tmp_path: Path, pager: str
) -> None:
    code, shown = on_terminal(shop.root, "infra", "add", "redis", "--diff", PAGER=pager)
    assert (code, shown) == (0, "PAGED --wrap\n")
    assert (tmp_path / "paged").read_text() == shop.add("redis", "--diff").stdout


def test_a_diff_that_fits_is_not_paged(shop: Shop, pager: str) -> None:
    _, shown = on_terminal(shop.root, "infra", "add", "redis", "--diff", PAGER=pager, rows=10_000)
    assert "PAGED" not in shown
    assert "\x1b[1m--- a/.env.example\x1b[0m\n" in shown


@pytest.mark.parametrize("wanted", ["cat", "", "no-such-pager"])
def test_without_a_pager_the_diff_is_shown_in_colour_at_once(shop: Shop, wanted: str) -> None:
    code, shown = on_terminal(shop.root, "infra", "add", "redis", "--diff", PAGER=wanted)
    assert code == 0
    assert "\x1b[32m+REDIS_URL=redis://localhost:6379/0\x1b[0m\n" in shown


@pytest.mark.parametrize("wanted", ["cat", "cat -u"])
def test_no_color_means_no_colour(shop: Shop, wanted: str) -> None:
    arguments = ("infra", "add", "redis", "--diff")
    code, shown = on_terminal(shop.root, *arguments, PAGER=wanted, NO_COLOR="1")
    assert code == 0
    assert "\x1b" not in shown
    assert shown == shop.add("redis", "--diff").stdout


def test_result_on_a_terminal_is_in_colour_and_ends_with_a_summary(shop: Shop) -> None:
    arguments = ("infra", "add", "redis", "--no-sync", "--yes")
    _, planned = on_terminal(shop.root, *arguments, "--dry-run")
    assert planned.startswith("\x1b[33m\x1b[1mwould add `redis`")
    assert planned.endswith("\x1b[33m\x1b[1mpreview\x1b[0m: nothing was written\n")
    (shop / "wiring.py").write_text("LIFESPANS = EARLY + []\n" + (shop / "wiring.py").read_text())
    code, shown = on_terminal(shop.root, *arguments)
    assert code == 5
    assert shown.startswith("\x1b[33m\x1b[1madded `redis`")
    for coloured in ("\x1b[32m  create\x1b[0m  core/", "\x1b[36m  edit  \x1b[0m  settings.py"):
        assert coloured in shown
    assert "\x1b[33m\x1b[1mmanual step\x1b[0m: wiring" in shown
    assert shown.splitlines()[-1].startswith("\x1b[33m\x1b[1mdone\x1b[0m: ")
    assert shown.endswith("; remaining: 1 manual step\n")
    _, removed = on_terminal(shop.root, "infra", "remove", "redis", "--no-sync", NO_COLOR="1")
    assert "\x1b" not in removed
    assert "deleted" in removed.splitlines()[-1]


@pytest.mark.parametrize("group", [(), ("infra",), ("feature",), ("db",)])
def test_help_on_a_terminal_has_bold_headings(tmp_path: Path, group: tuple[str, ...]) -> None:
    _, shown = on_terminal(tmp_path, *group, "--help")
    assert "\x1b[1mUsage\x1b[0m: paxx" in shown
    assert "\x1b[1mOptions\x1b[0m:\n" in shown
    heading = "Commands" if group else "Every day"
    assert f"\x1b[1m{heading}\x1b[0m:\n" in shown
    assert "\x1b" not in on_terminal(tmp_path, *group, "--help", NO_COLOR="1")[1]


def test_without_a_terminal_there_is_no_pager(shop: Shop, pager: str) -> None:
    outcome = run_paxx(shop.root, "infra", "add", "redis", "--diff", PAGER=pager)
    assert outcome.stdout.startswith("--- a/.env.example\n+++ b/.env.example\n@@ ")


def test_a_pager_that_is_left_early_is_no_error(shop: Shop) -> None:
    code, shown = on_terminal(shop.root, "infra", "add", "storage", "--diff", PAGER="head -1")
    assert code == 0
    assert shown == "--- a/.dockerignore\n"


def run_paxx(
    directory: Path, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PAXX, *arguments],
        cwd=directory,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding=environment.get("PYTHONIOENCODING", "utf-8").replace("ascii", "utf-8"),
        check=False,
    )


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("width", [1, 40])
def test_a_narrow_terminal_shows_the_same_in_more_lines(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], width: int
) -> None:
    before = shop.tree()
    wide = shop.run(*command)
    shop.restore(before)
    shutil.rmtree(shop / "other", ignore_errors=True)
    monkeypatch.setenv("COLUMNS", str(width))
    narrow = shop.run(*command)
    assert narrow.code == wide.code
    is_help = "Usage: " in wide.stdout + wide.stderr  # laid out by click, which shortens
    assert is_help or set(words(wide)) - HEADINGS <= set(words(narrow))
    if "--diff" in command or command == ("schema",):  # shown as they are
        assert narrow == wide
        return
    code = {line for line in wide.stdout.splitlines() if line.startswith("    ")}
    for line in {*(narrow.stdout + narrow.stderr).splitlines()} - code:
        # A name is never broken: whoever copies it wants all of it.
        assert width == 1 or len(line) <= width or len(line.split()) <= 2, line


HEADINGS = {"NAME", "STATE", "SUMMARY"}


def words(outcome: Outcome) -> list[str]:
    return re.findall(r"\w[\w./-]*\w", outcome.stdout + outcome.stderr)


def test_what_is_left_by_hand_can_be_copied_from_a_narrow_terminal(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    (shop / "settings.py").write_text("redis = 3\n")
    monkeypatch.setenv("COLUMNS", "40")
    outcome = shop.add("redis")
    assert '\n    redis_url: str = "redis://localhost:6379/0"\n' in outcome.stdout
    assert "\nmanual step: settings `redis_url,\n  redis_key_prefix` in" in outcome.stdout


@pytest.mark.nightly
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("columns", ["0", "1", "wide"])
def test_the_poorest_surroundings_are_enough(
    shop: Shop, command: tuple[str, ...], columns: str
) -> None:
    poor = {
        "COLUMNS": columns,
        "LINES": "0",
        "TERM": "dumb",
        "NO_COLOR": "1",
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
    }
    outcome = run_paxx(shop.root, *command, **poor)
    assert "Traceback" not in outcome.stderr
    assert outcome.returncode in {0, 2, 10}
    assert outcome.stdout or outcome.stderr


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ((), "caf\xe9 \\u2603`"),
        (("--json",), "caf\\u00e9 \\u2603"),
        (("--diff",), " # \xe9 \\u2603"),
    ],
)
def test_a_character_that_the_terminal_lacks_is_written_out(
    shop: Shop, form: tuple[str, ...], shown: str
) -> None:
    name = "caf\xe9 \N{SNOWMAN}"
    root = shop.root.rename(shop.root.with_name(name))
    replace(
        Shop(root, shop.run), ".env.example", "ENVIRONMENT=", "# \xe9 \N{SNOWMAN}\nENVIRONMENT="
    )
    for encoding in ("latin-1", "ascii"):
        environment = {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
        outcome = run_paxx(root, "infra", "add", "redis", "--dry-run", *form, **environment)
        assert (outcome.returncode, outcome.stderr) == (0, "")
        # Where there is no encoding but ASCII, click takes that for a mistake and writes UTF-8.
        assert encoding == "ascii" or shown in outcome.stdout
        failed = run_paxx(root.parent / name / "core", "infra", "add", "caf\xe9", **environment)
        assert failed.returncode == 2
        assert "no component is called `caf" in failed.stderr


@pytest.mark.parametrize(
    "command",
    [
        "infra add storage --diff",
        "infra add storage --json --dry-run",
        "infra add storage --no-sync",
        "infra list",
        "schema",
        "--help",
    ],
)
@pytest.mark.slow
@pytest.mark.parametrize("reader", ["head -1", "true"])
def test_a_reader_that_leaves_early_gets_no_complaint(
    shop: Shop, command: str, reader: str
) -> None:
    line = f"'{sys.executable}' -m paxx {command} | {reader}; echo ${{PIPESTATUS[0]}} >&2"
    outcome = subprocess.run(
        ["bash", "-c", line], cwd=shop.root, capture_output=True, text=True, check=False
    )
    assert outcome.stderr == "0\n"


@pytest.mark.parametrize(
    ("command", "code", "hint"),
    [
        ("infra add redis --no-sync", 9, "the command was applied"),
        ("infra add redis --no-sync --json", 9, "the command was applied"),
        ("infra add redis --dry-run", 9, "nothing was changed"),
        ("infra add redis --check", 10, "nothing was changed"),
        ("infra list", 9, "but for that the command ended with exit code 0"),
        ("schema", 9, "but for that the command ended with exit code 0"),
        ("--help", 9, "but for that the command ended with exit code 0"),
        ("infra add redsi --json", 2, "but for that the command ended with exit code 2"),
    ],
)
def test_output_that_cannot_be_written_is_told_and_is_no_bug(
    shop: Shop, command: str, code: int, hint: str
) -> None:
    line = f"'{sys.executable}' -m paxx {command} 1</dev/null"  # open, but not for writing
    outcome = subprocess.run(
        ["bash", "-c", line], cwd=shop.root, capture_output=True, text=True, check=False
    )
    assert outcome.returncode == code
    told = f"error: the output could not be written: Bad file descriptor\nhint: {hint}\n"
    assert outcome.stderr.endswith(told)
    assert "internal error" not in outcome.stderr
    assert (shop / "core/cache.py").exists() is (hint == "the command was applied")


def test_an_error_that_cannot_be_written_keeps_its_exit_code(shop: Shop) -> None:
    line = f"'{sys.executable}' -m paxx infra add redsi 2</dev/null"
    outcome = subprocess.run(
        ["bash", "-c", line], cwd=shop.root, capture_output=True, text=True, check=False
    )
    assert (outcome.returncode, outcome.stdout) == (2, "")


def test_an_error_that_nobody_reads_keeps_its_exit_code(shop: Shop) -> None:
    paxx = f"'{sys.executable}' -m paxx infra add redsi"
    line = f"{paxx} 2>&1 | true; echo ${{PIPESTATUS[0]}}"
    outcome = subprocess.run(
        ["bash", "-c", line], cwd=shop.root, capture_output=True, text=True, check=False
    )
    assert (outcome.stdout, outcome.stderr) == ("2\n", "")


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&-"])
@pytest.mark.slow
@pytest.mark.parametrize("form", ["", "--diff", "--json", "--check"])
def test_streams_may_be_closed_from_the_start(shop: Shop, closed: str, form: str) -> None:
    command = f"'{sys.executable}' -m paxx infra add redis --dry-run {form} {closed}"
    outcome = subprocess.run(
        ["bash", "-c", command], cwd=shop.root, capture_output=True, text=True, check=False
    )
    assert outcome.returncode == (10 if form == "--check" else 0)
    assert outcome.stderr == ""


GONE = "error: the current directory is gone\nhint: change into a directory that exists\n"


@pytest.mark.parametrize(
    "command", ["infra add redis", "infra list", "recover", "bootstrap shop --yes"]
)
@pytest.mark.parametrize("form", ["", "--json"])
def test_a_current_directory_that_is_gone_is_told(tmp_path: Path, command: str, form: str) -> None:
    line = f"mkdir gone && cd gone && rmdir ../gone && '{sys.executable}' -m paxx {command} {form}"
    outcome = subprocess.run(
        ["bash", "-c", line], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (outcome.returncode, outcome.stderr) == (3, GONE)
    if form:
        assert documents.parsed(outcome.stdout)["exit_code"] == 3


def test_a_directory_that_goes_while_a_command_starts_is_told(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    with monkeypatch.context() as patch:
        patch.chdir(tmp_path / "gone")
        (tmp_path / "gone").rmdir()
        assert run("infra", "list", "--json").code == 3
        assert run("infra", "list").stderr == GONE


def test_a_file_that_is_missing_where_none_should_be_is_a_bug(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Path) -> None:
        raise FileNotFoundError(2, "No such file or directory", "catalog")

    monkeypatch.setattr("paxx.listing.components", broken)
    assert run("infra", "list").code == 1


@pytest.mark.parametrize(("term", "is_shown"), [("xterm", True), ("dumb", False)])
def test_a_long_step_is_shown_while_it_takes(
    shop: Shop, tmp_path: Path, term: str, is_shown: object
) -> None:
    stand_in = tmp_path / "bin/uv"
    stand_in.parent.mkdir()
    stand_in.write_text("#!/bin/sh\nexit 0\n")
    stand_in.chmod(0o755)
    path = f"{stand_in.parent}{os.pathsep}{os.environ['PATH']}"
    code, shown = on_terminal(shop.root, "infra", "add", "redis", PATH=path, TERM=term)
    assert (code, "ran `uv lock --quiet`" in shown) == (0, True)
    assert ("running `uv sync` …\r\x1b[2K" in shown) is is_shown
