"""A real project in its own environment, and its application as a real process."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from servers import free_port

REPOSITORY = Path(__file__).parent.parent.parent
MARKERS = "markers=nightly: kills and outages, in full depth"
PATIENCE = 180.0  # seconds; a busy machine takes many


def uv() -> str:
    """Return the uv of our own environment."""
    return shutil.which("uv", path=str(Path(sys.executable).parent)) or "uv"


def run(*command: str, cwd: Path, env: Mapping[str, str] | None = None) -> str:
    """Run a command to its end and return what it printed; fail with all of it."""
    result = subprocess.run(
        command,
        cwd=cwd,
        env=clean_environment() | dict(env or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert result.returncode == 0, f"{' '.join(command)}: {result.returncode}\n{result.stdout}"
    return result.stdout


def clean_environment() -> dict[str, str]:
    """Return our environment without what is of our own environment, run and terminal."""
    own = ("VIRTUAL_ENV", "PYTHON", "COV_", "COVERAGE_", "PYTEST_", "CI", "COLUMNS", "LINES")
    settings = ("REDIS_", "ARQ_", "WS_", "STORAGE_", "AWS_", "OTEL_")
    left_out = own + settings
    return {key: value for key, value in os.environ.items() if not key.startswith(left_out)}


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Return the body decoded."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class App:
    """A running application."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Return the answer to a GET request, whatever its status."""
        request = urllib.request.Request(self.url + path, headers=dict(headers or {}))
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as response:
                return Answer(response.status, response.headers, response.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, dict(error.headers), error.read())

    def wait_for(self, path: str, status: int) -> Answer:
        """Ask until the answer has this status, and return it."""
        deadline = time.monotonic() + PATIENCE
        while (answer := self.get(path)).status != status and time.monotonic() < deadline:
            time.sleep(0.1)
        assert answer.status == status, f"{path}: {answer.status} {answer.body!r}"
        return answer

    def wait_until(self, readiness: str) -> Answer:
        """Ask `/ready` until it reports this status, and return the answer."""
        deadline = time.monotonic() + PATIENCE
        while (answer := self.get("/ready")).json["status"] != readiness:
            assert time.monotonic() < deadline, answer.body
            time.sleep(0.1)
        return answer


@dataclass(frozen=True, slots=True)
class RealShop:
    """A project on disk with its own environment."""

    root: Path

    def tool(self, name: str, *arguments: str, env: Mapping[str, str] | None = None) -> str:
        """Run a program of the project's environment."""
        return run(str(self.root / ".venv" / "bin" / name), *arguments, cwd=self.root, env=env)

    def check(self, component: str, env: Mapping[str, str], *options: str) -> str:
        """Run our own checks of a component in this project; none may be skipped."""
        source = REPOSITORY / "src" / "paxx" / "components" / component / "checks"
        checks = self.root / "checks" / component
        shutil.copytree(source, checks)
        where = {"PYTHONPATH": f"{REPOSITORY}{os.pathsep}{self.root}", "REQUIRE_SERVERS": "1"}
        quiet = ("-q", "-rs", "-p", "no:cacheprovider", "-o", MARKERS, str(checks))
        try:
            printed = self.tool("python", "-m", "pytest", *quiet, *options, env=dict(env) | where)
        finally:
            shutil.rmtree(checks.parent)  # the project is as it was for the tests that follow
        assert "skipped" not in printed, printed
        return printed

    @contextmanager
    def serve(
        self, *options: str, env: Mapping[str, str] | None = None, app: str = "main:app"
    ) -> Iterator[App]:
        """Run the application under uvicorn until the block ends; it has to stop cleanly."""
        port = free_port()
        log = self.root.with_name(f"{self.root.name}-{port}.log")
        command = [str(self.root / ".venv" / "bin" / "python"), "-m", "uvicorn", app]
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*command, "--port", str(port), *options],
                cwd=self.root,
                env=clean_environment() | dict(env or {}),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        running = App(f"http://127.0.0.1:{port}", process, log)
        try:
            _wait_until_up(running)
            yield running
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)
        assert process.returncode in {0, -signal.SIGTERM}, log.read_text()


def make(
    folder: Path,
    *components: str,
    options: tuple[str, ...] = (),
    sync: tuple[str, ...] = (),
) -> RealShop:
    """Bootstrap a project with these components and build its environment."""
    chosen = ("--with", ",".join(components)) if components else ()
    where = ("--output-dir", str(folder), "--no-git", "--no-sync", "--yes")
    command = ("-m", "paxx", "bootstrap", "shop", *where, *chosen, *options)
    run(sys.executable, *command, cwd=folder)
    shop = RealShop(folder / "shop")
    # The interpreter that runs the tests, whichever version the project prefers.
    run(uv(), "sync", "--quiet", "--python", sys.executable, *sync, cwd=shop.root)
    return shop


def _wait_until_up(app: App) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert app.process.poll() is None, app.log.read_text()
        try:
            app.get("/health")
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(app.log.read_text())


# How long a busy machine takes is not what the examples are about.
PATIENT = """
import core.arq, core.cache, core._redis.client
for module in (core.arq, core.cache, core._redis.client):
    for name in vars(module).keys() & {"CONNECT_TIMEOUT", "CALL_TIMEOUT"}:
        setattr(module, name, 60.0)
"""


def as_script(example: str, then: str = 'print("ran")', before: str = "") -> str:
    """Return a script that runs `before`, then the example and `then` within a coroutine."""
    lines = "\n".join(f"    {line}" for line in (example + "\n" + then).splitlines())
    return (
        f"import asyncio\n{PATIENT}{before}\n\nasync def main():\n{lines}\n\nasyncio.run(main())\n"
    )
