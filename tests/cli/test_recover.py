"""Commands that are killed, interrupted, or run at the same time."""

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from paxx import apply, catalog, journal, lock, project, rollback, signals
from paxx.changes import FileChange, Plan
from paxx.errors import PreconditionError
from paxx.plan import addition, removal
from tests.faults.operations import killed_at
from tests.harness import Shop

TURNS: dict[str, int] = {}
"""The file operation at which each file is written; it is the same in every test."""


def leave_half_done(shop: Shop, reached: str = "core/cache.py") -> dict[str, bytes]:
    """Kill `paxx infra add redis` when a file is written; return the tree as it was before."""
    before = shop.tree()
    planned = addition.build(project.load(shop.root), [catalog.load("redis")], catalog.load_all())
    for turn in range(TURNS.get(reached, 0), 10_000, 9):
        assert killed_at(turn, lambda: apply.commit(planned))
        is_written = shop.tree().get(reached) != before.get(reached)
        if is_written and (shop / ".paxx/journal/journal.json").exists():
            TURNS[reached] = turn
            break
        apply.recover(shop.root)
    assert shop.tree() != before
    return before


def test_recover_puts_back_what_a_killed_command_left(shop: Shop) -> None:
    before = leave_half_done(shop)
    outcome = shop.run("recover")
    assert outcome.code == 0
    assert "a command was killed here and is undone; put back: `" in outcome.stdout
    assert "`core/cache.py`" in outcome.stdout
    assert shop.tree() == before
    assert not (shop / ".paxx").exists()


def test_the_next_command_recovers_by_itself_and_says_so(shop: Shop) -> None:
    leave_half_done(shop)
    outcome = shop.add("metrics")
    assert outcome.code == 0
    assert outcome.stdout.startswith("a command was killed here and is undone")
    assert not (shop / "core/cache.py").exists()
    assert (shop / "core/metrics.py").exists()


def test_a_preview_of_a_half_done_project_changes_nothing_and_names_the_way_out(shop: Shop) -> None:
    leave_half_done(shop)
    half_done = shop.tree()
    outcome = shop.add("metrics", "--dry-run")
    assert outcome.code == 4
    assert "hint: `paxx recover` puts everything back" in outcome.stderr
    assert shop.tree() == half_done


def test_nothing_is_written_over_a_journal_that_counts(shop: Shop) -> None:
    leave_half_done(shop)
    half_done = shop.tree()
    with pytest.raises(PreconditionError, match="half-done"):
        apply.commit(Plan(shop.root, (), (FileChange("new.py", None, b""),), ()))
    assert shop.tree() == half_done


def test_there_may_be_nothing_to_recover(shop: Shop) -> None:
    before = shop.tree()
    assert shop.run("recover").stdout == "nothing to recover\n"
    assert shop.run("recover", "--json").json["recovered"] is None
    assert shop.tree() == before


def test_json_tells_what_was_put_back(shop: Shop) -> None:
    leave_half_done(shop)
    document = shop.run("recover", "--json").json
    assert "core/cache.py" in document["recovered"]["restored"]
    assert document["recovered"]["left"] == []


def test_a_file_edited_since_the_kill_is_never_overwritten(shop: Shop) -> None:
    before = leave_half_done(shop)
    edited = next(path for path, content in before.items() if (shop / path).read_bytes() != content)
    (shop / edited).write_text("# mine\n")
    outcome = shop.run("recover")
    assert outcome.code == 5
    assert f"`{edited}` was changed since and is left; what it was is in" in outcome.stdout
    assert (shop / edited).read_text() == "# mine\n"
    assert (shop / f"{edited}.paxx-orig").read_bytes() == before[edited]


def test_what_lies_aside_already_is_not_overwritten(shop: Shop) -> None:
    before = leave_half_done(shop)
    edited = next(path for path, content in before.items() if (shop / path).read_bytes() != content)
    (shop / edited).write_text("# mine\n")
    (shop / f"{edited}.paxx-orig").write_text("# of an earlier time\n")
    assert f"is in `{edited}.paxx-orig1`" in " ".join(shop.run("recover").stdout.split())
    assert (shop / f"{edited}.paxx-orig").read_text() == "# of an earlier time\n"
    assert (shop / f"{edited}.paxx-orig1").read_bytes() == before[edited]


def test_a_file_that_the_killed_command_made_and_the_user_edited_stays(shop: Shop) -> None:
    for form in ("--json", None):
        leave_half_done(shop)
        (shop / "core/cache.py").write_text("# mine\n")
        outcome = shop.run("recover", *filter(None, [form]))
        assert outcome.code == 5
        assert (shop / "core/cache.py").read_text() == "# mine\n"
        assert not (shop / "core/cache.py.paxx-orig").exists()
        if form:
            assert outcome.json["recovered"]["left"] == ["core/cache.py"]
        else:
            said = " ".join(outcome.stdout.split())
            assert "`core/cache.py` was changed since and is left; it was not there before" in said
            assert "paxx-orig" not in said
        (shop / "core/cache.py").unlink()


