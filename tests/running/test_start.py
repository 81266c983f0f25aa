"""`paxx start`: how uvicorn is called, what is told of the server, and how it ends."""

import json
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pexpect
import pytest

from paxx.doctor import listeners
from paxx.running import answer, server
from servers import free_port
from tests.running.conftest import Workbench

pytestmark = pytest.mark.integration

SERVER = '''#!{python} -IS
"""Stands in for `uv run uvicorn main:app --host HOST --port PORT …`."""
import http.server, os, signal, sys

ANSWERS = {answers!r}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        code, body = ANSWERS.get(self.path, (404, "{{}}"))
        if code is None:
            os.kill(os.getppid(), signal.{end})
            self.connection.close()
            return
        self.send_response(code)
        self.end_headers()
        self.wfile.write(body.encode())
        self.wfile.flush()
        if self.path == "/ready":
            os.kill(os.getppid(), signal.{end})

    def log_message(self, *_):
        pass


def leave(*_):
    os._exit({code})


signal.signal(signal.SIGTERM, leave)
http.server.HTTPServer((sys.argv[5], int(sys.argv[7])), Handler).serve_forever()
'''
READY = {"status": "ready", "checks": {"database": "ok", "redis": "ok"}}
UNAVAILABLE = {"status": "unavailable", "checks": {"database": "ok", "redis": "ConnectionError"}}

RELOADING, SERVING = "--timeout-graceful-shutdown 2", "--timeout-graceful-shutdown 8"


def serves(workbench: Workbench, end: str = "SIGTERM", code: int = 0, **answers: Any) -> None:
    """Let the server answer these, ask paxx to end when `/ready` was answered, and exit so."""
    spelled = {f"/{path}": each for path, each in answers.items()}
    text = SERVER.format(python=sys.executable, answers=spelled, end=end, code=code)
    workbench.script("uv", text)


