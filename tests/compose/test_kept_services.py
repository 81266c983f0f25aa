"""A service of the user's own is kept, and connected to as it is: or not at all."""

from textwrap import indent
from typing import Any

import pytest

from tests.cases.by_hand import replace
from tests.compose import judge
from tests.harness import Outcome, Shop

pytestmark = pytest.mark.integration

COMPOSE = "docker-compose.yml"


def put(shop: Shop, services: str) -> dict[str, bytes]:
    """Put services of the user's own in front of the others; return the files as they are."""
    replace(shop, COMPOSE, "services:\n", f"services:\n{indent(services, '  ')}\n")
    return shop.tree()


def environment(shop: Shop) -> dict[str, Any]:
    """Return the variables of the application in a file that the judge accepts."""
    variables: dict[str, Any] = judge.check(shop.root)["app"]["environment"]
    return variables


def manual(outcome: Outcome) -> dict[str, str]:
    """Return the steps that are left to the user by their keys, with the reasons."""
    assert outcome.code == 5, outcome
    steps = outcome.json["steps"]
    return {step["key"]: step["note"] for step in steps if step["status"] == "manual"}


def is_undone_by_removal(shop: Shop, before: dict[str, bytes], *names: str) -> bool:
    """Tell whether removal leaves no trace."""
    removed = shop.remove(*names)
    assert removed.code == 0, removed
    return shop.tree() == before


def test_password_of_a_kept_redis_is_in_each_url(shop: Shop) -> None:
    before = put(shop, "redis:\n  image: redis:7\n  command: redis-server --requirepass s3cret\n")
    assert shop.add("redis", "arq", "websocket").code == 0
    found = environment(shop)
    assert found["REDIS_URL"] == "redis://:s3cret@redis:6379/0"
    assert found["ARQ_REDIS_URL"] == "redis://:s3cret@redis:6379/1"
    assert found["WS_REDIS_URL"] == "redis://:s3cret@redis:6379/2"
    assert is_undone_by_removal(shop, before, "redis", "arq", "websocket")


def test_password_that_is_not_in_the_file_makes_the_url_a_manual_step(shop: Shop) -> None:
    put(shop, "redis:\n  image: redis:7\n  command: redis-server /etc/redis.conf\n")
    reason = "the password of `redis` is in `/etc/redis.conf`"
    assert manual(shop.add("redis", "--json")) == {"REDIS_URL": reason}
    assert "REDIS_URL" not in environment(shop)
    variable = "      REDIS_URL: redis://:own@redis:6379/0\n      ENVIRONMENT:"
    replace(shop, COMPOSE, "      ENVIRONMENT:", variable)
    assert shop.add("redis").code == 0


MINIO = """\
minio:
  image: minio/minio
  command: server /data
  environment:
    MINIO_ROOT_USER: root
    MINIO_ROOT_PASSWORD: s3cret-s3cret
"""
BUCKETS = """\
buckets:
  image: minio/mc
  entrypoint: /bin/sh -c "mc alias set s3 http://minio:9000 root x && mc mb s3/media"
"""


def test_kept_minio_is_used_with_its_own_keys_and_bucket(shop: Shop) -> None:
    before = put(shop, MINIO + '  ports: ["9100:9000"]\n' + BUCKETS)
    assert shop.add("storage").code == 0
    found = environment(shop)
    assert found["STORAGE_S3_ACCESS_KEY"] == "root"
    assert found["STORAGE_S3_SECRET_KEY"] == "s3cret-s3cret"
    assert found["STORAGE_S3_BUCKET"] == "media"
    assert found["STORAGE_S3_PUBLIC_URL"] == "http://localhost:9100"
    assert is_undone_by_removal(shop, before, "storage")


def test_kept_minio_without_a_bucket_is_not_used_at_all(shop: Shop) -> None:
    put(shop, MINIO + '  ports: ["9100:9000"]\n')
    reasons = manual(shop.add("storage", "--json"))
    assert {*reasons.values()} == {"no bucket is created in `minio`"}
    assert {key for key in environment(shop) if key.startswith("STORAGE")} == {
        "STORAGE_S3_PUBLIC_URL"
    }


def test_kept_minio_that_is_not_published_has_no_public_url(shop: Shop) -> None:
    put(shop, MINIO + BUCKETS)
    reason = "`minio` publishes no fixed port of its S3 on this machine"
    assert manual(shop.add("storage", "--json")) == {"STORAGE_S3_PUBLIC_URL": reason}
    assert environment(shop)["STORAGE_BACKEND"] == "s3"


def test_kept_jaeger_without_otlp_gets_no_traces(shop: Shop) -> None:
    put(shop, "jaeger:\n  image: jaegertracing/all-in-one:1.30\n")
    reason = "`jaeger` does not take OTLP"
    assert manual(shop.add("metrics", "--json")) == {"OTEL_EXPORTER_OTLP_ENDPOINT": reason}
    assert environment(shop)["OTEL_SERVICE_NAME"] == "shop"