def removal_of_redis(shop: Shop) -> tuple[Plan, dict[str, bytes]]:
    """Add redis, and return the plan that removes it and the tree that it is made for."""
    assert shop.add("redis").code == 0
    plan = removal.build(project.load(shop.root), ("redis",), catalog.load_all())
    assert plan.change("core/cache.py") == FileChange(
        "core/cache.py", (shop / "core/cache.py").read_bytes(), None
    )
    return plan, shop.tree()


def append(path: Path) -> None:
    with path.open("a") as file:
        file.write("# mine\n")


@pytest.mark.parametrize("path", ["core/cache.py", "settings.py"])
@pytest.mark.parametrize("way", ["in place", "by another file"])
def test_an_edit_of_a_file_that_the_command_had_not_reached_stays(
    shop: Shop, path: str, way: str
) -> None:
    plan, before = removal_of_redis(shop)
    journal.write(journal.plan(shop.root, plan.changes))
    if way == "in place":  # the original in the journal is the same file, and now holds the edit
        append(shop / path)
    else:
        (shop / "new").write_bytes(before[path] + b"# mine\n")
        (shop / "new").replace(shop / path)
    outcome = shop.run("recover")
    beside = {} if way == "in place" else {f"{path}.paxx-orig": before[path]}
    assert shop.tree() == before | {path: before[path] + b"# mine\n"} | beside
    assert outcome.code == (5 if beside else 0)
    assert (path in outcome.stdout) == bool(beside)


def test_what_is_put_aside_is_called_what_it_is(shop: Shop) -> None:
    plan, before = removal_of_redis(shop)
    journal.write(journal.plan(shop.root, plan.changes))
    append(shop / "core/cache.py")
    (shop / "new").write_bytes(b"# mine alone\n")
    (shop / "new").replace(shop / "core/cache.py")
    outcome = shop.run("recover")
    assert outcome.code == 5
    said = " ".join(outcome.stdout.split())
    assert "an earlier state of it is in `core/cache.py.paxx-orig`" in said
    aside = (shop / "core/cache.py.paxx-orig").read_bytes()
    assert aside == before["core/cache.py"] + b"# mine\n"


def test_the_original_of_a_file_behind_a_link_lies_where_it_is_said_to(shop: Shop) -> None:
    (shop / "conf").mkdir()
    (shop / "settings.py").rename(shop / "conf/settings.py")
    (shop / "settings.py").symlink_to("conf/settings.py")
    leave_half_done(shop, "conf/settings.py")
    (shop / "conf/settings.py").write_text("# mine\n")
    assert "`conf/settings.py.paxx-orig`" in shop.run("recover").stdout
    assert (shop / "conf/settings.py.paxx-orig").exists()


def test_recovering_twice_names_what_lies_aside_and_not_what_was_put_back(shop: Shop) -> None:
    before = leave_half_done(shop, "settings.py")
    first, second = ".env.example", "settings.py"
    written = (shop / ".paxx/journal/journal.json").read_bytes()
    (shop / first).write_text("# mine\n")
    apply.recover(shop.root)
    (shop / ".paxx/journal").mkdir(parents=True)
    (shop / ".paxx/journal/journal.json").write_bytes(written)  # killed before it was gone
    (shop / second).write_text("# written after it was put back\n")
    outcome = shop.run("recover", "--json")
    assert outcome.json["recovered"] == {"restored": [], "left": [first]}
    assert (shop / f"{first}.paxx-orig").read_bytes() == before[first]


def test_a_damaged_journal_is_told_and_left_alone(shop: Shop) -> None:
    leave_half_done(shop)
    (shop / ".paxx/journal/journal.json").write_text("{")
    damaged = shop.tree()
    outcome = shop.run("recover")
    assert outcome.code == 3
    assert ".paxx/journal/journal.json: this file is damaged" in outcome.stderr
    assert shop.tree() == damaged


def test_what_cannot_be_put_back_can_be_tried_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = leave_half_done(shop)

    def read_only(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", "settings.py")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", read_only)
        patch.setattr(os, "unlink", read_only)
        outcome = shop.run("recover")
    assert outcome.code == 8
    assert "settings.py: Permission denied; not everything could be put back" in outcome.stderr
    assert shop.run("recover").code == 0
    assert shop.tree() == before


