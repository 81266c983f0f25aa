"""The worker is the application with another command, and nothing of it that exists once."""

from typing import Any

import pytest

from tests.cases.by_hand import replace
from tests.compose import judge
from tests.harness import Shop

pytestmark = pytest.mark.integration

COMPOSE = "docker-compose.yml"
BUILD = "    build: .\n"
ONCE = {
    *("container_name", "hostname", "domainname", "mac_address", "ports", "expose"),
    *("labels", "label_file", "scale", "devices", "post_start", "pre_stop"),
}

ONLY_ONCE = {
    "name": "container_name: shop-web",
    "host": "hostname: web\n    domainname: example.org",
    "hardware-address": "mac_address: 02:42:ac:11:65:43",
    "expose": 'expose: ["8000"]',
    "traefik": (
        "labels:\n"
        '      - "traefik.enable=true"\n'
        '      - "traefik.http.routers.shop.rule=Host(`shop.example.org`)"'
    ),
    "caddy": 'labels: {caddy: shop.example.org, caddy.reverse_proxy: "{{upstreams 8000}}"}',
    "label-file": "label_file: [labels.env]",
    "replicas": "deploy:\n      replicas: 3\n      resources: {limits: {memory: 1G}}",
    "swarm": "deploy:\n      mode: replicated\n      labels: {traefik.enable: 'true'}",
    "scale": "scale: 2",
    "device": 'devices: ["/dev/ttyUSB0:/dev/ttyUSB0"]',
    "hooks": "post_start: [{command: ./register.sh}]\n    pre_stop: [{command: ./leave.sh}]",
    "alias": "networks:\n      default:\n        aliases: [api]",
    "address": "networks:\n      default: {ipv4_address: 172.20.0.5, ipv6_address: '2001:db8::5'}",
    "disabled-check": "healthcheck: {disable: true}",
    "no-check": 'healthcheck: {test: ["NONE"]}',
}


@pytest.fixture(autouse=True)
def _labels(shop: Shop) -> None:
    """Write the file that one of the services names."""
    (shop / "labels.env").write_text("traefik.enable=true\n")


def worker_of(shop: Shop) -> dict[str, Any]:
    """Add arq, and return the worker of a file that the judge accepts."""
    outcome = shop.add("arq")
    assert outcome.code == 0, outcome
    return judge.check(shop.root)["worker"]


def is_undone_by_removal(shop: Shop, before: dict[str, bytes]) -> bool:
    """Tell whether adding again is nothing, and removal leaves no trace."""
    assert shop.add("arq").stdout.startswith("nothing to do")
    assert shop.remove("arq").code == 0
    return shop.tree() == before


@pytest.mark.parametrize("section", ONLY_ONCE.values(), ids=ONLY_ONCE)
def test_worker_inherits_nothing_that_exists_once(shop: Shop, section: str) -> None:
    replace(shop, COMPOSE, BUILD, f"{BUILD}    {section}\n")
    before = shop.tree()
    worker = worker_of(shop)
    assert not worker.keys() & ONCE
    assert not worker.get("deploy", {}).keys() & {"replicas", "labels"}
    assert worker["healthcheck"]["test"] == ["CMD", "arq", "--check", "core.tasks.WorkerSettings"]
    assert "disable" not in worker["healthcheck"]
    assert is_undone_by_removal(shop, before)


def test_worker_keeps_limits_and_networks_of_the_application(shop: Shop) -> None:
    limits = "deploy:\n      replicas: 2\n      resources: {limits: {memory: 1G}}"
    network = "networks:\n      default:\n      edge: {aliases: [api]}"
    replace(shop, COMPOSE, BUILD, f"{BUILD}    {limits}\n    {network}\n")
    replace(shop, COMPOSE, "\nvolumes:\n", "\nnetworks:\n  edge:\n\nvolumes:\n")
    worker = worker_of(shop)
    assert worker["deploy"]["resources"] == {"limits": {"memory": "1073741824"}}
    assert worker["networks"].keys() == {"default", "edge"}


def test_worker_inherits_nothing_that_exists_once_through_anchors_and_extends(shop: Shop) -> None:
    base = (
        "x-proxy: &proxy\n  labels: {traefik.enable: 'true'}\n  scale: 2\n\n"
        "services:\n  base:\n    <<: *proxy\n    image: base\n    profiles: [never]\n\n"
    )
    replace(shop, COMPOSE, "services:\n", base)
    replace(shop, COMPOSE, BUILD, f"{BUILD}    extends: {{service: base}}\n    profiles: []\n")
    before = shop.tree()
    assert shop.add("arq").code == 0
    worker = judge.resolved(shop.root, COMPOSE, "*")["services"]["worker"]
    assert not worker.keys() & ONCE
    assert is_undone_by_removal(shop, before)


def test_worker_does_not_inherit_what_the_application_gets_later(shop: Shop) -> None:
    worker_of(shop)
    sections = "container_name: web\n    labels: [traefik.enable=true]"
    replace(shop, COMPOSE, BUILD, f"{BUILD}    {sections}\n")
    assert not judge.check(shop.root)["worker"].keys() & ONCE


def test_variable_that_attracts_requests_is_reset_in_a_mapping(shop: Shop) -> None:
    variables = "      VIRTUAL_HOST: a.example\n      ENVIRONMENT:"
    replace(shop, COMPOSE, "      ENVIRONMENT:", variables)
    before = shop.tree()
    worker = worker_of(shop)
    assert worker["environment"]["ENVIRONMENT"] == "development"
    assert "VIRTUAL_HOST" not in worker["environment"]
    assert is_undone_by_removal(shop, before)


def test_variable_that_attracts_requests_in_a_list_makes_the_worker_a_manual_step(
    shop: Shop,
) -> None:
    text = (shop / COMPOSE).read_text()
    listed = "      - ENVIRONMENT=development\n      - VIRTUAL_HOST=a.example\n"
    section = text[text.index("      DATABASE_URL") : text.index("    depends_on")]
    (shop / COMPOSE).write_text(text.replace(section, listed))
    outcome = shop.add("arq")
    assert outcome.code == 5
    assert "it would inherit `VIRTUAL_HOST` from the list `environment` of `app`" in outcome.stdout
    assert "worker" not in judge.check(shop.root)
