"""Every command in a clone with every hostile file below `.paxx`: nothing outside is harmed."""

import os
import shutil
import subprocess
from collections.abc import Iterator

import click
import pytest

from paxx.cli import paxx
from paxx.errors import ExitCode
from tests.security.conftest import Scene
from tests.security.hostile import ATTACKS
from tests.security.watching import watched

pytestmark = pytest.mark.integration

PREVIEWS = ("--dry-run", "--check", "--diff", "--json")
NO_SYNC = ("--no-sync", "--allow-dirty", "--yes")

COMMANDS: dict[str, list[tuple[str, ...]]] = {
    "bootstrap": [
        (".", "--force", "--no-git", "--no-sync", "--yes"),
        (".", "--force", "--dry-run"),
    ],
    "completion": [("bash",)],
    "db downgrade": [("--yes",)],
    "db heads": [()],
    "db history": [()],
    "db merge": [()],
    "db migrate": [("message",)],
    "db reset": [("--yes",)],
    "db shell": [()],
    "db stamp": [()],
    "db status": [()],
    "db upgrade": [()],
    "docker build": [()],
    "docker down": [()],
    "docker exec": [("db", "psql")],
    "docker logs": [()],
    "docker ps": [()],
    "docker up": [()],
    "doctor": [()],
    "feature add": [("example_products", *NO_SYNC)],
    "feature create": [("products", "name:str", *NO_SYNC)],
    "feature list": [()],
    "feature remove": [("orders", *NO_SYNC)],
    "infra add": [
        *[("redis", "metrics", each) for each in PREVIEWS],
        ("redis", "metrics", *NO_SYNC),
    ],
    "infra list": [()],
    "infra remove": [("redis", "--check"), ("redis", *NO_SYNC)],
    "infra show": [("redis",), ("orders",)],
    "infra status": [()],
    "infra upgrade": [
        *[(each, *NO_SYNC) for each in ("--all", "--continue", "--abort")],
        ("--abort", "--diff"),
        ("--continue", "--diff"),
    ],
    "lint": [()],
    "recover": [()],
    "routes": [()],
    "schema": [()],
    "shell": [()],
    "start": [("--no-reload",)],
    "status": [()],
    "test": [()],
}
"""Each command with arguments that let it read and write as much as it can."""


def names(group: click.Group, above: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from names(command, f"{above}{name} ")
        else:
            yield above + name


def test_a_watch_sees_what_is_written_and_started(scene: Scene) -> None:
    with watched(scene.root) as watch:
        (scene.root / "inside").mkdir()
        (scene.root / "link").symlink_to(scene.victim)
        (scene.root / "inside").rmdir()
    assert (watch.written, watch.started) == ([], [])
    places = [scene.victim / name for name in ("folder", "empty", "journal", "written")]
    with watched(scene.root) as watch:
        (scene.root / "link/folder").mkdir()
        (scene.root / "link/empty").rmdir()
        shutil.rmtree(scene.victim / "journal")
        (scene.victim / "written").write_text("")
        subprocess.run(["true"], check=False, env={"PATH": os.defpath})
    thesis = scene.victim / "journal/thesis.txt"
    assert watch.written == [str(each) for each in (*places[:2], thesis, *places[2:])]
    assert [each.split()[0] for each in watch.started] == ["subprocess.Popen"]


def test_no_command_is_forgotten() -> None:
    assert sorted(COMMANDS) == sorted(names(paxx))


OF_EACH_FILE = {
    *("journal_creates_a_file", "record_of_a_file_0", "record_of_an_edit_0"),
    *(
        "copy_with_a_line_0",
        "copy_of_a_file_that_changed",
        "copy_with_a_service_that_is_a_template",
    ),
    *("upgrade_of_a_file_0", "upgrade_of_a_record_0"),
    *(f"link_to_another_file_{number}" for number in range(7)),
}
"""One attack by each kind of file, of which every command is tried."""
READING = {
    *("infra add", "infra list", "infra remove", "infra upgrade", "feature list"),
    *("feature remove", "recover", "status"),
}
"""The commands that make most of what is below `.paxx`, of which every attack is tried."""


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.usefixtures("no_programs")
def test_no_command_is_turned_against_its_user(scene: Scene, attack: str) -> None:
    ATTACKS[attack](scene.root, scene.victim)
    hostile = scene.stamp()
    for name in COMMANDS if attack in OF_EACH_FILE else READING:
        for arguments in COMMANDS[name]:
            outcome = scene.run(*name.split(), *arguments)
            assert outcome.code in set(ExitCode) - {ExitCode.INTERNAL}, (name, outcome)
            if scene.stamp() != hostile:
                assert not attack.startswith("journal"), name
                scene.prepare()
                ATTACKS[attack](scene.root, scene.victim)
                hostile = scene.stamp()


def test_each_kind_of_attack_is_one() -> None:
    assert set(ATTACKS) >= OF_EACH_FILE
    assert set(COMMANDS) >= READING
