"""Cutting the Compose fragment of a component."""

from paxx import catalog
from paxx.expand import fragments

FRAGMENT = """services:
  cache:
    image: redis:7-alpine
    ports:
      - "127.0.0.1:${CACHE_PORT:-6379}:6379"
    healthcheck:
      test: ["CMD", "redis-cli", "ping"]
    volumes:
      - data:/data

  plain:
    image: busybox

volumes:
  data:
  named:
    driver: local
"""


def test_services_and_volumes_are_cut_out_as_text() -> None:
    fragment = fragments.read(FRAGMENT)
    assert fragment.services["plain"] == "image: busybox"
    assert fragment.services["cache"].startswith("image: redis:7-alpine\nports:\n  - ")
    assert fragment.volumes == {"data": "", "named": "driver: local"}


def test_no_fragment_has_neither() -> None:
    assert fragments.read("") == fragments.Fragment({}, {})


def test_a_volume_goes_with_the_service_that_mounts_it() -> None:
    fragment = fragments.read(FRAGMENT)
    assert (fragment.user_of("data"), fragment.user_of("named")) == ("cache", "")


def test_published_ports_come_with_the_variable_that_moves_them() -> None:
    assert fragments.ports(fragments.read(FRAGMENT).services["cache"]) == [(6379, "CACHE_PORT")]


def test_a_service_with_a_health_check_is_waited_for_until_healthy() -> None:
    components = catalog.load_all()
    assert fragments.start_condition("redis", components) == "service_healthy"
    assert fragments.start_condition("nobody", components) == "service_started"
