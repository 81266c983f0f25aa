"""`paxx docker`: exactly what Docker Compose is called with, and what is said without it."""

from pathlib import Path

import pytest

from tests.running.conftest import Workbench

VERSION = ["docker", "compose", "version"]
FINE = (0, "", "")
UNKNOWN = (1, "", "docker: unknown command: docker compose")
NO_ENGINE = (
    (1, "", "Cannot connect to the Docker daemon at unix:///run/docker.sock. Is the docker daemon"),
    (1, "", "failed to connect to the docker API at unix:///run/docker.sock; check if the path"),
    (1, "", "error during connect: Get http://%2F%2F.%2Fpipe%2Fdocker_engine/v1.24/version: open"),
)


@pytest.mark.parametrize(
    ("typed", "passed"),
    [
        ("up", ["up", "-d", "--wait"]),
        ("up --build app", ["up", "-d", "--wait", "--build", "app"]),
        ("up -y", ["up", "-d", "--wait", "-y"]),
        ("down", ["down"]),
        ("down --remove-orphans -t 3", ["down", "--remove-orphans", "-t", "3"]),
        ("down --volumes=false", ["down", "--volumes=false"]),
        ("down -v --yes", ["down", "-v"]),
        ("down -y --volumes db", ["down", "--volumes", "db"]),
        ("build --no-cache app", ["build", "--no-cache", "app"]),
        ("logs -f --tail=10 app", ["logs", "-f", "--tail=10", "app"]),
        ("ps --format json", ["ps", "--format", "json"]),
        ("exec -T db psql -U shop --help", ["exec", "-T", "db", "psql", "-U", "shop", "--help"]),
        ("exec app -- ls -l", ["exec", "app", "--", "ls", "-l"]),
    ],
)
def test_compose_gets_exactly_these_arguments(
    workbench: Workbench, typed: str, passed: list[str]
) -> None:
    workbench.recorder("docker")
    outcome = workbench.run("docker", *typed.split())
    assert outcome.code == 0
    assert outcome.stderr == f"running `docker compose {' '.join(passed)}`\n"
    assert workbench.calls == [VERSION, ["docker", "compose", *passed]]


def test_words_are_not_split_or_quoted_again(workbench: Workbench) -> None:
    workbench.recorder("docker")
    workbench.run("docker", "exec", "db", "psql", "-c", "select 'a b'; $HOME")
    assert workbench.calls[-1][3:] == ["db", "psql", "-c", "select 'a b'; $HOME"]


@pytest.mark.parametrize("volumes", ["-v", "--volumes", "--volumes=true", "-vt5", "-v=1"])
def test_volumes_are_not_deleted_without_somebody_who_agrees(
    workbench: Workbench, volumes: str
) -> None:
    workbench.recorder("docker")
    outcome = workbench.run("docker", "down", volumes)
    assert outcome.code == 2
    assert outcome.stderr == (
        "error: this deletes the volumes and all data in them\nhint: pass `--yes` to confirm\n"
    )
    assert not (workbench.programs / "calls").exists()


@pytest.mark.parametrize("code", [1, 17, 125])
def test_the_exit_code_is_that_of_docker(workbench: Workbench, code: int) -> None:
    workbench.recorder("docker", compose_version=FINE, compose_exec=(code, "", ""))
    outcome = workbench.run("docker", "exec", "app", "false")
    assert outcome.code == code
    assert "error" not in outcome.stderr
    assert workbench.calls[-1] == ["docker", "compose", "ls", "--quiet"]


def test_logs_that_are_left_are_no_reason_to_ask_for_the_engine(workbench: Workbench) -> None:
    workbench.script("docker", '#!/bin/sh\ntest "$2" = version || { kill -INT $PPID; exit 130; }\n')
    outcome = workbench.run("docker", "logs", "-f")
    assert (outcome.code, outcome.stderr) == (130, "running `docker compose logs -f`\n")


