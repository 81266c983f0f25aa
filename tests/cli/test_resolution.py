"""Adding a component beside requirements that it cannot be resolved with."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness import Shop

pytestmark = pytest.mark.usefixtures("sample_catalog")


def demand(shop: Shop, requirement: str, group: str = "") -> None:
    pyproject = shop / "pyproject.toml"
    text = pyproject.read_text()
    if group:
        pyproject.write_text(
            f'{text}\n[project.optional-dependencies]\n{group} = ["{requirement}"]\n'
        )
    else:
        first = '  "aiosqlite'
        pyproject.write_text(text.replace(first, f'  "{requirement}",\n{first}', 1))


@pytest.mark.parametrize("group", ["", "extra"])
def test_a_project_that_demands_what_is_excluded_is_told_before_anything_is_written(
    shop: Shop, group: str
) -> None:
    demand(shop, "redis>=6.2", group)
    before = shop.tree()
    outcome = shop.add("queue", "--yes")
    assert outcome.code == 4
    assert "`redis>=6.2` cannot be resolved beside `queue`, which needs `redis<6`" in outcome.stderr
    lines = (shop / "pyproject.toml").read_text().split("\n")
    [number] = [index for index, line in enumerate(lines, start=1) if "redis>=6.2" in line]
    assert f"pyproject.toml:{number}: " in outcome.stderr
    assert "hint: let it allow `redis<6`, or do without `queue`" in outcome.stderr
    assert shop.tree() == before


@pytest.mark.parametrize(
    "requirement", ["redis>=5.0", "redis", "Redis[hiredis]>=5,<7", "redis2>=6"]
)
def test_a_project_that_leaves_room_is_not_stopped(shop: Shop, requirement: str) -> None:
    demand(shop, requirement)
    assert shop.add("queue", "--yes").code == 0


@pytest.mark.parametrize(("version", "warnings"), [("8.1.0", 1), ("5.3.1", 0), ("of-our-own", 0)])
def test_a_locked_release_that_has_to_go_back_is_named(
    shop: Shop, version: str, warnings: int
) -> None:
    package = f'[[package]]\nname = "redis"\nversion = "{version}"\n'
    (shop / "uv.lock").write_text(f'version = 1\n\n{package}\n[[package]]\nname = "shop"\n')
    outcome = shop.add("queue", "--yes", "--dry-run")
    said = f"`uv.lock` has redis {version}; `queue` needs `redis<6`"
    assert outcome.stdout.count(said) == warnings


def test_a_lock_file_that_does_not_parse_is_left_to_uv(shop: Shop) -> None:
    (shop / "uv.lock").write_text("<<<<<<< HEAD\n")
    assert shop.add("queue", "--yes").code == 0


def test_a_service_extends_the_one_of_the_application_whatever_its_name(shop: Shop) -> None:
    compose = shop / "docker-compose.yml"
    compose.write_text(compose.read_text().replace("  app:\n", "  web:\n", 1))
    assert shop.add("queue", "--yes").code == 0
    assert "  worker:\n    extends:\n      service: web\n" in compose.read_text()
    docker_compose = Path(sys.executable).with_name("docker-compose")
    command = [str(docker_compose), "-f", str(compose), "config", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_without_a_service_to_extend_the_lines_are_left_to_the_user(shop: Shop) -> None:
    (shop / "docker-compose.yml").write_text("services:\n  db:\n    image: postgres:17\n")
    outcome = shop.add("queue", "--yes")
    assert outcome.code == 5
    assert "there is no service `app` to extend" in outcome.stdout
    assert "worker" not in (shop / "docker-compose.yml").read_text()