def command(workbench: Workbench) -> list[str]:
    [words] = workbench.calls
    return words


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def taken() -> Iterator[int]:
    """Return a port on which this process listens, the next one being free."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            number = listening.getsockname()[1]
            if number < 2**16 - 1 and not listeners.is_taken(number + 1):
                yield number
                return


def test_in_development_it_reloads(workbench: Workbench, port: int) -> None:
    workbench.recorder("uv")
    outcome = workbench.run("start", "--port", str(port))
    assert outcome.code == 0
    words = (
        f"uv run uvicorn main:app --host 127.0.0.1 --port {port} --reload"
        " --timeout-graceful-shutdown 2"
    )
    assert command(workbench) == words.split()
    assert outcome.stderr == f"running `{words}`\n"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("--no-reload", f"--workers 1 {SERVING}"),
        ("--workers 1", f"--reload {RELOADING}"),
        ("--workers 3", f"--workers 3 {SERVING}"),
        ("--workers 3 --no-reload", f"--workers 3 {SERVING}"),
        ("-- --log-level debug", f"--reload {RELOADING} --log-level debug"),
        ("--no-reload -- --app-dir src", f"--workers 1 {SERVING} --app-dir src"),
    ],
)
def test_options_become_those_of_uvicorn(
    workbench: Workbench, port: int, arguments: str, expected: str
) -> None:
    workbench.recorder("uv")
    assert workbench.run("start", "--port", str(port), *arguments.split()).code == 0
    assert command(workbench)[8:] == expected.split()


@pytest.mark.parametrize("place", ["environment", ".env", "settings.py"])
@pytest.mark.parametrize(("value", "expected"), [("production", False), ("development", True)])
def test_outside_of_development_it_does_not_reload_unless_told_to(
    workbench: Workbench, monkeypatch: pytest.MonkeyPatch, place: str, value: str, *, expected: bool
) -> None:
    workbench.recorder("uv")
    settings = workbench.shop / "settings.py"
    other = {"production": "development", "development": "production"}[value]
    written = {"environment": other, ".env": other, "settings.py": other} | {place: value}
    if place == "environment":
        monkeypatch.setenv("environment", written["environment"])
    if place != "settings.py":
        (workbench.shop / ".env").write_text(f"ENVIRONMENT={written['.env']}\n")
    settings.write_text(
        settings.read_text().replace('= "development"', f'= "{written["settings.py"]}"')
    )
    workbench.run("start", "--port", str(free_port()))
    assert ("--reload" in command(workbench)) is expected
    workbench.run("start", "--port", str(free_port()), "--reload")
    assert "--reload" in workbench.calls[-1]


def test_settings_that_do_not_say_are_taken_for_development(
    workbench: Workbench, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    workbench.recorder("uv")
    monkeypatch.setenv("ENVIRONMENT", "")  # counts as not set
    (workbench.shop / "settings.py").unlink()
    workbench.run("start", "--port", str(port))
    assert "--reload" in command(workbench)


def test_variables_of_uvicorn_count(
    workbench: Workbench, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    workbench.recorder("uv")
    monkeypatch.setenv("UVICORN_HOST", "localhost")
    monkeypatch.setenv("UVICORN_PORT", str(port))
    monkeypatch.setenv("WEB_CONCURRENCY", "2")
    monkeypatch.setenv("UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN", "30")
    workbench.run("start")
    assert command(workbench)[4:] == f"--host localhost --port {port} --workers 2".split()


def test_a_server_is_killed_unless_its_timeout_is_the_users(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN", raising=False)
    default = server.Server("127.0.0.1", 8000)
    assert server.kill_after(default) == 30
    assert server.kill_after(replace(default, options=("--timeout-graceful-shutdown=60",))) is None
    monkeypatch.setenv("UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN", "60")
    assert server.kill_after(default) is None


@pytest.mark.parametrize(
    ("components", "workers", "exported", "is_shared"),
    [
        (["metrics"], "2", "", True),
        (["metrics"], "2", "/srv/metrics", False),
        (["metrics"], "1", "", False),
        ([], "2", "", False),
    ],
)
def test_start_shares_metrics_between_workers(
    workbench: Workbench,
    monkeypatch: pytest.MonkeyPatch,
    components: list[str],
    workers: str,
    exported: str,
    *,
    is_shared: bool,
) -> None:
    if components:
        assert workbench.shop.add(*components).code == 0
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", exported)
    show = '[ -d "$PROMETHEUS_MULTIPROC_DIR" ] && echo "in=$PROMETHEUS_MULTIPROC_DIR"'
    workbench.script("uv", f"#!/bin/sh\n{{ {show}; }} >{workbench.programs}/seen\nexit 0\n")
    outcome = workbench.run("start", "--port", str(free_port()), "--workers", workers)
    assert outcome.code == 0
    seen = (workbench.programs / "seen").read_text().strip()
    if is_shared:
        directory = seen.removeprefix("in=")
        assert outcome.stderr.startswith(f"running `PROMETHEUS_MULTIPROC_DIR={directory} uv run ")
        assert not Path(directory).exists()
    else:
        assert (seen, outcome.stderr[:15]) == ("", "running `uv run")


def test_reloading_with_several_workers_is_refused(workbench: Workbench) -> None:
    outcome = workbench.run("start", "--reload", "--workers", "2")
    assert outcome.code == 2
    assert outcome.stderr == (
        "error: `--reload` goes with one worker\nhint: leave out `--reload` or `--workers`\n"
    )


@pytest.mark.parametrize("port", ["0", "65536", "http"])
def test_a_port_that_is_none_is_refused(workbench: Workbench, port: str) -> None:
    assert workbench.run("start", "--port", port).code == 2


@pytest.mark.parametrize("code", [1, 3])
def test_a_server_that_does_not_start_gives_its_exit_code(
    workbench: Workbench, port: int, code: int
) -> None:
    workbench.recorder("uv", run=(code, "", ""))
    outcome = workbench.run("start", "--port", str(port))
    assert outcome.code == code
    assert outcome.stderr.startswith("running `")


@pytest.mark.parametrize("signal", ["SIGTERM", "SIGINT", "SIGHUP"])
@pytest.mark.parametrize("code", [0, 130, 143])
def test_to_be_ended_is_no_failure(workbench: Workbench, port: int, signal: str, code: int) -> None:
    serves(workbench, signal, code, ready=(200, json.dumps(READY)))
    assert workbench.run("start", "--port", str(port)).code == 0
    assert not listeners.is_taken(port)


def test_a_server_that_fails_to_end_gives_its_exit_code(workbench: Workbench, port: int) -> None:
    serves(workbench, code=3, ready=(200, json.dumps(READY)))
    assert workbench.run("start", "--port", str(port)).code == 3


def test_what_runs_is_told_once_it_answers(workbench: Workbench, port: int) -> None:
    assert workbench.shop.add("redis").code == 0
    workbench.run("feature", "create", "products", "name:str", "--no-sync")
    serves(workbench, docs=(200, "docs"), ready=(200, json.dumps(READY)))
    outcome = workbench.run("start", "--port", str(port))
    assert outcome.stderr.splitlines()[1:] == [
        f"application  http://127.0.0.1:{port}",
        f"docs         http://127.0.0.1:{port}/docs",
        "components   redis",
        "features     products",
        "ready        database, redis",
    ]


def test_what_is_not_ready_is_told_with_its_reason(workbench: Workbench, port: int) -> None:
    serves(workbench, ready=(503, json.dumps(UNAVAILABLE)))
    outcome = workbench.run("start", "--port", str(port))
    assert outcome.stderr.splitlines()[1:] == [
        f"application  http://127.0.0.1:{port}",
        "ready        database",
        "not ready    redis (ConnectionError); `paxx doctor` says more",
    ]


@pytest.mark.parametrize("body", ["", "[]", "null", '{"status": "ready"}', '{"checks": [1]}'])
def test_another_answer_to_ready_than_ours_is_told_by_its_status(
    workbench: Workbench, port: int, body: str
) -> None:
    serves(workbench, ready=(200, body))
    printed = workbench.run("start", "--port", str(port)).stderr
    assert printed.endswith("\nnot ready    `/ready` answers 200\n")


@pytest.mark.parametrize(("host", "shown"), [("0.0.0.0", "127.0.0.1"), ("localhost", "localhost")])
def test_the_address_is_one_that_a_browser_takes(
    workbench: Workbench, port: int, host: str, shown: str
) -> None:
    serves(workbench, ready=(200, json.dumps(READY)))
    printed = workbench.run("start", "--port", str(port), "--host", host).stderr
    assert f"\napplication  http://{shown}:{port}\n" in printed


@pytest.mark.parametrize("host", ["::", "::1"])
def test_an_address_of_ipv6_goes_into_brackets(host: str) -> None:
    assert server.Server(host, 8000).url == "http://[::1]:8000"


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "no-such-host.invalid"])
def test_an_address_of_another_machine_is_left_to_uvicorn(
    workbench: Workbench, port: int, host: str
) -> None:
    workbench.recorder("uv", run=(1, "", ""))
    assert workbench.run("start", "--port", str(port), "--host", host).code == 1


def test_a_server_that_ends_before_it_answers_is_not_told_of(
    workbench: Workbench, port: int
) -> None:
    serves(workbench, docs=(None, ""))
    printed = workbench.run("start", "--port", str(port)).stderr
    assert len(printed.splitlines()) == 1


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as created:
        yield created


def test_a_server_that_never_answers_is_given_up(
    listening: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer, "PATIENCE", 0.1)
    found = answer.wait_for(listening.getsockname(), threading.Event())
    assert found == answer.Answer(problem="`/ready` does not answer: TimeoutError")


def test_a_server_that_ended_is_waited_for_no_longer(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer, "PAUSE", 0.01)
    ended = threading.Event()
    threading.Timer(0.1, ended.set).start()
    assert answer.wait_for(("127.0.0.1", port), ended) is None


def test_connections_that_end_at_once_are_tried_again_a_few_times(
    listening: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang_up() -> None:
        for _ in range(2 * answer.ATTEMPTS):
            listening.accept()[0].close()

    monkeypatch.setattr(answer, "PAUSE", 0.01)
    thread = threading.Thread(target=hang_up)
    thread.start()
    found = answer.wait_for(listening.getsockname(), threading.Event())
    thread.join()
    assert found is not None
    assert found.problem is not None
    assert found.problem.startswith("`/ready` does not answer: ")


def test_a_port_that_is_taken_is_told_with_its_holder_and_a_free_one(
    workbench: Workbench, taken: int
) -> None:
    workbench.recorder("uv")
    outcome = workbench.run("start", "--port", str(taken))
    assert outcome.code == 4
    holder = listeners.of(taken)
    assert outcome.stderr.startswith(f"error: port {taken} is taken by {holder}")
    assert outcome.stderr.endswith(f"hint: `--port {taken + 1}` is free\n")
    assert not (workbench.programs / "calls").exists()


def test_without_an_environment_nothing_is_asked(workbench: Workbench, taken: int) -> None:
    outcome = workbench.run("start", "--port", str(taken))
    assert outcome.code == 4
    assert "the project has no environment" in outcome.stderr


def test_where_no_port_is_free_none_is_offered(
    workbench: Workbench, taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    workbench.recorder("uv")
    monkeypatch.setattr(server, "_NEXT", 0)
    assert workbench.run("start", "--port", str(taken)).stderr.endswith(
        "hint: `--port N` takes another\n"
    )


def test_a_container_of_the_project_is_known_as_one(workbench: Workbench, taken: int) -> None:
    container = json.dumps({"Publishers": [{"PublishedPort": taken}]})
    workbench.recorder("uv")
    workbench.recorder("docker", compose_ps=(0, container, ""))
    (workbench.shop / ".env").write_text(f"APP_PORT={taken}\n")
    printed = workbench.run("start", "--port", str(taken)).stderr
    assert f"port {taken} is taken by the container of `app`\n" in printed


def test_a_compose_file_that_does_not_parse_keeps_nobody_from_being_named(
    workbench: Workbench, taken: int
) -> None:
    workbench.recorder("uv")
    (workbench.shop / "docker-compose.yml").write_text("services: [\n")
    printed = workbench.run("start", "--port", str(taken)).stderr
    assert f"port {taken} is taken by {listeners.of(taken)}" in printed


def test_a_process_of_the_project_is_known_as_one(workbench: Workbench, taken: int) -> None:
    # This process listens, and works in the project.
    workbench.recorder("uv")
    printed = workbench.run("start", "--port", str(taken)).stderr
    known = listeners.of(taken).directory is not None
    assert (", which runs in this project\n" in printed) is known


def on_terminal(workbench: Workbench, *arguments: str) -> "pexpect.spawn[str]":
    return pexpect.spawn(
        sys.executable,
        ["-m", "paxx", *arguments],
        cwd=str(workbench.shop.root),
        encoding="utf-8",
        timeout=300,
        dimensions=(40, 200),
    )


def finish(terminal: "pexpect.spawn[str]") -> int | None:
    terminal.expect(pexpect.EOF)
    terminal.close()
    return terminal.exitstatus


def test_on_a_terminal_the_next_port_is_offered(workbench: Workbench, taken: int) -> None:
    workbench.recorder("uv")
    terminal = on_terminal(workbench, "start", "--port", str(taken))
    terminal.expect(rf"Port {taken} is taken by .*\. Take {taken + 1}\? \[Y/n\]: ")
    terminal.sendline("")
    terminal.expect(f"running `uv run uvicorn main:app --host 127.0.0.1 --port {taken + 1}")
    assert finish(terminal) == 0
    assert command(workbench)[7] == str(taken + 1)


def test_whoever_declines_the_next_port_gets_an_error(workbench: Workbench, taken: int) -> None:
    workbench.recorder("uv")
    terminal = on_terminal(workbench, "start", "--port", str(taken))
    terminal.expect(r"\[Y/n\]: ")
    terminal.sendline("n")
    terminal.expect(f"error.*port {taken} is taken")
    assert finish(terminal) == 4


def test_ctrl_c_on_a_terminal_ends_the_server(workbench: Workbench, port: int) -> None:
    serves(workbench, "SIGWINCH", ready=(200, json.dumps(READY)))
    terminal = on_terminal(workbench, "start", "--port", str(port))
    terminal.expect("ready +database, redis")
    terminal.sendintr()
    assert finish(terminal) == 0
    assert not listeners.is_taken(port)


@pytest.mark.parametrize(("reply", "code"), [("y", 0), ("n", 2), ("", 2)])
def test_on_a_terminal_it_is_asked_whether_volumes_may_go(
    workbench: Workbench, reply: str, code: int
) -> None:
    workbench.recorder("docker")
    terminal = on_terminal(workbench, "docker", "down", "-v")
    terminal.expect(r"Delete the volumes and all data in them\? \[y/N\]: ")
    terminal.sendline(reply)
    assert finish(terminal) == code
    assert Path(workbench.programs / "calls").exists() is (code == 0)
