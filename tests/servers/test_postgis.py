"""Where a PostgreSQL with PostGIS comes from."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from servers import ServerError, binaries, postgis

SCRIPT = """#!/bin/sh
[ "$1" = --sharedir ] && echo {shared} || echo 'postgres (PostgreSQL) 18.1'
"""


def installation(prefix: Path, version: str, *, has_postgis: bool) -> Path:
    """Make what a Debian package of PostgreSQL leaves behind."""
    shared = prefix / "share" / version
    (shared / "extension").mkdir(parents=True)
    if has_postgis:
        (shared / "extension" / "postgis.control").touch()
    programs = prefix / version / "bin"
    programs.mkdir(parents=True)
    for name in ("initdb", "postgres", "pg_config"):
        (programs / name).write_text(SCRIPT.format(shared=shared))
        (programs / name).chmod(0o755)
    return programs


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of the system's servers on a machine that has none."""
    monkeypatch.setattr(binaries, "SYSTEM_POSTGRES", tmp_path / "lib")
    monkeypatch.setattr(postgis, "WHEELS", tmp_path / "servers")
    monkeypatch.setattr(postgis, "NO_CLUSTER", tmp_path / "etc" / "none.conf")
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.delenv("PAXX_POSTGRES_BIN", raising=False)
    return tmp_path / "lib"


def apt(machine: Path, monkeypatch: pytest.MonkeyPatch, *, known_after_update: bool) -> Path:
    """Put an apt on PATH that writes down its commands and installs by making a folder."""
    tools = machine.parent / "tools"
    log = machine.parent / "apt.log"
    updated = machine.parent / "updated"
    ready = installation(machine.parent / "package", "15", has_postgis=True).parent
    tools.mkdir()
    shared = "#!/bin/sh\nPATH=/usr/bin:/bin\n"
    guard = f"[ -e {updated} ] || exit 0\n" if known_after_update else ""
    (tools / "apt-cache").write_text(
        f"{shared}{guard}echo postgresql-15-postgis-3; echo postgresql-9-postgis-3\n"
        "echo postgresql-15-postgis-3-scripts\n"
    )
    (tools / "apt-get").write_text(
        f'{shared}echo "$@" >> {log}\n[ "$1" = update ] && touch {updated} && exit 0\n'
        f"mkdir -p {machine} && cp -r {ready} {machine}/15\n"
    )
    (tools / "env").symlink_to("/usr/bin/env")
    for tool in ("apt-cache", "apt-get"):
        (tools / tool).chmod(0o755)
    monkeypatch.setenv("PATH", str(tools))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return log


def test_the_newest_of_the_system_that_has_it_is_taken(machine: Path) -> None:
    installation(machine, "17", has_postgis=False)
    expected = installation(machine, "16", has_postgis=True)
    installation(machine, "15", has_postgis=True)
    assert postgis.postgis_bin() == expected


def test_the_named_one_comes_first_if_it_has_it(
    machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = installation(machine, "15", has_postgis=True)
    named = installation(tmp_path / "own", "18", has_postgis=True)
    monkeypatch.setenv("PAXX_POSTGRES_BIN", str(named))
    assert postgis.postgis_bin() == named
    (tmp_path / "own" / "share" / "18" / "extension" / "postgis.control").unlink()
    assert postgis.postgis_bin() == system


@pytest.mark.usefixtures("machine")
def test_who_may_not_install_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(ServerError, match="postgresql-15-postgis-3"):
        postgis.postgis_bin()


def test_the_package_is_installed_once_and_makes_no_cluster(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = apt(machine, monkeypatch, known_after_update=False)
    with ThreadPoolExecutor(3) as pool:
        found = set(pool.map(lambda _: postgis.postgis_bin(), range(3)))
    assert found == {machine / "15" / "bin"}
    [command] = log.read_text().splitlines()
    assert command.startswith("install --quiet --yes --no-install-recommends")
    assert command.endswith(" postgresql-15-postgis-3")
    assert postgis.NO_CLUSTER.read_text() == "create_main_cluster = false\n"


def test_lists_of_packages_are_fetched_where_they_are_missing(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = apt(machine, monkeypatch, known_after_update=True)
    assert postgis.postgis_bin() == machine / "15" / "bin"
    assert [line.split()[0] for line in log.read_text().splitlines()] == ["update", "install"]
