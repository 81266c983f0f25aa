"""Services and migrations, as `paxx doctor` sees them."""

from typing import Any

import pytest

from tests.doctor.conftest import Clinic

FAILED = {"milliseconds": 2.0, "error": "ConnectionError: refused"}
REDIS = {"redis_url": "redis://:***@localhost:6379/0"}


def test_a_service_that_answers_is_told_with_its_address_and_time(clinic: Clinic) -> None:
    address = "postgresql+asyncpg://shop:***@db.example/shop"
    clinic.tells(checks={"database": {"milliseconds": 3.2}}, addresses={"database_url": address})
    found = clinic.findings()["database"]
    assert found["level"] == "ok"
    assert found["message"] == f"answers at {address}"
    assert found["milliseconds"] == 3.2


@pytest.mark.usefixtures("compose_program")
def test_a_service_of_the_compose_file_that_does_not_answer_can_be_started(clinic: Clinic) -> None:
    clinic.shop.add("redis")
    clinic.tells(checks={"redis": FAILED}, addresses=REDIS)
    found = clinic.findings()["redis"]
    assert found["level"] == "problem"
    assert found["message"] == (
        "does not answer at redis://:***@localhost:6379/0: ConnectionError: refused"
    )
    assert found["hint"] == (
        "`docker compose up -d redis` starts it here, or set `REDIS_URL` to where it is"
    )


@pytest.mark.usefixtures("compose_program")
@pytest.mark.parametrize("compose_program", [None], indirect=True)
def test_without_docker_no_container_is_proposed(clinic: Clinic) -> None:
    clinic.shop.add("redis", "postgis")
    clinic.tells(checks={"redis": FAILED, "postgis": FAILED}, addresses=REDIS)
    assert clinic.findings()["redis"]["hint"] == "set `REDIS_URL` to where it is"
    hint = clinic.findings()["postgis"]["hint"]
    assert hint == "install PostGIS on the PostgreSQL server of DATABASE_URL"


@pytest.mark.parametrize("address", ["redis://cache.example:6379/0", "redis://localhost:x/0"])
def test_a_service_somewhere_else_is_not_started_here(clinic: Clinic, address: str) -> None:
    clinic.shop.add("redis")
    clinic.tells(checks={"redis": FAILED}, addresses={"redis_url": address})
    assert clinic.findings()["redis"]["hint"] == "set `REDIS_URL` to where it is"


@pytest.mark.usefixtures("compose_program")
def test_a_component_without_an_address_says_itself_what_comes_next(clinic: Clinic) -> None:
    clinic.shop.add("postgis")
    clinic.tells(checks={"postgis": FAILED})
    assert clinic.findings()["postgis"]["hint"] == "docker compose down && docker compose up -d"


def test_a_check_of_the_user_is_told_by_its_name(clinic: Clinic) -> None:
    clinic.tells(checks={"mine": FAILED})
    assert "`READINESS` of `wiring.py`" in clinic.findings()["mine"]["hint"]


@pytest.mark.usefixtures("compose_program")
def test_an_address_that_no_check_asks_is_reached(clinic: Clinic) -> None:
    clinic.shop.add("metrics")
    setting = "otel_exporter_otlp_endpoint"
    clinic.tells(reached={setting: FAILED}, addresses={setting: "http://localhost:4317"})
    found = clinic.findings()["metrics"]
    assert found["level"] == "problem"
    assert found["hint"].startswith("`docker compose up -d jaeger` starts it here")


def test_what_the_project_is_asked_comes_from_its_components(clinic: Clinic) -> None:
    clinic.shop.add("redis", "metrics", "websocket")
    (clinic.shop / ".paxx/components/ghost.json").write_text("{}")
    clinic.interpreter(f'echo "$3" >{clinic.programs}/question; exit 1')
    clinic.examine()
    question = (clinic.programs / "question").read_text()
    assert question == (
        '{"servers": ["database_url", "redis_url", "otel_exporter_otlp_endpoint", "ws_redis_url"],'
        ' "reach": ["otel_exporter_otlp_endpoint", "ws_redis_url"], "skip": ["websocket"]}\n'
    )


@pytest.mark.parametrize(
    ("permitted", "level"), [(True, "info"), (False, "problem")], ids=["permitted", "forbidden"]
)
def test_a_check_that_would_write_is_not_asked(clinic: Clinic, permitted: bool, level: str) -> None:  # noqa: FBT001
    refused = {"path": "uploads", "permitted": permitted}
    clinic.tells(checks={"storage": FAILED | {"refused": refused}})
    found = clinic.findings()["storage"]
    assert found["level"] == level
    assert "`uploads`" in found["message"]


@pytest.mark.parametrize(
    ("migrations", "level", "message"),
    [
        ({"heads": 1}, "ok", "none is pending"),
        ({"heads": 1, "pending": 2}, "problem", "2 pending"),
        ({"heads": 2, "pending": 2}, "problem", "there are 2 heads"),
        ({"heads": 1, "strange": ["a1"]}, "problem", "the database is at `a1`, which this project"),
        ({"error": "CommandError: no"}, "problem", "CommandError: no"),
    ],
)
def test_migrations_are_compared(
    clinic: Clinic, migrations: dict[str, Any], level: str, message: str
) -> None:
    clinic.tells(migrations={"milliseconds": 1, **migrations})
    found = clinic.findings()["migrations"]
    assert found["level"] == level
    assert found["message"].startswith(message)


def test_a_database_that_does_not_answer_is_one_finding(clinic: Clinic) -> None:
    clinic.tells(checks={"database": FAILED}, migrations=FAILED)
    assert "migrations" not in clinic.findings()


def test_migrations_that_fail_in_a_database_that_answers_are_told(clinic: Clinic) -> None:
    clinic.tells(checks={"database": {"milliseconds": 1}}, migrations=FAILED)
    assert clinic.findings()["migrations"]["level"] == "problem"
