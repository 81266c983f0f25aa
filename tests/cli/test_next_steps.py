"""What comes next: commands that work on this machine, for what this project has."""

from pathlib import Path

import pytest

from paxx import environment
from tests.harness import Outcome, Run, Shop

WITHOUT_DOCKER = pytest.mark.parametrize("compose_program", [None], indirect=True)


def steps(outcome: Outcome) -> list[str]:
    """Return the next steps that a command printed, without the ones for uv."""
    _, _, listed = outcome.stdout.partition("\nnext:\n")
    lines = (line.strip() for line in listed.partition("\n\n")[0].splitlines())
    return [line for line in lines if not line.startswith(("uv sync", "pip install uv"))]


def write_program(folder: Path, name: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("#!/bin/sh\n")
    (folder / name).chmod(0o755)


@pytest.mark.parametrize(
    ("programs", "expected"),
    [
        (("docker", "docker-compose"), "docker compose"),
        (("docker-compose",), "docker-compose"),
        ((), None),
    ],
)
def test_compose_has_the_name_of_the_installed_program(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    programs: tuple[str, ...],
    expected: str | None,
) -> None:
    for name in programs:
        write_program(tmp_path / "programs", name)
    monkeypatch.setenv("PATH", str(tmp_path / "programs"))
    assert environment.compose_program() == expected


@pytest.mark.usefixtures("compose_program")
def test_dotenv_is_copied_before_a_server_starts(shop: Shop) -> None:
    assert steps(shop.add("redis"))[:2] == ["cp .env.example .env", "docker compose up -d redis"]


@pytest.mark.usefixtures("compose_program")
def test_a_dotenv_that_exists_is_not_copied_over(shop: Shop) -> None:
    (shop / ".env").touch()
    assert steps(shop.add("redis"))[:1] == ["docker compose up -d redis"]


def test_a_feature_needs_no_dotenv(shop: Shop) -> None:
    outcome = shop.run("feature", "create", "products", "name:str", "--no-sync")
    assert steps(outcome) == ["paxx db migrate 'add products'", "paxx db upgrade"]


@WITHOUT_DOCKER
@pytest.mark.usefixtures("compose_program")
def test_without_docker_servers_are_named_by_their_settings(shop: Shop) -> None:
    outcome = shop.add("redis", "arq", "storage", "postgis", "metrics", "--yes")
    assert "docker" not in "".join(steps(outcome))
    assert "start Redis, or set REDIS_URL to the address of yours" in steps(outcome)
    assert "docker" not in "".join(steps(shop.remove("redis", "arq")))


@pytest.mark.parametrize("present", [(), ("redis",), ("arq",)])
def test_a_dependency_that_another_component_brought_is_not_proposed(
    shop: Shop, present: tuple[str, ...]
) -> None:
    if present:
        shop.add(*present)
    last = steps(shop.add("websocket"))[-1]
    assert last.startswith("set WS_REDIS_URL to run several instances")
    assert ("add redis>=5.3" in last) is (not present)


@pytest.mark.parametrize("has_uv", [True, False])
def test_programs_of_the_project_are_run_by_uv_where_it_is(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, has_uv: bool
) -> None:
    if has_uv:
        write_program(tmp_path / "programs", "uv")
    monkeypatch.setenv("PATH", str(tmp_path / "programs"))
    run = "uv run" if has_uv else "python -m"
    assert f"{run} arq core.tasks.WorkerSettings" in steps(shop.add("arq"))


def test_a_new_project_begins_with_its_folder_and_settings(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    quiet = ("--no-git", "--no-sync", "--yes")
    expected = ["cp .env.example .env", "paxx start"]
    assert steps(run("bootstrap", "shop", *quiet)) == ["cd shop", *expected]
    outcome = run("bootstrap", "shop", "-o", "my apps", *quiet)
    assert steps(outcome) == ["cd 'my apps/shop'", *expected]
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert steps(run("bootstrap", ".", *quiet)) == expected
    elsewhere = tmp_path / "there"
    outcome = run("bootstrap", "shop", "-o", str(elsewhere), *quiet)
    assert steps(outcome)[0] == f"cd {elsewhere / 'shop'}"


def test_a_dotenv_beside_a_new_project_is_kept(run: Run, tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/.env").touch()
    quiet = ("--no-git", "--no-sync", "--yes", "--force", "--output-dir", str(tmp_path))
    assert steps(run("bootstrap", "shop", *quiet))[1:] == ["paxx start"]


def test_what_uv_did_not_do_comes_first(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_program(tmp_path / "with-uv", "uv")
    monkeypatch.setenv("PATH", str(tmp_path / "with-uv"))
    assert "next:\n  uv sync\n" in shop.add("redis").stdout
    monkeypatch.setenv("PATH", str(tmp_path / "programs"))
    listed = shop.run("infra", "add", "metrics").stdout.partition("\nnext:\n")[2]
    assert listed.startswith("  pip install uv && uv sync\n")
