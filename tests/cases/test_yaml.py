"""Shapes of Compose files: the numbers are those of docs/cases.md."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cases.by_hand import added, manual, refused, replace, unchanged_by_a_second_time
from tests.harness import Shop

COMPOSE = "docker-compose.yml"
REDIS = "image: redis:7-alpine"
NAMES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")


def write(shop: Shop, text: str) -> None:
    (shop / COMPOSE).write_text(text)


def is_valid(shop: Shop, path: str = COMPOSE) -> bool:
    """Tell whether Docker Compose reads the file."""
    command = [str(Path(sys.executable).parent / "docker-compose"), "-f", path, "config", "-q"]
    result = subprocess.run(command, cwd=shop.root, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return True


@pytest.mark.parametrize("name", NAMES)
def test_29_the_file_by_any_of_its_names(shop: Shop, name: str) -> None:
    (shop / COMPOSE).rename(shop / name)
    assert REDIS in added(shop, name)
    assert [each for each in NAMES if (shop / each).exists()] == [name]


@pytest.mark.parametrize("place", range(1, 4))
def test_29_of_two_files_the_one_that_docker_takes(shop: Shop, place: int) -> None:
    text = (shop / COMPOSE).read_bytes()
    (shop / COMPOSE).unlink()
    (shop / NAMES[place]).write_bytes(text)
    (shop / NAMES[place - 1]).write_bytes(text)
    assert REDIS in added(shop, NAMES[place - 1])
    assert (shop / NAMES[place]).read_bytes() == text


def test_29_a_missing_file_is_made(shop: Shop) -> None:
    (shop / COMPOSE).unlink()
    outcome = shop.add("redis")
    assert outcome.code == 0
    assert "warning: `docker-compose.yml` has no service for the application" in outcome.stdout
    assert is_valid(shop)


@pytest.mark.parametrize("name", ["compose.override.yaml", "docker-compose.override.yml"])
def test_30_an_override_is_not_touched(shop: Shop, name: str) -> None:
    text = "services:\n  app:\n    environment:\n      X: y\n"
    (shop / name).write_text(text)
    assert REDIS in added(shop, COMPOSE)
    assert (shop / name).read_text() == text


def test_30_a_file_in_the_directory_above_is_not_touched(shop: Shop) -> None:
    above = shop.root.parent / "compose.yaml"
    above.write_text("services: {}\n")
    assert REDIS in added(shop, COMPOSE)
    assert above.read_text() == "services: {}\n"


RICH = """\
x-common: &common
  restart: always
  environment: &environment
    LEVEL: info

include:
  - other.yaml

services:
  app:
    <<: *common
    build: .
    profiles: [web]
    environment:
      <<: *environment
      A: b
  worker:
    <<: *common
    extends:
      service: app
    ports: !reset []
