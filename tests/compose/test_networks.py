"""Services that work together are on a network together, or the command reports it."""

import pytest

from tests.cases.by_hand import replace
from tests.compose import judge
from tests.harness import Outcome, Shop

pytestmark = pytest.mark.integration

COMPOSE = "docker-compose.yml"
BUILD = "    build: .\n"
PORTS = '    ports:\n      - "127.0.0.1:${APP_PORT:-8000}:8000"\n'
DATABASE = "    image: postgres:17-alpine\n"


def put(shop: Shop, application: str, top_level: str = "", more: str = "") -> dict[str, bytes]:
    """Give the application a section, and the file services and networks; return the files."""
    replace(shop, COMPOSE, BUILD, f"{BUILD}    {application}\n")
    if "network_mode" in application or "extends" in application:
        replace(shop, COMPOSE, "@db:5432", "@localhost:5432")
        replace(shop, COMPOSE, PORTS, "")
    replace(shop, COMPOSE, "services:\n", f"services:\n{more}")
    replace(shop, COMPOSE, "\nvolumes:\n", f"\n{top_level}volumes:\n")
    return shop.tree()


def warnings(outcome: Outcome) -> list[str]:
    """Return the warnings of a command that did everything."""
    assert outcome.code == 0, outcome
    found: list[str] = outcome.json["warnings"]
    return found


@pytest.mark.parametrize(
    ("application", "joined"),
    [
        ("networks: [backend]", {"backend"}),
        ("networks: [proxy, backend]", {"backend"}),
        ("networks: {frontend: {aliases: [api]}, backend: }", {"frontend"}),
        ("networks: [default, backend]", {"default"}),
        ("networks: []", {"default"}),
    ],
)
def test_new_service_joins_a_network_of_the_application(
    shop: Shop, application: str, joined: set[str]
) -> None:
    networks = "networks:\n  proxy: {external: true}\n  backend:\n  frontend:\n\n"
    replace(shop, COMPOSE, DATABASE, f"{DATABASE}    networks: [{', '.join(joined)}]\n")
    before = put(shop, application, networks)
    assert warnings(shop.add("redis", "arq", "storage", "metrics", "--json")) == []
    services = judge.check(shop.root)
    for name in ("redis", "minio", "jaeger"):
        assert services[name]["networks"].keys() == joined
    assert services["worker"]["networks"].keys() == services["app"]["networks"].keys()
    assert shop.remove("redis", "arq", "storage", "metrics").code == 0
    assert shop.tree() == before


def test_new_service_joins_the_network_of_what_the_application_waits_for(shop: Shop) -> None:
    put(shop, "networks: [frontend, backend]", "networks:\n  backend:\n  frontend:\n\n")
    replace(shop, COMPOSE, DATABASE, f"{DATABASE}    networks: [backend]\n")
    assert warnings(shop.add("redis", "--json")) == []
    assert judge.check(shop.root)["redis"]["networks"].keys() == {"backend"}


def test_service_is_removed_after_the_application_joined_another_network(shop: Shop) -> None:
    shop.add("redis")
    replace(shop, COMPOSE, DATABASE, f"{DATABASE}    networks: [backend]\n")
    put(shop, "networks: [backend]", "networks:\n  backend:\n\n")
    assert shop.remove("redis").code == 0
    assert "redis" not in judge.check(shop.root)


def test_external_network_is_not_joined(shop: Shop) -> None:
    put(shop, "networks: [proxy]", "networks:\n  proxy: {external: true}\n\n")
    assert warnings(shop.add("redis", "--json")) == [
        f"{COMPOSE}: `app` is on `proxy` and does not reach `redis`, which is on the default"
        " network"
    ]


@pytest.mark.parametrize(
    ("application", "server", "places"),
    [
        ("networks: [backend]", "networks: [cache]", ("`backend`", "`cache`")),
        ("networks: [default]", "networks: [cache]", ("the default network", "`cache`")),
        ("network_mode: none", "expose: []", ("`network_mode: none`", "the default network")),
        ("expose: []", "network_mode: host", ("the default network", "`network_mode: host`")),
    ],
)
def test_kept_service_on_another_network_is_reported(
    shop: Shop, application: str, server: str, places: tuple[str, str]
) -> None:
    redis = f"  redis:\n    image: redis:7\n    {server}\n"
    put(shop, application, "networks:\n  backend:\n  cache:\n\n", redis)
    assert warnings(shop.add("redis", "--json")) == [
        f"{COMPOSE}: `app` is on {places[0]} and does not reach `redis`, which is on {places[1]}"
    ]


