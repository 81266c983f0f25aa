"""Asking the project's side: what it tells meanwhile, how it may end, and signals."""

import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

from paxx import cli
from paxx.database import inquiry
from tests.database.conftest import MOVED, Puppet


def test_without_an_environment_it_is_said_how_to_make_one(puppet: Puppet) -> None:
    refused = puppet.db("status")
    assert refused.code == 4
    assert refused.stderr.startswith("error: the project has no environment\nhint: `uv sync`")


def test_outside_of_a_project_it_exits_with_3(
    puppet: Puppet, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert puppet.db("status").code == 3


def test_an_interpreter_that_does_not_run_is_told(puppet: Puppet) -> None:
    puppet.interpreter("")
    (puppet.shop / ".venv/bin/python").write_bytes(b"\x7fELF")
    refused = puppet.db("status")
    assert refused.code == 4
    assert refused.stderr.endswith(
        "does not run: exec format error\nhint: `uv sync` creates the environment again\n"
    )


def test_one_that_ends_without_an_answer_is_told_by_the_kind_of_its_error(puppet: Puppet) -> None:
    puppet.interpreter("echo 'Traceback' >&2; echo 'ImportError: no x' >&2; exit 7")
    refused = puppet.db("status")
    assert refused.code == 4
    assert refused.stderr.startswith("Traceback\nImportError: no x\nerror: ")
    assert "the project's interpreter ended with 7: ImportError\n" in refused.stderr
    puppet.interpreter("exit 1")
    assert "ended with 1\n" in puppet.db("status").stderr


@pytest.mark.parametrize(
    ("events", "code", "message"),
    [
        ([], 4, "signal 9 ended the project's interpreter"),
        (
            [{"event": "step", "revision": "ab12", "message": "add x"}],
            8,
            "revision `ab12` (add x) was interrupted: signal 9 ended the project's interpreter",
        ),
    ],
)
def test_a_killed_interpreter_is_reported_with_its_revision(
    puppet: Puppet, events: list[dict[str, str]], code: int, message: str
) -> None:
    puppet.says(*events, then="kill -9 $$")
    refused = puppet.db("upgrade")
    assert (refused.code, refused.stderr.splitlines()[0]) == (code, f"error: {message}")


def test_what_the_project_prints_is_shown_without_its_secrets(puppet: Puppet) -> None:
    (puppet.shop / ".env").write_text("API_TOKEN=abc-123-secret-value\n")
    puppet.says({"event": "answer", **MOVED}, then="echo 'it is abc-123-secret-value' >&2")
    assert puppet.db("upgrade").stderr == "it is ***\n"


def test_waiting_is_told_at_once_and_steps_on_a_terminal_alone(
    puppet: Puppet, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = {"event": "waiting", "holder": "process 7 of 10.0.0.1", "seconds": 60}
    step = {"event": "step", "revision": "ab12", "message": "add x"}
    blocked = {"event": "blocked", "seconds": 60, "sessions": [{"pid": 7, "user": "app"}]}
    answer = {"event": "answer", **MOVED}
    puppet.says(waiting, step, blocked, answer)
    told = (
        "waiting up to 60 s for another migration to end (process 7 of 10.0.0.1)\n"
        "waiting up to 60 s for a lock, blocked by session 7: user `app`\n"
    )
    assert puppet.db("upgrade").stderr == told
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    puppet.says({**waiting, "holder": ""}, step, answer)
    told = "waiting up to 60 s for another migration to end\nrunning ab12 add x\n"
    assert puppet.db("upgrade").stderr == told


def interrupt_when(path: Path) -> threading.Thread:
    """Send this process Ctrl-C as soon as a file is there."""

    def wait() -> None:
        while not path.exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


# It ends by itself, should a test fail.
TRAP = "trap '{}' INT\necho >{}\ni=0\nwhile [ $i -lt 400 ]; do i=$((i+1)); /bin/sleep 0.05; done"


def test_ctrl_c_is_passed_on_once_and_the_end_is_waited_for(puppet: Puppet) -> None:
    ready = puppet.folder / "ready"
    puppet.fails("interrupted")
    puppet.interpreter(TRAP.format(f"/bin/cat {puppet.folder}/events; exit", ready))
    thread = interrupt_when(ready)
    interrupted = puppet.db("upgrade")
    thread.join()
    assert interrupted.code == 130
    assert interrupted.stderr == "error: interrupted; the database is as it was\n"


def test_what_has_ended_before_ctrl_c_is_told_as_done(puppet: Puppet) -> None:
    ready = puppet.folder / "ready"
    puppet.says({"event": "answer", **MOVED})
    events = puppet.folder / "events"
    puppet.interpreter(TRAP.format(f"/bin/cat {events}; exit", ready))
    thread = interrupt_when(ready)
    done = puppet.db("upgrade")
    thread.join()
    assert done.code == 0
    assert done.stdout == "applied ab12 add x\n`shop.db` is at `ab12`\n"


def test_one_that_does_not_end_after_ctrl_c_is_killed(
    puppet: Puppet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inquiry, "PATIENCE", 0.2)
    ready = puppet.folder / "ready"
    puppet.interpreter(TRAP.format("true", ready))
    thread = interrupt_when(ready)
    killed = puppet.db("upgrade")
    thread.join()
    assert killed.code == 130
    assert "`paxx db status` tells what the database is at" in killed.stderr


def test_ctrl_c_at_the_end_of_the_output_is_no_reason_to_wait_for_more(
    puppet: Puppet, monkeypatch: pytest.MonkeyPatch
) -> None:
    listen = inquiry._Conversation._listen

    def interrupted(conversation: inquiry._Conversation) -> bytes | None:
        monkeypatch.setattr(inquiry._Conversation, "_listen", listen)
        listen(conversation)
        raise KeyboardInterrupt

    monkeypatch.setattr(inquiry._Conversation, "_listen", interrupted)
    puppet.interpreter("exit 3")
    assert puppet.db("upgrade").code == 130


def test_ctrl_c_while_the_interpreter_starts_ends_it_as_well(
    puppet: Puppet, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = inquiry._start

    def interrupted_start(command: tuple[str, ...], root: Path) -> "subprocess.Popen[bytes]":
        process = start(command, root)
        os.kill(os.getpid(), signal.SIGINT)
        while not (puppet.folder / "ready").exists():
            time.sleep(0.01)
        return process

    monkeypatch.setattr(inquiry, "_start", interrupted_start)
    puppet.fails("interrupted")
    end = f"/bin/cat {puppet.folder}/events; exit"
    puppet.interpreter(TRAP.format(end, puppet.folder / "ready"))
    assert puppet.db("upgrade").code == 130


def test_what_an_environment_prints_at_its_start_is_no_answer(puppet: Puppet) -> None:
    puppet.says({"event": "answer", **MOVED})
    (puppet.folder / "events").write_text("hello\n" + (puppet.folder / "events").read_text())
    done = puppet.db("upgrade")
    assert (done.code, done.stderr) == (0, "hello\n")


def test_help_says_how_revisions_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(("db", "--help")) == 0
    assert "`+1`, `-2`" in " ".join(capsys.readouterr().out.split())