@pytest.mark.parametrize(
    ("section", "cause"),
    [
        ("profiles: [cache]", "`profiles: [cache]`"),
        ("scale: 0", "no replicas"),
        ("deploy: {replicas: 0}", "no replicas"),
        ('deploy: {replicas: "${REDIS_REPLICAS:-0}"}', "no replicas"),
    ],
)
def test_service_that_may_be_disabled_is_optional(shop: Shop, section: str, cause: str) -> None:
    before = put(shop, f"redis:\n  image: redis:7\n  {section}\n")
    outcome = shop.add("redis")
    assert outcome.code == 0
    assert f"warning: {COMPOSE}: `redis` has {cause}: `app` may run without it" in outcome.stdout
    app = judge.check(shop.root)["app"]
    assert app["depends_on"]["redis"] == {"condition": "service_started", "required": False}
    assert is_undone_by_removal(shop, before, "redis")


def test_service_of_the_profile_of_the_application_is_waited_for(shop: Shop) -> None:
    put(shop, "redis:\n  image: redis:7\n  profiles: [web, cache]\n")
    replace(shop, COMPOSE, "    build: .\n", "    build: .\n    profiles: [web]\n")
    outcome = shop.add("redis")
    assert "may run without it" not in outcome.stdout
    assert judge.check(shop.root)["app"]["depends_on"]["redis"]["required"]


def test_service_that_may_be_disabled_is_not_in_a_list_of_what_is_waited_for(shop: Shop) -> None:
    put(shop, "redis:\n  image: redis:7\n  profiles: [cache]\n")
    waits = "    depends_on:\n      db:\n        condition: service_healthy\n"
    replace(shop, COMPOSE, waits, "    depends_on: [db]\n")
    outcome = shop.add("redis")
    assert outcome.code == 0
    assert "`app` does not wait for your `redis`, which has `profiles: [cache]`" in outcome.stdout
    assert judge.check(shop.root)["app"]["depends_on"].keys() == {"db"}


@pytest.mark.parametrize(
    ("check", "condition"),
    [
        ("", "service_started"),
        ("healthcheck: {disable: true}", "service_started"),
        ("healthcheck: {disable: yes, test: redis-cli ping}", "service_started"),
        ('healthcheck: {test: ["NONE"]}', "service_started"),
        ("healthcheck: {test: NONE}", "service_started"),
        ("healthcheck: {interval: 5s}", "service_started"),
        ("healthcheck: {test: []}", "service_started"),
        ("healthcheck: {test: redis-cli ping}", "service_healthy"),
        ("extends: checked", "service_healthy"),
        ("extends: {file: base.yml, service: redis}", "service_started"),
    ],
)
def test_only_a_service_with_a_health_check_is_waited_for_until_healthy(
    shop: Shop, check: str, condition: str
) -> None:
    (shop / "base.yml").write_text("services:\n  redis:\n    image: redis:7\n")
    checked = "checked:\n  image: redis:7\n  healthcheck: {test: redis-cli ping}\n"
    put(shop, f"{checked}redis:\n  image: redis:7\n  {check}\n")
    shop.add("redis")
    text = (shop / COMPOSE).read_text()
    assert f"      redis:\n        condition: {condition}\n" in text


def test_worker_that_does_other_work_leaves_ours_to_the_user(shop: Shop) -> None:
    put(shop, "worker:\n  image: shop\n  command: celery -A shop worker\n")
    reasons = manual(shop.add("arq", "--json"))
    assert reasons == {"worker": "your `worker` does not run `arq core.tasks.WorkerSettings`"}
    judge.check(shop.root)
    replace(shop, COMPOSE, "services:\n", f"services:\n{OUR_WORKER}\n")
    assert shop.add("arq").code == 0
    assert "arq-worker" in judge.check(shop.root)


OUR_WORKER = """\
  arq-worker:
    extends: app
    ports: !reset null
    command: uv run arq core.tasks.WorkerSettings
"""


def test_worker_of_another_name_is_the_worker(shop: Shop) -> None:
    put(shop, OUR_WORKER.replace("\n  ", "\n").strip().replace("arq-worker", "jobs"))
    outcome = shop.add("arq")
    assert outcome.code == 0
    assert "your `jobs` is kept" in outcome.stdout
    assert "worker" not in judge.check(shop.root)


def test_variable_of_a_service_that_the_application_extends_is_kept(shop: Shop) -> None:
    base = "base:\n  image: base\n  environment: {REDIS_URL: redis://elsewhere:6379/9}\n"
    put(shop, base)
    replace(shop, COMPOSE, "    build: .\n", "    build: .\n    extends: base\n")
    outcome = shop.add("redis")
    assert outcome.code == 0
    assert "your `REDIS_URL` is kept" in outcome.stdout
    assert environment(shop)["REDIS_URL"] == "redis://elsewhere:6379/9"


@pytest.mark.parametrize("name", ["password", "profile"])
def test_file_as_it_was_reported_is_wired_to_work(shop: Shop, name: str) -> None:
    services = {
        "password": "redis:\n  image: redis:7\n  command: redis-server --requirepass s3cret\n",
        "profile": "redis:\n  image: redis:7\n  profiles: [cache]\n",
    }
    text = (shop / COMPOSE).read_text()
    own = indent(services[name], "  ")
    (shop / COMPOSE).write_text(text.replace("\nvolumes:", f"\n{own}\nvolumes:"))
    assert shop.add("redis", "arq").code == 0
    judge.check(shop.root)