def test_kept_service_on_a_network_of_the_application_is_reached(shop: Shop) -> None:
    replace(shop, COMPOSE, DATABASE, f"{DATABASE}    networks: [backend]\n")
    redis = "  redis:\n    image: redis:7\n    networks: {cache: {aliases: [kv]}}\n"
    put(shop, "networks: [backend, cache]", "networks:\n  backend:\n  cache:\n\n", redis)
    assert warnings(shop.add("redis", "--json")) == []
    judge.check(shop.root)


SHARED = (
    "  base:\n    image: base\n    network_mode: host\n"
    "  vpn:\n    image: vpn\n    networks: [backend]\n"
)


@pytest.mark.parametrize("application", ["network_mode: host", "extends: base"])
def test_application_on_the_network_of_the_host_uses_the_published_ports(
    shop: Shop, application: str
) -> None:
    before = put(shop, application, "networks:\n  backend:\n\n", SHARED)
    assert warnings(shop.add("redis", "arq", "storage", "--json")) == []
    variables = judge.check(shop.root)["app"]["environment"]
    assert variables["REDIS_URL"] == "redis://localhost:6379/0"
    assert variables["STORAGE_S3_ENDPOINT_URL"] == "http://localhost:9000"
    assert shop.remove("redis", "arq", "storage").code == 0
    assert shop.tree() == before


def test_application_in_the_network_of_another_service_reaches_what_that_one_does(
    shop: Shop,
) -> None:
    put(shop, "network_mode: service:vpn", "networks:\n  backend:\n\n", SHARED)
    assert warnings(shop.add("redis", "--json")) == []
    assert judge.resolved(shop.root)["services"]["redis"]["networks"].keys() == {"backend"}


def test_circle_of_shared_networks_ends(shop: Shop) -> None:
    other = "  vpn:\n    image: vpn\n    network_mode: service:app\n"
    put(shop, "network_mode: service:vpn", more=other)
    assert warnings(shop.add("redis", "--json")) == [
        f"{COMPOSE}: `app` is on `network_mode: service:app` and does not reach `redis`, which is"
        " on the default network"
    ]


@pytest.mark.parametrize("names", ["api web", "api web admin"])
def test_several_built_services_are_not_said_to_be_missing(shop: Shop, names: str) -> None:
    services = "".join(f"  {name}:\n    build: ./{name}\n" for name in names.split())
    (shop / COMPOSE).write_text(f"services:\n{services}")
    listed = ", ".join(f"`{name}`" for name in names.split())
    outcome = shop.add("arq", "--json")
    assert outcome.code == 5
    assert outcome.json["warnings"] == [
        f"cannot tell which service of `{COMPOSE}` is the application: {listed};"
        " set `ARQ_REDIS_URL` in its environment"
    ]
    [worker] = [step for step in outcome.json["steps"] if step["key"] == "worker"]
    assert worker["note"] == f"cannot tell which service is the application: {listed}"


def test_variable_to_set_has_the_prefix_of_the_settings(shop: Shop) -> None:
    replace(
        shop, "settings.py", 'env_file=".env",', 'env_file=".env",\n        env_prefix="SHOP_",'
    )
    (shop / COMPOSE).write_text("services:\n  db:\n    image: postgres:17\n")
    assert warnings(shop.add("redis", "--json")) == [
        f"`{COMPOSE}` has no service for the application; set `SHOP_REDIS_URL` where it runs"
    ]


@pytest.mark.parametrize(
    ("application", "message"),
    [
        ("entrypoint: ./wait.sh", "`worker` inherits the entrypoint of `app`"),
        ("extends: {file: base.yml, service: web}", "`app` extends a service of another file"),
    ],
)
def test_what_the_worker_inherits_unseen_is_reported(
    shop: Shop, application: str, message: str
) -> None:
    (shop / "base.yml").write_text("services:\n  web:\n    image: web\n")
    put(shop, application)
    [found] = warnings(shop.add("arq", "--json"))
    assert found.startswith(f"{COMPOSE}: {message}")
    judge.check(shop.root)


@pytest.mark.parametrize(
    ("include", "files"),
    [
        ("include: [infra.yml, {path: [a.yml, b.yml]}, {path: c.yml}, {}]\n", "infra a b c"),
        ("", ""),
    ],
)
def test_included_and_override_files_are_reported(shop: Shop, include: str, files: str) -> None:
    compose = shop / COMPOSE
    compose.write_text(include + compose.read_text())
    (shop / "docker-compose.override.yml").write_text("services: {}\n")
    names = [*(f"{name}.yml" for name in files.split()), "docker-compose.override.yml"]
    assert warnings(shop.add("redis", "--json")) == [
        f"paxx does not read `{name}`: check that it does not define or change `redis`"
        for name in names
    ]
    assert not warnings(shop.add("websocket", "--json"))