"""


def test_31_anchors_merges_and_tags_stay(shop: Shop) -> None:
    write(shop, RICH)
    came = added(shop, COMPOSE)
    assert REDIS in came
    assert "REDIS_URL: redis://redis:6379/0" in came
    unchanged_by_a_second_time(shop)


def test_31_a_section_that_others_share_is_left_to_the_user(shop: Shop) -> None:
    write(shop, RICH.replace("    environment:\n      <<: *environment\n      A: b\n", ""))
    outcome = shop.add("redis")
    assert outcome.code == 5
    assert "`environment` is merged from an anchor" in outcome.stdout
    assert (shop / COMPOSE).read_text().count("LEVEL: info") == 1


@pytest.mark.integration
@pytest.mark.parametrize(
    ("section", "came"),
    [
        ("    depends_on: [db]\n", "depends_on: [db, redis]"),
        ("    depends_on:\n      - db\n", "      - redis"),
        ("    depends_on:\n    - db\n", "    - redis"),
        (
            "    depends_on:\n      db:\n        condition: service_started\n",
            "      redis:\n        condition: service_healthy",
        ),
        ("", "    depends_on:\n      redis:\n        condition: service_healthy"),
        ("    depends_on:\n", "    depends_on:\n      redis:\n        condition: service_healthy"),
    ],
    ids=["flow", "list", "list-at-the-key", "map", "absent", "null"],
)
def test_32_what_is_waited_for_keeps_its_form(shop: Shop, section: str, came: str) -> None:
    write(shop, f"services:\n  app:\n    build: .\n{section}  db:\n    image: postgres:17\n")
    assert shop.add("redis").code == 0
    assert came in (shop / COMPOSE).read_text()
    assert is_valid(shop)
    unchanged_by_a_second_time(shop)


def test_33_a_service_of_that_name_is_kept(shop: Shop) -> None:
    replace(shop, COMPOSE, "services:\n", "services:\n  redis:\n    image: valkey/valkey:8\n\n")
    came = added(shop, COMPOSE)
    assert "REDIS_URL: redis://redis:6379/0" in came
    assert REDIS not in came
    assert "redis-data:" not in came
    assert is_valid(shop)


@pytest.mark.parametrize("form", ["volumes: {db-data: ~}", "services"])
def test_33_what_needs_a_manual_step_is_one_too(shop: Shop, form: str) -> None:
    db = "  db:\n    image: postgres:17\n    volumes: [db-data:/data]\n"
    text = f"services:\n  app:\n    build: .\n{db}{form}\n"
    if form == "services":
        text = "services: {app: {build: .}}\n"
    (shop / COMPOSE).write_text(text)
    outcome = shop.add("redis", "arq", "storage", "websocket", "--json")
    assert outcome.code == 5
    steps = [step for step in outcome.json["steps"] if step["path"] == COMPOSE]
    manual = {step["key"] for step in steps if step["status"] == "manual"}
    assert {"redis", "redis-data", "minio", "minio-data"} <= manual
    assert is_valid(shop)


@pytest.mark.parametrize(
    ("more", "condition"),
    [
        ("", "service_started"),
        ("    healthcheck:\n      disable: true\n", "service_started"),
        ("    healthcheck:\n      test: redis-cli ping\n", "service_healthy"),
    ],
)
def test_33_only_what_has_a_health_check_is_waited_for_to_be_healthy(
    shop: Shop, more: str, condition: str
) -> None:
    own = f"services:\n  redis:\n    image: valkey/valkey:8\n{more}\n"
    replace(shop, COMPOSE, "services:\n", own)
    assert shop.add("redis").code == 0
    assert f"      redis:\n        condition: {condition}\n" in (shop / COMPOSE).read_text()


def test_33_a_service_in_a_comment_is_none(shop: Shop) -> None:
    replace(shop, COMPOSE, "\nvolumes:\n", "#  redis:\n#    image: redis:6\n\nvolumes:\n")
    assert REDIS in added(shop, COMPOSE)
    assert "#  redis:\n#    image: redis:6\n" in (shop / COMPOSE).read_text()
    assert is_valid(shop)


def test_34_a_volume_of_that_name_is_kept(shop: Shop) -> None:
    own = "  db-data:\n  redis-data:\n    driver: local\n"
    text = (shop / COMPOSE).read_text()
    write(shop, text.removesuffix("  db-data:\n") + own)
    outcome = shop.add("redis")
    assert "kept: `redis-data` in `docker-compose.yml`: your `redis-data` is kept" in outcome.stdout
    assert (shop / COMPOSE).read_text().endswith(own)


def test_35_a_port_that_another_service_publishes(shop: Shop) -> None:
    replace(
        shop, COMPOSE, "services:\n", 'services:\n  old:\n    image: x\n    ports: ["6379:1"]\n'
    )
    outcome = shop.add("redis")
    assert "port 6379 is published by service `old` in `docker-compose.yml`" in outcome.stdout
    assert "give `redis` another one by `REDIS_PORT`" in outcome.stdout
    assert '"127.0.0.1:${REDIS_PORT:-6379}:6379"' in (shop / COMPOSE).read_text()


def test_35_an_app_service_of_another_name(shop: Shop) -> None:
    replace(shop, COMPOSE, "  app:\n", "  web:\n")
    assert "REDIS_URL: redis://redis:6379/0" in added(shop, COMPOSE)


def test_35_an_app_service_that_cannot_be_told(shop: Shop) -> None:
    replace(shop, COMPOSE, "  app:\n", "  worker:\n    build: .\n\n  web:\n")
    outcome = shop.add("redis")
    assert (
        f"warning: cannot tell which service of `{COMPOSE}` is the application: `worker`, `web`;"
        " set `REDIS_URL` in its environment"
    ) in outcome.stdout
    assert "REDIS_URL" not in (shop / COMPOSE).read_text()


def test_35_an_app_service_on_networks_of_its_own(shop: Shop) -> None:
    replace(shop, COMPOSE, "    build: .\n", "    build: .\n    networks: [backend]\n")
    replace(shop, COMPOSE, "volumes:\n  db", "networks:\n  backend:\n\nvolumes:\n  db")
    outcome = shop.add("redis")
    assert "does not reach" not in outcome.stdout
    assert "    networks:\n      - backend\n" in (shop / COMPOSE).read_text()
    assert is_valid(shop)


@pytest.mark.parametrize("section", ["networks: [default, web]", "networks: []", "networks:"])
def test_35_an_app_service_on_the_default_network(shop: Shop, section: str) -> None:
    replace(shop, COMPOSE, "    build: .\n", f"    build: .\n    {section}\n")
    assert "does not reach" not in shop.add("redis").stdout


@pytest.mark.parametrize(
    "text",
    [
        "services: {app: {build: .}}\n",
        '{"services": {"app": {"build": "."}}}\n',
        "services: []\n",
        "words\n",
    ],
    ids=["flow", "json", "list", "words"],
)
def test_36_what_is_not_one_entry_a_line_is_left_to_the_user(shop: Shop, text: str) -> None:
    write(shop, text)
    manual(shop, COMPOSE, "    image: redis:7-alpine")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("services:\n\tapp: {}\n", 2),
        ("services:\n  app:\n    build: .\n  app:\n    build: .\n", 4),
        ("services:\n<<<<<<< HEAD\n  app: {}\n=======\n  web: {}\n>>>>>>> other\n", 2),
        ("a: 1\n---\nb: 2\n", 2),
        ("services: &a\n  app: *a\n", None),
    ],
    ids=["tab", "duplicate", "merge", "documents", "endless"],
)
def test_36_what_does_not_parse_is_told_with_its_line(
    shop: Shop, text: str, line: int | None
) -> None:
    write(shop, text)
    refused(shop, f"{COMPOSE}:{line}: " if line else f"{COMPOSE}: ", 3)


@pytest.mark.parametrize("comment", ["", " # none yet"])
def test_36_an_empty_mapping_is_opened(shop: Shop, comment: str) -> None:
    write(shop, f"services: {{}}{comment}\n")
    assert shop.add("redis").code == 0
    assert (shop / COMPOSE).read_text().startswith(f"services:{comment}\n  redis:\n")
    assert is_valid(shop)


def test_36_services_without_any(shop: Shop) -> None:
    write(shop, "services:\n")
    assert REDIS in added(shop, COMPOSE)
    assert is_valid(shop)


@pytest.mark.parametrize(
    "head", ["version: '3.9'\n", "---\n", "name: x\n", "# words\n---\n# more\n", "%YAML 1.2\n---\n"]
)
def test_37_what_stands_above_the_services_stays(shop: Shop, head: str) -> None:
    write(shop, head + (shop / COMPOSE).read_text().replace("name:", "x-name:"))
    assert REDIS in added(shop, COMPOSE)
    assert (shop / COMPOSE).read_text().startswith(head)


@pytest.mark.parametrize("text", ["", "\n", "# nothing yet\n", "---\n", "# a\n---\n"])
def test_37_an_empty_file_is_like_a_new_one(shop: Shop, text: str) -> None:
    write(shop, text)
    assert REDIS in added(shop, COMPOSE)
    assert (shop / COMPOSE).read_text().startswith(text)
    assert is_valid(shop)


def test_37_a_document_end_stays_the_end(shop: Shop) -> None:
    write(shop, "---\nservices:\n  app:\n    build: .\n...\n")
    assert REDIS in added(shop, COMPOSE)
    assert (shop / COMPOSE).read_text().endswith("\n...\n")


def test_38_a_service_with_a_dot_in_its_name(shop: Shop) -> None:
    replace(shop, COMPOSE, "services:\n", "services:\n  my.app:\n    image: x\n\n")
    assert REDIS in added(shop, COMPOSE)
    assert "services:\n  my.app:\n    image: x\n" in (shop / COMPOSE).read_text()


def test_07_a_comment_stays_with_its_section(shop: Shop) -> None:
    replace(shop, COMPOSE, "\nvolumes:\n", "\n# What has to survive.\nvolumes:\n")
    replace(shop, COMPOSE, "    depends_on:\n", "    # The rows.\n    depends_on:\n")
    added(shop, COMPOSE)
    text = (shop / COMPOSE).read_text()
    assert "\n# What has to survive.\nvolumes:\n" in text
    assert "    # The rows.\n    depends_on:\n" in text
