"""The Redis server of the tests, tested with a raw socket."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from servers import Redis, ServerError

pytestmark = pytest.mark.integration

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def redis() -> Iterator[Redis]:
    with Redis.start() as server:
        yield server


def ask(redis: Redis, *commands: str, password: str | None = None, patience: float = 60) -> str:
    words = [f"AUTH {password or redis.password}", *commands, "QUIT"]
    with socket.create_connection(("127.0.0.1", redis.port), timeout=patience) as connection:
        connection.sendall("".join(f"{word}\r\n" for word in words).encode())
        with connection.makefile("r") as reply:
            return reply.read()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_answers_who_knows_the_password(redis: Redis) -> None:
    assert "+PONG" in ask(redis, "PING")


def test_it_refuses_who_does_not_know_the_password(redis: Redis) -> None:
    assert "WRONGPASS" in ask(redis, "PING", password="guess")


def test_the_url_holds_port_and_password(redis: Redis) -> None:
    assert redis.url == f"redis://:{redis.password}@127.0.0.1:{redis.port}/0"


def test_data_and_port_survive_stop_and_start_again(redis: Redis) -> None:
    ask(redis, "SET flower rose")
    port, first = redis.port, redis.pid
    redis.stop()
    with pytest.raises(ConnectionRefusedError):
        ask(redis, "PING")
    redis.start_again()
    assert "rose" in ask(redis, "GET flower")
    assert (redis.port == port, redis.pid == first) == (True, False)


def test_a_paused_server_is_silent_until_it_is_resumed(redis: Redis) -> None:
    redis.pause()
    with pytest.raises(TimeoutError):
        ask(redis, "PING", patience=0.2)
    redis.resume()
    assert "+PONG" in ask(redis, "PING")


def test_a_paused_server_can_be_closed() -> None:
    redis = Redis.start()
    pid = redis.pid
    redis.pause()
    redis.close()
    assert pid is not None
    assert not alive(pid)


def test_it_listens_on_a_unix_socket(redis: Redis) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(redis.socket_path))
        connection.sendall(f"AUTH {redis.password}\r\n".encode())
        assert connection.recv(10) == b"+OK\r\n"


def test_options_reach_the_server() -> None:
    with Redis.start(options=["--maxmemory", "3mb"]) as redis:
        assert "3145728" in ask(redis, "CONFIG GET maxmemory")


def test_close_deletes_the_data() -> None:
    with Redis.start() as redis:
        assert redis.log.exists()
    assert not redis.directory.exists()


def test_stopping_twice_and_starting_twice_change_nothing(redis: Redis) -> None:
    pid = redis.pid
    redis.start_again()
    assert redis.pid == pid
    redis.stop()
    redis.stop()


def test_a_stopped_server_cannot_be_paused(redis: Redis) -> None:
    redis.stop()
    with pytest.raises(ServerError, match="Redis is not running"):
        redis.pause()


def test_a_taken_port_is_reported_with_the_kept_log(redis: Redis) -> None:
    with pytest.raises(ServerError, match="already in use") as caught:
        Redis.start(port=redis.port)
    log = Path(str(caught.value).splitlines()[0].split(" its log ")[1].rstrip(":"))
    assert "already in use" in log.read_text()
    log.unlink()


def test_a_foreign_server_on_the_port_is_noticed(redis: Redis) -> None:
    impostor = Redis(redis.port, "another password")
    with pytest.raises(ServerError):
        impostor.start_again()
    impostor.directory.with_suffix(".log").unlink()
    impostor.close()


@pytest.mark.parametrize(
    ("script", "reason"),
    [("#!/bin/sh\necho no such library; exit 127\n", "no such library"), (None, "does not run")],
    ids=["failing", "missing"],
)
def test_redis_that_does_not_start_shows_its_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str | None, reason: str
) -> None:
    program = tmp_path / "redis-server"
    if script is not None:
        program.write_text(script)
        program.chmod(0o755)
    monkeypatch.setenv("PAXX_REDIS_SERVER", str(program))
    with pytest.raises(ServerError, match=reason) as caught:
        Redis.start()
    Path(str(caught.value).splitlines()[0].split(" its log ")[1].rstrip(":")).unlink()


def test_no_server_and_no_data_outlive_a_killed_owner() -> None:
    program = (
        "import servers, time; redis = servers.Redis.start(); "
        "print(redis.pid, redis.directory, flush=True); time.sleep(600)"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", program], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    )
    with owner:
        assert owner.stdout is not None
        pid, directory = owner.stdout.readline().split()
        owner.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 60
    while (alive(int(pid)) or Path(directory).exists()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(int(pid))
    assert not Path(directory).exists()


def test_the_command_line_serves_until_it_is_terminated() -> None:
    command = [sys.executable, "-m", "servers", "redis"]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as serving:
        assert serving.stdout is not None
        assert serving.stdout.readline().startswith("redis://:")
        serving.terminate()
        assert serving.wait(60) == 0