def test_without_docker_it_is_told_where_to_get_it(workbench: Workbench) -> None:
    outcome = workbench.run("docker", "ps")
    assert outcome.code == 4
    assert outcome.stderr == (
        "error: `docker` is not on PATH\n"
        "hint: install it: https://docs.docker.com/compose/install\n"
    )


def test_docker_without_compose_is_told(workbench: Workbench) -> None:
    workbench.recorder("docker", compose=UNKNOWN)
    outcome = workbench.run("docker", "ps")
    assert outcome.code == 4
    assert outcome.stderr.startswith("error: `docker` has no `compose` plugin\nhint: ")


@pytest.mark.parametrize("plugin", [True, False])
def test_compose_by_itself_does_without_the_plugin(workbench: Workbench, *, plugin: bool) -> None:
    if plugin:
        workbench.recorder("docker", compose=UNKNOWN)
    workbench.recorder("docker-compose", version=(0, "2.39.1", ""))
    assert workbench.run("docker", "up").code == 0
    assert workbench.calls[-2:] == [
        ["docker-compose", "version", "--short"],
        ["docker-compose", "up", "-d", "--wait"],
    ]


def test_the_first_generation_of_compose_is_too_old(workbench: Workbench) -> None:
    workbench.recorder("docker-compose", version=(0, "1.29.2", ""))
    outcome = workbench.run("docker", "up")
    assert outcome.code == 4
    assert "`docker-compose` 1.29.2 is too old" in outcome.stderr


def test_a_docker_that_does_not_run_has_no_compose(workbench: Workbench) -> None:
    workbench.script("docker", "#!/no/such/interpreter\n")
    assert "has no `compose` plugin" in workbench.run("docker", "ps").stderr


@pytest.mark.parametrize("complaint", NO_ENGINE)
def test_an_engine_that_does_not_run_is_told(
    workbench: Workbench, complaint: tuple[int, str, str]
) -> None:
    workbench.recorder("docker", compose_version=FINE, compose=complaint)
    outcome = workbench.run("docker", "up")
    assert outcome.code == 4
    assert "error: the Docker engine does not answer\nhint: start Docker" in outcome.stderr


def test_a_user_who_may_not_use_the_engine_is_told(workbench: Workbench) -> None:
    complaint = (1, "", "permission denied while trying to connect to the Docker daemon socket at")
    workbench.recorder("docker", compose_version=FINE, compose=complaint)
    outcome = workbench.run("docker", "up")
    assert outcome.code == 4
    assert "error: you have no permission to use the Docker engine\n" in outcome.stderr
    assert "\nhint: permit it: https://" in outcome.stderr


def test_without_a_compose_file_docker_is_not_asked(workbench: Workbench) -> None:
    workbench.recorder("docker")
    (workbench.shop / "docker-compose.yml").unlink()
    outcome = workbench.run("docker", "up", "--json")
    assert (outcome.code, outcome.stdout) == (4, "")
    assert f"there is no Compose file in `{workbench.shop.root}`" in outcome.stderr
    assert not (workbench.programs / "calls").exists()


@pytest.mark.parametrize("place", [".env", "environment"])
def test_a_compose_file_elsewhere_is_dockers_to_find(
    workbench: Workbench, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    workbench.recorder("docker")
    (workbench.shop / "docker-compose.yml").unlink()
    if place == ".env":
        (workbench.shop / ".env").write_text("COMPOSE_FILE=deploy/stack.yml\n")
    else:
        monkeypatch.setenv("COMPOSE_FILE", "deploy/stack.yml")
    assert workbench.run("docker", "ps").code == 0


def test_outside_a_project_docker_is_not_asked(
    workbench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workbench.recorder("docker")
    monkeypatch.chdir(tmp_path)
    assert workbench.run("docker", "ps").code == 3
    assert not (workbench.programs / "calls").exists()


def test_docker_alone_shows_what_there_is(workbench: Workbench) -> None:
    outcome = workbench.run("docker")
    assert outcome.code == 2
    for name in ("up", "down", "build", "logs", "ps", "exec"):
        assert f"\n  {name} " in outcome.stderr
