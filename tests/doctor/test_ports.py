"""Ports that the Compose file publishes, as `paxx doctor` sees them."""

import json
from pathlib import Path

import pytest

from paxx import project
from paxx.doctor import listeners, ports
from paxx.project import Project
from servers import free_port
from tests.doctor.conftest import Clinic, Listen


def test_free_ports_are_one_finding(clinic: Clinic) -> None:
    assert clinic.findings()["ports"]["level"] == "ok"


def test_a_project_that_publishes_nothing_has_no_finding(clinic: Clinic) -> None:
    (clinic.shop / "docker-compose.yml").unlink()
    assert "ports" not in clinic.findings()


def test_a_port_that_is_taken_is_told_with_the_process(clinic: Clinic, listen: Listen) -> None:
    port, pid = listen()
    clinic.publish(free_port(), port)
    found = clinic.findings()[f"port {port}"]
    assert found["level"] == "problem"
    name = Path(f"/proc/{pid}/comm").read_text().strip()
    assert found["message"] == f"of service `db` is taken by `{name}` (process {pid})"
    assert found["hint"] == f"set `DB_PORT` in `.env` to another, or stop process {pid}"


def test_a_variable_of_the_environment_wins_over_the_file(
    clinic: Clinic, own_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APP_PORT", str(own_port))
    assert f"port {own_port}" in clinic.findings()


def test_a_variable_that_is_no_port_leaves_the_default(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DB_PORT", "none")
    assert {5432} < set(ports.published(loaded(clinic)))


def loaded(clinic: Clinic) -> Project:
    return project.load(clinic.shop.root)


def test_a_port_without_a_variable_is_published_as_another(clinic: Clinic, listen: Listen) -> None:
    port, _ = listen()
    compose = clinic.shop / "docker-compose.yml"
    compose.write_text(compose.read_text().replace("${DB_PORT:-5432}", str(port)))
    assert clinic.findings()[f"port {port}"]["hint"].startswith("publish another, or stop")


def test_the_application_of_this_project_may_take_its_port(clinic: Clinic, listen: Listen) -> None:
    port, _ = listen(clinic.shop.root)
    clinic.publish(port, free_port())
    outcome = clinic.examine()
    assert outcome.code == 0
    found = {each["subject"]: each for each in outcome.json["findings"]}[f"port {port}"]
    assert (found["level"], found["message"][-24:]) == ("info", "which runs in this project"[-24:])


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_the_service_that_belongs_there_may_take_its_port(
    clinic: Clinic, host: str, listen: Listen
) -> None:
    port, _ = listen()
    clinic.publish(free_port(), port)
    clinic.tells(
        checks={"database": {"milliseconds": 1.0}, "mine": {"milliseconds": 1.0}},
        addresses={"database_url": f"postgresql://shop:***@{host}:{port}/shop"},
    )
    found = clinic.findings()[f"port {port}"]
    assert found["level"] == "info"
    assert found["message"].endswith("which answers as `db`")


def test_a_collector_that_is_reached_may_take_its_ports(clinic: Clinic, own_port: int) -> None:
    clinic.shop.add("metrics")
    setting = "otel_exporter_otlp_endpoint"
    dotenv = clinic.shop / ".env"
    dotenv.write_text(f"{dotenv.read_text()}OTLP_GRPC_PORT={own_port}\n")
    clinic.tells(
        reached={setting: {"milliseconds": 1.0}},
        addresses={setting: f"http://localhost:{own_port}"},
    )
    assert clinic.findings()[f"port {own_port}"]["level"] == "info"


def test_a_database_that_does_not_answer_explains_no_port(clinic: Clinic, listen: Listen) -> None:
    port, _ = listen()
    clinic.publish(free_port(), port)
    clinic.tells(
        checks={"database": {"milliseconds": 1.0, "error": "TimeoutError"}},
        addresses={"database_url": f"postgresql://localhost:{port}/shop"},
    )
    assert clinic.findings()[f"port {port}"]["level"] == "problem"


@pytest.mark.parametrize("separator", [None, "\n"], ids=["array", "lines"])
def test_a_container_of_the_project_may_take_its_port(
    clinic: Clinic, own_port: int, separator: str | None
) -> None:
    running = [
        {"Service": "app", "Publishers": None},
        {"Service": "db", "Publishers": [{"PublishedPort": own_port, "TargetPort": 5432}]},
    ]
    printed = json.dumps(running) if separator is None else separator.join(map(json.dumps, running))
    (clinic.programs / "printed").write_text(printed)
    clinic.program("docker", f"/bin/cat {clinic.programs}/printed")
    clinic.publish(free_port(), own_port)
    found = clinic.findings()[f"port {own_port}"]
    assert (found["level"], found["message"]) == ("info", "taken by the container of `db`")


@pytest.mark.parametrize("script", ["echo no such command; exit 1", "exec /bin/sleep 20"])
def test_a_docker_that_does_not_tell_explains_no_port(
    clinic: Clinic, listen: Listen, script: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "PATIENCE", 0.3)
    clinic.program("docker", script)
    port, _ = listen()
    clinic.publish(free_port(), port)
    assert clinic.findings()[f"port {port}"]["level"] == "problem"


def test_a_process_that_the_system_hides_has_no_name(
    clinic: Clinic, own_port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = (listeners.PROC / "net/tcp").read_text()
    proc = tmp_path / "proc"
    (proc / "net").mkdir(parents=True)
    (proc / "net/tcp").write_text(listed)  # and no IPv6
    (proc / "17").mkdir()  # another user's
    (proc / "18/fd").mkdir(parents=True)
    (proc / "18/fd/0").touch()  # closed while it is looked at
    monkeypatch.setattr(listeners, "PROC", proc)
    clinic.publish(free_port(), own_port)
    found = clinic.findings()[f"port {own_port}"]
    assert found["message"].endswith("is taken by another process")
    assert found["hint"].endswith("or stop what listens there")


def test_on_a_system_without_proc_nobody_is_named(
    own_port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listeners, "PROC", tmp_path / "none")
    assert listeners.of(own_port) == listeners.Listener()
