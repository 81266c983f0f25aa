"""The daily commands in a real project: its server, routes, prompt, tools and Compose file."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pexpect
import pytest

from paxx.doctor import listeners
from servers import free_port
from tests import documents
from tests.cases.by_hand import replace
from tests.e2e.conftest import GetShop
from tests.e2e.real import PATIENCE, clean_environment, uv
from tests.harness import Shop

PAXX = (sys.executable, "-m", "paxx")

ROUTER = '''"""What FastAPI and Starlette have for routes."""

from fastapi import APIRouter, FastAPI, WebSocket
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Host, Mount, Route, WebSocketRoute


async def plain(_: object) -> Response:
    """Answer.

    At length.
    """
    return Response()


async def talk(socket: WebSocket) -> None:
    """Talk."""
    await socket.close()


inner = FastAPI(openapi_url=None)
inner.add_api_route("/things/{thing}", plain, summary="Get a thing", tags=["things"])
nested = APIRouter(prefix="/nested")
nested.add_api_websocket_route("/talk", talk)
inside = APIRouter()
inside.include_router(nested, tags=["nested"])
inside.add_api_route("/plain", plain, methods=["PUT", "GET"], name="zoo")
router = APIRouter()
router.include_router(inside, prefix="/zoo")
router.routes.append(WebSocketRoute("/raw", talk))
router.routes.append(Mount("/inner", inner, name="inner"))
router.routes.append(Host("api.example.org", Starlette(routes=[Route("/there", plain)])))
router.frontend("/files", directory="features")
'''


@dataclass(frozen=True, slots=True)
class Project:
    """A project of its own, in the environment of the shared one."""

    root: Path
    env: Mapping[str, str]

    def run(
        self, *arguments: str, typed: str = "", **env: str
    ) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*PAXX, *arguments],
            cwd=self.root / "core",
            env=dict(self.env) | env,
            input=typed,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )

    def shell(self, typed: str) -> str:
        """Return what statements print that have to succeed."""
        result = self.run("shell", typed=typed)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def on_terminal(self, *arguments: str) -> "pexpect.spawn[str]":
        return pexpect.spawn(
            PAXX[0],
            [*PAXX[1:], *arguments],
            cwd=str(self.root),
            env=dict(self.env) | {"TERM": "dumb"},
            encoding="utf-8",
            timeout=PATIENCE,
            dimensions=(40, 200),
        )

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [*PAXX, "start", *arguments],
            cwd=self.root,
            env=dict(self.env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


@pytest.fixture
def project(get_shop: GetShop, tmp_path: Path) -> Project:
    """Return a project with the example, that no other test sees."""
    source = get_shop("example").root
    root = tmp_path / "shop"
    shutil.copytree(source, root, ignore=shutil.ignore_patterns(".venv", "__pycache__", "*.db"))
    (root / ".venv").symlink_to(source / ".venv")
    path = f"{Path(uv()).parent}{os.pathsep}{os.environ['PATH']}"
    return Project(root, clean_environment() | {"PATH": path})


@pytest.fixture
def port() -> int:
    return free_port()


def edit(project: Project, path: str, old: str, new: str) -> None:
    replace(Shop(project.root, lambda: None), path, old, new)  # type: ignore[arg-type, return-value]


def routes(project: Project) -> list[dict[str, Any]]:
    result = project.run("routes", "--json")
    assert result.returncode == 0, result.stderr
    listed: list[dict[str, Any]] = documents.parsed(result.stdout)["routes"]
    return listed


def test_the_routes_are_those_of_the_application(project: Project) -> None:
    listed = [
        (each["path"], each["name"], each["feature"], each["summary"]) for each in routes(project)
    ]
    assert listed[-3:] == [
        ("/notes", "create_note", "notes", "Create a note"),
        ("/notes/{note_id}", "get_note", "notes", "Get a note"),
        ("/notes", "list_notes", "notes", "List notes"),
    ]
    assert ("/docs", "swagger_ui_html", None, None) in listed
    table = project.run("routes").stdout.splitlines()
    assert len(table) == len(listed) + 1
    assert table[-3].split()[:5] == ["POST", "/notes", "create_note", "notes", "Create"]


def test_websockets_mounts_and_hosts_are_among_the_routes(project: Project) -> None:
    (project.root / "features/zoo.py").write_text(ROUTER)
    edit(project, "wiring.py", "import db.database\n", "import db.database\nimport features.zoo\n")
    edit(
        project,
        "wiring.py",
        "ROUTERS: Sequence[APIRouter] = [",
        "ROUTERS: Sequence[APIRouter] = [\n    features.zoo.router,",
    )
    found = routes(project)
    known = {(each["kind"], each["path"]): each for each in found}
    places = [(each["kind"], each["path"]) for each in found if each["feature"] == "zoo"]
    assert places == [
        ("websocket", "/zoo/nested/talk"),
        ("http", "/zoo/plain"),
        ("websocket", "/raw"),
        ("http", "/inner/things/{thing}"),
        ("http", "api.example.org/there"),
    ]
    assert known["http", "/zoo/plain"]["methods"] == ["GET", "PUT"]
    assert known["http", "/zoo/plain"]["name"] == "zoo"
    assert known["http", "/zoo/plain"]["summary"] == "Answer."
    assert known["websocket", "/zoo/nested/talk"]["summary"] == "Talk."
    assert known["mount", "/inner"]["name"] == "inner"
    assert known["http", "/inner/things/{thing}"]["tags"] == ["things"]
    assert known["http", "/inner/things/{thing}"]["summary"] == "Get a thing"
    assert ("host", "api.example.org") in known
    assert list(known)[-1] == ("mount", "/files")  # tried after all others


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("import nothing_of_that_name\n", 4, "ModuleNotFoundError: No module named 'nothing_of"),
        ("def f(:\n", 3, "SyntaxError: "),
        ("raise SystemExit(3)\n", 4, "SystemExit: 3"),
        ("int('x')\n", 4, "ValueError: invalid literal"),
    ],
)
def test_an_import_that_fails_is_told_with_file_and_line(
    project: Project, text: str, code: int, message: str
) -> None:
    router = project.root / "features/notes/router.py"
    lines = router.read_text().count("\n")
    router.write_text(router.read_text() + text)
    result = project.run("routes", "--json")
    assert result.returncode == code
    error = documents.parsed(result.stdout)["error"]
    assert (error["path"], error["line"]) == ("features/notes/router.py", lines + 1)
    assert error["message"].startswith(f"`main.app` cannot be imported: {message}")


def test_settings_that_are_not_valid_are_told_without_their_secrets(project: Project) -> None:
    result = project.run("routes", DATABASE_URL="shop:hunter2@host/shop")
    assert result.returncode == 4
    assert "ArgumentError" in result.stderr
    assert "hunter2" not in result.stderr


def test_a_project_that_talks_when_it_is_imported_disturbs_nobody(project: Project) -> None:
    edit(project, "settings.py", "settings = Settings()", "settings = Settings()\nprint('{')")
    assert routes(project)


def test_routes_change_nothing(project: Project) -> None:
    before = {path: path.stat().st_mtime_ns for path in project.root.rglob("*")}
    assert routes(project)
    assert {path: path.stat().st_mtime_ns for path in project.root.rglob("*")} == before


MIGRATE = (
    "import asyncio, sqlalchemy as sa\n"
    "from db.database import Base, engine\n"
    "async with engine.begin() as connection:\n"
    "    await connection.run_sync(Base.metadata.create_all)\n"
)
ADD = "session.add(Note(title='first', text='x'))\nawait session.flush()\n"
COUNT = "print(len((await session.scalars(select(Note))).all()))\n"


def test_the_shell_has_application_settings_session_and_models(project: Project) -> None:
    printed = project.shell(
        "print(type(app).__name__, settings.app_name, type(session).__name__)\n"
        "print(await session.scalar(select(1)), Note.__tablename__)\n"
    )
    assert printed == "FastAPI shop AsyncSession\n1 notes\n"


def test_the_shell_commits_nothing_by_itself(project: Project) -> None:
    assert project.shell(MIGRATE + ADD + COUNT) == "1\n"
    assert project.shell(COUNT) == "0\n"
    project.shell(ADD + "await session.commit()\n")
    assert project.shell(COUNT) == "1\n"


@pytest.mark.parametrize(
    ("typed", "code", "complaint"),
    [
        (
            "print(1)\nawait session.scalar(1)\n",
            1,
            '  File "<stdin>", line 2, in <module>\n    await',
        ),
        ("1 / 0\n", 1, "ZeroDivisionError"),
        ("def f(:\n", 1, "SyntaxError"),
        ("raise SystemExit(7)\n", 7, ""),
        ("import paxx\n", 1, "ModuleNotFoundError"),
        ("", 0, ""),
    ],
)
def test_statements_that_fail_give_an_exit_code(
    project: Project, typed: str, code: int, complaint: str
) -> None:
    result = project.run("shell", typed=typed)
    assert result.returncode == code, result.stderr
    assert complaint in result.stderr
    assert "inside/shell.py" not in result.stderr.replace(os.sep, "/")


def test_the_prompt_awaits_goes_on_after_errors_and_ends_with_the_input(project: Project) -> None:
    terminal = project.on_terminal("shell")
    terminal.expect("app, settings, select, session")
    terminal.expect("models: Note")
    terminal.expect(">>> ")
    terminal.sendline("await session.scalar(select(41)) + 1")
    terminal.expect("\r\n42\r\n>>> ")
    terminal.sendline("1 / 0")
    terminal.expect('File "<console>", line 1, in <module>\r\n')
    terminal.expect("ZeroDivisionError: division by zero\r\n>>> ")
    terminal.sendline("import asyncio; task = asyncio.create_task(asyncio.sleep(0, 'done'))")
    terminal.expect(">>> ")
    terminal.sendline("await task")
    terminal.expect("'done'\r\n>>> ")
    terminal.sendline("await asyncio.sleep(3600)")
    time.sleep(0.5)
    terminal.sendintr()
    terminal.expect("KeyboardInterrupt\r\n>>> ")
    terminal.sendline("while True: pass")
    terminal.expect(r"\.\.\. ")
    terminal.sendline("")
    time.sleep(0.5)
    terminal.sendintr()
    terminal.expect("KeyboardInterrupt\r\n>>> ")
    terminal.sendeof()
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0


def test_exit_leaves_the_prompt_with_its_code(project: Project) -> None:
    terminal = project.on_terminal("shell")
    terminal.expect(">>> ")
    terminal.sendline("exit(3)")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 3


def test_a_shell_in_a_project_that_does_not_import_shows_where(project: Project) -> None:
    edit(project, "wiring.py", "import db.database\n", "import db.databse\n")
    result = project.run("shell", typed="print(1)\n")
    assert result.returncode == 1
    assert re.search(r'main\.py", line \d+, in <module>$', result.stderr.splitlines()[1])
    assert "wiring.py" in result.stderr
    assert "No module named 'db.databse'" in result.stderr


def test_the_tests_of_the_project_run_with_options_of_pytest(project: Project) -> None:
    result = project.run("test", "-k", "health", "-x", "-q")
    assert result.returncode == 0, result.stdout
    assert result.stderr == "running `uv run pytest -k health -x -q`\n"
    assert "deselected" in result.stdout
    assert project.run("test", "-k", "no-test-of-that-name", "-q").returncode == 5


def test_lint_finds_and_fixes(project: Project) -> None:
    assert project.run("lint").returncode == 0
    settings = project.root / "settings.py"
    before = settings.read_text()
    settings.write_text(f"import os\n{before}")
    result = project.run("lint")
    assert result.returncode == 1
    assert "F401" in result.stdout
    assert "Success: no issues found" in result.stdout
    assert project.run("lint", "--fix").returncode == 0
    assert project.run("lint").returncode == 0
    assert "import os" not in settings.read_text()


def wait_until_up(process: "subprocess.Popen[str]") -> list[str]:
    """Return the lines that it prints until its checks are told."""
    assert process.stdout
    lines = []
    for line in process.stdout:
        lines.append(line.rstrip())
        if line.startswith(("ready", "not ready")):
            return lines
    raise AssertionError(lines)


@pytest.mark.parametrize("arguments", [(), ("--no-reload",), ("--workers", "2")], ids=" ".join)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_and_frees_its_port(
    project: Project, port: int, arguments: tuple[str, ...], number: signal.Signals
) -> None:
    process = project.start("--port", str(port), *arguments)
    lines = wait_until_up(process)
    assert f"application  http://127.0.0.1:{port}" in lines
    assert f"docs         http://127.0.0.1:{port}/docs" in lines
    assert lines[-1] == "ready        database"
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=PATIENCE) as response:
        assert json.load(response) == {"status": "ok"}
    process.send_signal(number)
    printed, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, printed
    assert "Application shutdown complete" in printed
    assert not listeners.is_taken(port)


def test_ctrl_c_on_a_terminal_ends_the_server(project: Project, port: int) -> None:
    terminal = project.on_terminal("start", "--port", str(port))
    terminal.expect(f"running `uv run uvicorn main:app --host 127.0.0.1 --port {port} --reload")
    terminal.expect("ready +database")
    terminal.sendintr()
    terminal.expect("Application shutdown complete")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0
    assert not listeners.is_taken(port)


ENDLESS = '''"""A response that does not end."""

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter
from starlette.responses import StreamingResponse

router = APIRouter()


async def forever() -> AsyncIterator[str]:
    while True:
        yield "still here"
        await asyncio.sleep(0.1)


@router.get("/endless")
async def endless() -> StreamingResponse:
    return StreamingResponse(forever())
'''


def test_a_change_reloads_the_application_while_a_response_is_open(
    project: Project, port: int
) -> None:
    (project.root / "features/endless.py").write_text(ENDLESS)
    edit(
        project,
        "wiring.py",
        "import db.database\n",
        "import db.database\nimport features.endless\n",
    )
    routers = "ROUTERS: Sequence[APIRouter] = ["
    edit(project, "wiring.py", routers, f"{routers}\n    features.endless.router,")
    process = project.start("--port", str(port))
    client = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        wait_until_up(process)
        client.request("GET", "/endless")
        assert client.getresponse().read(5) == b"still"
        edit(project, "settings.py", 'app_name: str = "shop"', 'app_name: str = "changed"')
        deadline = time.monotonic() + PATIENCE
        title = ""
        while title != "changed" and time.monotonic() < deadline:
            time.sleep(0.1)
            try:
                url = f"http://127.0.0.1:{port}/openapi.json"
                with urllib.request.urlopen(url, timeout=PATIENCE) as response:
                    title = json.load(response)["info"]["title"]
            except OSError:
                continue
        assert title == "changed"
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)
        client.close()
    assert process.returncode == 0


def test_an_application_that_does_not_import_is_an_error_of_uvicorn(
    project: Project, port: int
) -> None:
    edit(project, "wiring.py", "import db.database\n", "import db.databse\n")
    process = project.start("--port", str(port), "--no-reload")
    printed, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode not in {0, None}
    assert "No module named 'db.databse'" in printed
    assert "error: " not in printed


def test_what_is_not_ready_is_told_and_the_server_goes_on(project: Project, port: int) -> None:
    url = f"postgresql+asyncpg://shop:hunter2@127.0.0.1:{free_port()}/shop"
    away = Project(project.root, {**project.env, "DATABASE_URL": url})
    process = away.start("--port", str(port), "--no-reload")
    lines = wait_until_up(process)
    process.terminate()
    process.communicate(timeout=PATIENCE)
    assert lines[-1].startswith("not ready    database (")
    assert "hunter2" not in "\n".join(lines)


def test_the_compose_of_the_package_index_reads_the_file_from_below_the_root(
    project: Project, tmp_path: Path
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    compose = Path(sys.executable).parent / "docker-compose"
    (programs / "docker-compose").symlink_to(compose)
    environment = {"PATH": str(programs), "DOCKER_HOST": f"unix://{tmp_path}/no.sock"}
    for command, words in (("up", "up -d --wait"), ("logs", "logs"), ("ps", "ps")):
        result = project.run("docker", command, **environment)
        assert result.returncode == 4
        printed = result.stderr.splitlines()
        assert printed[0] == f"running `docker-compose {words}`"
        assert printed[-2] == "error: the Docker engine does not answer"
        assert printed[-1].startswith("hint: start Docker Desktop")
    resolved = subprocess.run(
        [compose, "config", "--services"],
        cwd=project.root,
        env=dict(project.env) | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert sorted(resolved.stdout.split()) == ["app", "db"]