def test_a_second_command_at_the_same_time_is_told_to_wait(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "PATIENCE", 0.1)
    before = shop.tree()
    descriptor = os.open(shop.root, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        outcome = shop.add("redis")
        assert shop.add("redis", "--dry-run").code == 0, "a preview only reads"
    finally:
        os.close(descriptor)
    assert outcome.code == 4
    assert "another `paxx` is at work" in outcome.stderr
    assert shop.tree() == before


@pytest.mark.parametrize("look", [("status",), ("infra", "add", "metrics", "--dry-run")])
def test_who_only_looks_tells_a_command_at_work_from_a_killed_one(
    shop: Shop, look: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "PATIENCE", 600.0)
    leave_half_done(shop)
    half_done = shop.tree()
    descriptor = os.open(shop.root, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        started = time.monotonic()
        outcome = shop.run(*look)
        took = time.monotonic() - started
    finally:
        os.close(descriptor)
    assert outcome.code == 4
    assert "another `paxx` is at work" in outcome.stderr
    assert "killed" not in outcome.stderr
    assert took < lock.PATIENCE
    assert shop.tree() == half_done
    assert "a command was killed" in shop.run(*look).stderr


def test_who_only_looks_goes_on_when_the_command_at_work_has_ended(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_half_done(shop)

    def ends(_seconds: float) -> None:
        apply.recover(shop.root)
        os.close(descriptor)

    descriptor = os.open(shop.root, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    monkeypatch.setattr(time, "sleep", ends)
    assert shop.add("metrics", "--dry-run").code == 0


def test_recover_is_refused_while_a_command_holds_the_project(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "PATIENCE", 0.0)
    with lock.held(shop.root):
        outcome = shop.run("recover")
    assert outcome.code == 4
    assert "another `paxx` is at work" in outcome.stderr


def test_a_second_command_waits_for_one_that_is_quick(shop: Shop) -> None:
    descriptor = os.open(shop.root, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    timer = threading.Timer(0.3, os.close, [descriptor])
    timer.start()
    assert shop.add("redis").code == 0
    timer.join()


@pytest.mark.slow
def test_many_commands_at_once_end_in_a_project_with_all_that_they_added(shop: Shop) -> None:
    command = [sys.executable, "-m", "paxx", "infra", "add", "--no-sync", "--yes"]
    names = list(catalog.names()) * 2
    running = [
        subprocess.Popen([*command, name], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for name in names
    ]
    for process in running:
        process.communicate()
    ended = [process.returncode for process in running]
    assert set(ended) <= {0, 4}
    together = shop.tree()
    assert shop.add(*catalog.names(), "--yes").code == 0
    if set(ended) == {0}:
        assert shop.tree() == together


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_in_the_middle_leaves_the_project_as_it_was(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    before = shop.tree()
    write = journal.write

    def interrupted(planned: journal.Journal) -> None:
        write(planned)
        os.kill(os.getpid(), number)
        time.sleep(5)

    monkeypatch.setattr(journal, "write", interrupted)
    handlers = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    outcome = shop.add("redis")
    assert outcome.code == 130
    assert shop.tree() == before
    after = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    assert after == handlers


def test_a_signal_at_the_very_end_waits_until_everything_is_consistent(shop: Shop) -> None:
    def finish() -> None:
        with signals.as_interrupts() as interruption:
            interruption.waits = True
            os.kill(os.getpid(), signal.SIGTERM)
            (shop / "finished").touch()

    with pytest.raises(KeyboardInterrupt):
        finish()
    assert (shop / "finished").exists()


def test_a_signal_while_the_journal_is_removed_waits_for_the_end(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep = rollback.sweep

    def interrupted(root: Path) -> None:
        if (shop / "core/cache.py").exists():
            os.kill(os.getpid(), signal.SIGTERM)
        sweep(root)

    monkeypatch.setattr(rollback, "sweep", interrupted)
    assert shop.add("redis").code == 130
    assert shop.installed() == ["redis"]
    assert not (shop / ".paxx/journal").exists()


def test_a_signal_that_is_ignored_stays_ignored(shop: Shop) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with signals.as_interrupts():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
    assert shop.root.is_dir()


def test_a_thread_that_is_not_the_main_one_may_write(tmp_path: Path) -> None:
    planned = Plan(tmp_path / "shop", (), (FileChange("main.py", None, b"new"),), ())
    thread = threading.Thread(target=apply.commit, args=[planned])
    thread.start()
    thread.join()
    assert (tmp_path / "shop/main.py").read_bytes() == b"new"


def test_an_error_tells_what_was_put_back_before_it(shop: Shop) -> None:
    leave_half_done(shop)
    refused = shop.run("infra", "add", "rediss", "--json")
    assert refused.code == 2
    assert "core/cache.py" in refused.json["recovered"]["restored"]
    leave_half_done(shop)
    assert "a command was killed here and is undone" in shop.run("infra", "add", "rediss").stderr


def test_the_journal_of_a_newer_paxx_is_left_to_it(shop: Shop) -> None:
    leave_half_done(shop)
    written = shop / ".paxx/journal/journal.json"
    written.write_text(written.read_text().replace('"schema": 1', '"schema": 2'))
    half_done = shop.tree()
    for outcome in (shop.run("recover"), shop.add("metrics"), shop.add("metrics", "--dry-run")):
        assert outcome.code == 3
        assert "this file has schema 2, this paxx reads 1" in outcome.stderr
    assert shop.tree() == half_done
