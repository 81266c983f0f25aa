"""The S3 server of the tests, asked with signed URLs of our own making."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from servers import S3, ServerError

pytestmark = pytest.mark.integration

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def s3() -> Iterator[S3]:
    with S3.start() as server:
        yield server


def ask(s3: S3, method: str, path: str, body: bytes | None = None) -> int:
    connection = HTTPConnection("127.0.0.1", s3.port, timeout=60)
    try:
        connection.request(method, path, body)
        return connection.getresponse().status
    finally:
        connection.close()


def test_it_has_the_bucket_for_who_knows_the_keys(s3: S3) -> None:
    assert s3.answers()


def test_it_refuses_who_does_not_know_the_keys(s3: S3) -> None:
    assert ask(s3, "HEAD", f"/{s3.bucket}") == 403


def test_the_settings_point_to_it(s3: S3) -> None:
    assert s3.settings["STORAGE_S3_ENDPOINT_URL"] == f"http://127.0.0.1:{s3.port}"
    assert s3.settings["STORAGE_S3_BUCKET"] == s3.bucket


def test_it_is_there_again_on_its_port_after_stop_and_kill(s3: S3) -> None:
    port = s3.port
    s3.stop()
    with pytest.raises(ConnectionRefusedError):
        s3.answers()
    s3.start_again()
    s3.kill()
    with pytest.raises(ConnectionRefusedError):
        s3.answers()
    s3.start_again()
    assert s3.answers()
    assert s3.port == port


def test_what_is_started_again_has_its_objects_at_once(s3: S3) -> None:
    path = f"/{s3.bucket}/kept"
    assert ask(s3, "PUT", s3.signed("PUT", path), b"content") == 200
    for _ in range(5):
        s3.stop()
        s3.start_again()
        assert ask(s3, "GET", s3.signed("GET", path)) == 200
        assert ask(s3, "PUT", s3.signed("PUT", path), b"content") == 200


def test_a_stopped_server_cannot_be_killed() -> None:
    with S3.start() as s3:
        s3.stop()
        with pytest.raises(ServerError, match="S3 is not running"):
            s3.kill()


def test_the_command_line_prints_the_settings_until_it_is_terminated() -> None:
    command = [sys.executable, "-m", "servers", "s3"]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as serving:
        assert serving.stdout is not None
        assert serving.stdout.readline() == "STORAGE_BACKEND=s3\n"
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(60) == 0
