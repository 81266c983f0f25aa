"""How commands are run, ended and repeated: the numbers are those of docs/cases.md."""

import io
import itertools
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from paxx import __main__, catalog, signals
from paxx.cli import questions
from tests import documents
from tests.cases.by_hand import commit_all, refused, replace, unchanged_by_a_second_time
from tests.harness import Run, Shop, tree

pytestmark = pytest.mark.integration

PAXX = (sys.executable, "-m", "paxx")


def paxx(directory: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run paxx in a process of its own, without a terminal; checks the JSON that it prints."""
    process = subprocess.run(
        [*PAXX, *arguments],
        cwd=directory,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if "--json" in arguments:
        assert documents.parsed(process.stdout)["exit_code"] == process.returncode
    return process


def test_10_ten_times_is_once(shop: Shop) -> None:
    assert shop.add("redis").code == 0
    for _ in range(9):
        unchanged_by_a_second_time(shop)


def test_10_every_component_a_second_time(shop: Shop) -> None:
    names = catalog.names()
    assert shop.add(*names, "--yes").code == 0
    unchanged_by_a_second_time(shop, *names)


def test_26_an_interrupt_while_files_are_written(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = shop.tree()

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", interrupted)
        outcome = shop.add("redis")
    assert outcome.code == 130
    assert "interrupted; nothing is left half-written" in outcome.stderr
    assert shop.tree() == before


@pytest.mark.parametrize("number", signals.TERMINATING)
def test_26_an_interrupt_while_uv_runs_tells_what_is_written(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        signal.raise_signal(number)

    (shop / "bin").mkdir()
    (shop / "bin/uv").write_text("#!/bin/sh\n")
    (shop / "bin/uv").chmod(0o755)
    monkeypatch.setenv("PATH", str(shop / "bin"), prepend=os.pathsep)
    monkeypatch.setattr(subprocess, "run", interrupted)
    outcome = shop.run("infra", "add", "redis")
    assert outcome.code == 5
    assert "added `redis`" in outcome.stdout
    assert "failed: `uv lock --quiet`: interrupted" in outcome.stdout
    assert (shop / "core/cache.py").exists()


def test_26_a_command_that_is_killed_is_undone_by_the_next_one(shop: Shop) -> None:
    before = shop.tree()
    process = subprocess.Popen([*PAXX, "infra", "add", "redis", "--no-sync"])
    while process.poll() is None:
        if (shop / ".paxx/journal/journal.json").exists():
            process.kill()
            break
        time.sleep(0.0005)
    process.wait()
    assert shop.run("recover").code == 0
    assert shop.tree() == before or (shop / ".paxx/components/redis.json").exists()


def test_27_two_commands_at_once_both_end_well(shop: Shop) -> None:
    command = [*PAXX, "infra", "add", "--no-sync"]
    both = [
        subprocess.Popen([*command, name], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for name in ("redis", "metrics")
    ]
    for process in both:
        process.communicate()
    assert {process.returncode for process in both} <= {0, 4}
    assert shop.add("redis", "metrics").code == 0
    unchanged_by_a_second_time(shop, "redis", "metrics")


@pytest.mark.usefixtures("sample_catalog")
class TestRequirements:
    """A component that needs another one."""

    def test_56_without_an_answer_nothing_is_added(self, shop: Shop) -> None:
        refused(shop, "`queue` needs `cache`", 2, "queue")

    def test_56_both_are_planned_together(self, shop: Shop) -> None:
        assert shop.add("queue", "--yes").code == 0
        assert (shop / "core/store.py").exists()
        assert (shop / "core/queue.py").exists()

    def test_56_what_is_there_is_used(self, shop: Shop) -> None:
        assert shop.add("cache").code == 0
        assert shop.add("queue").code == 0

    def test_56_where_one_cannot_be_added_none_is(self, shop: Shop) -> None:
        (shop / "core/store.py").write_text("# mine\n")
        refused(shop, "`core/store.py` exists", 4, "queue", "--yes")

    def test_57_any_order_gives_the_same_project(self, shop: Shop) -> None:
        start, results = shop.tree(), []
        for names in itertools.permutations(("cache", "geo", "live")):
            shop.restore(start)
            for name in names:
                assert shop.add(name).code == 0
            results.append(shop.tree())
        assert all(result == results[0] for result in results)


@pytest.mark.parametrize("arguments", [("bootstrap",), ("bootstrap", "--yes")])
def test_64_a_missing_name_without_a_terminal(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    outcome = paxx(tmp_path, *arguments)
    assert outcome.returncode == 2
    assert "error: the name of the project is missing" in outcome.stderr
    assert "hint: `paxx bootstrap NAME`" in outcome.stderr


@pytest.mark.usefixtures("sample_catalog")
@pytest.mark.parametrize("is_terminal", [False, True])
def test_64_json_asks_no_question_and_names_the_option(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, *, is_terminal: bool
) -> None:
    monkeypatch.setattr(questions, "on_terminal", lambda: is_terminal)
    outcome = shop.add("queue", "--json")
    assert outcome.code == outcome.json["exit_code"] == 2
    assert "--yes" in outcome.json["error"]["hint"]


def test_64_a_name_that_is_missing_to_add(shop: Shop) -> None:
    outcome = paxx(shop.root, "infra", "add", "--yes")
    assert outcome.returncode == 2
    assert "error: missing argument" in outcome.stderr


@pytest.mark.parametrize("flag", ["--dry-run", "--diff", "--check", "--json --dry-run"])
def test_65_a_preview_writes_nothing_at_all(shop: Shop, flag: str) -> None:
    commit_all(shop.root)
    before = {path: path.stat().st_mtime_ns for path in shop.root.rglob("*")}
    outcome = paxx(shop.root, "infra", "add", "redis", *flag.split(), PATH=str(shop / "core"))
    assert outcome.returncode == (10 if flag == "--check" else 0)
    assert "settings.py" in outcome.stdout
    assert {path: path.stat().st_mtime_ns for path in shop.root.rglob("*")} == before


def test_66_a_typo_is_suggested_and_never_taken(shop: Shop) -> None:
    refused(shop, "did you mean `redis`?", 2, "reddis")
    refused(shop, "no component is called `Redis`", 2, "Redis")
    refused(shop, "known components: ", 2, "kubernetes")


def damage(shop: Shop, content: str | None) -> None:
    record = shop / ".paxx/components/redis.json"
    if content is None:
        record.unlink()
    else:
        record.write_text(content)


@pytest.mark.parametrize(
    "content",
    [
        "<<<<<<< ours\n{}\n=======\n>>>>>>> theirs\n",
        '{"schema": 1, "name": "redis", "version": 1, "files": {}, "edits": []}',
        '{"schema": 1, "name": "redis", "version": "1", "files": null, "edits": []}',
        '{"schema": 1, "name": "redis", "version": "1", "files": ["a"], "edits": []}',
        "[]",
        "",
    ],
)
@pytest.mark.parametrize("command", [("infra", "list"), ("infra", "add", "redis", "--no-sync")])
def test_69_a_damaged_record_is_told(shop: Shop, content: str, command: tuple[str, ...]) -> None:
    shop.add("redis")
    damage(shop, content)
    outcome = shop.run(*command)
    assert outcome.code == 3
    assert re.search(r"\.paxx/components/redis\.json(:1)?: this file is damaged", outcome.stderr)
    assert "restore it from version control" in outcome.stderr


def test_69_a_record_of_a_newer_version_is_left_alone(shop: Shop) -> None:
    shop.add("redis")
    damage(shop, '{"schema": 2, "edits": {"of": "another shape"}}')
    refused(shop, "this file has schema 2, this paxx reads 1", 3)


def test_69_a_copy_of_a_newer_manifest_is_left_alone(shop: Shop) -> None:
    shop.add("redis")
    copy = shop / ".paxx/base/redis/component.toml.pristine"
    copy.write_text(copy.read_text() + "[of_another]\nshape = 1\n")
    refused(shop, "use the version of paxx that added it, or a newer one", 3)
    copy.write_bytes(b"name = \xff")
    refused(shop, "component.toml.pristine: not UTF-8", 3)


def test_69_a_missing_record_is_made_again(shop: Shop) -> None:
    shop.add("redis")
    complete = set(shop.tree())
    damage(shop, None)
    assert shop.add("redis").code == 0
    assert set(shop.tree()) == complete
    unchanged_by_a_second_time(shop)


def test_70_a_directory_below_the_project(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop / "db/migrations")
    assert shop.add("redis").code == 0
    assert (shop / "core/cache.py").exists()


@pytest.mark.parametrize("content", [None, '[project]\nname = "other"\n'])
def test_70_outside_of_a_project(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    if content:
        (tmp_path / "pyproject.toml").write_text(content)
    before = tree(tmp_path)
    monkeypatch.chdir(tmp_path)
    outcome = run("infra", "add", "redis")
    assert outcome.code == 3
    assert "hint: change into a project, or make one with `paxx bootstrap NAME`" in outcome.stderr
    assert tree(tmp_path) == before


def test_71_without_a_formatter_nothing_changes(shop: Shop) -> None:
    outcome = paxx(shop.root, "infra", "add", "redis", PATH=str(shop / "core"))
    assert outcome.returncode == 0
    assert "skipped `uv lock --quiet`: `uv` is not on PATH" in outcome.stdout


def test_71_lines_of_the_user_are_never_formatted(shop: Shop) -> None:
    ugly = "x   =  { 'a':1 ,\n  'b' :2 }\n"
    for path in ("settings.py", "wiring.py"):
        (shop / path).write_text((shop / path).read_text() + ugly)
    replace(shop, "docker-compose.yml", "    build: .\n", "    build:    '.'   # here\n")
    assert shop.add("redis", "metrics").code == 0
    assert (shop / "settings.py").read_text().endswith(ugly)
    assert (shop / "wiring.py").read_text().endswith(ugly)
    assert "    build:    '.'   # here\n" in (shop / "docker-compose.yml").read_text()


def test_71_output_may_go_to_what_is_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    output = io.StringIO()
    monkeypatch.setattr(sys, "stdout", output)
    monkeypatch.setattr(sys, "argv", ["paxx", "--version"])
    with pytest.raises(SystemExit) as caught:
        __main__.main()
    assert caught.value.code == 0
    assert output.getvalue().startswith("paxx ")


def test_71_a_terminal_without_unicode_is_no_obstacle(tmp_path: Path) -> None:
    folder = tmp_path / "Läden"
    folder.mkdir()
    options = ("--no-git", "--no-sync", "--yes")
    ascii_only = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    assert paxx(folder, "bootstrap", "shop", *options, **ascii_only).returncode == 0
    replaced = (folder / "shop/settings.py").read_text().replace("# Project", "# Übrige Zeilen")
    (folder / "shop/settings.py").write_text(replaced)
    diff = paxx(folder / "shop", "infra", "add", "redis", "--diff", **ascii_only)
    assert (diff.returncode, "internal error" in diff.stderr) == (0, False)
    outcome = paxx(folder / "shop", "infra", "add", "redis", "--no-sync", **ascii_only)
    assert outcome.returncode == 0
    assert "added `redis`" in outcome.stdout
