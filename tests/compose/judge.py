"""Judge a Compose file: by Docker Compose, and by what a stack needs beyond a valid file."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

Services = dict[str, dict[str, Any]]

PROXY_LABELS = ("traefik", "caddy", "ofelia")
PROXY_VARIABLES = ("VIRTUAL_", "LETSENCRYPT_")
ADDRESSES = ("ipv4_address", "ipv6_address", "mac_address", "aliases", "link_local_ips")


def resolved(root: Path, path: str = "docker-compose.yml", *profiles: str) -> dict[str, Any]:
    """Return the file as Docker Compose understands it; raises AssertionError for its refusal."""
    program = str(Path(sys.executable).parent / "docker-compose")
    chosen = [option for profile in profiles for option in ("--profile", profile)]
    command = [program, "-f", path, *chosen, "config", "--format", "json"]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    data: dict[str, Any] = json.loads(result.stdout)
    return data


def check(root: Path, path: str = "docker-compose.yml") -> Services:
    """Return the services of a file that is valid and consistent; else raise AssertionError."""
    enabled = resolved(root, path)["services"]
    services: Services = resolved(root, path, "*")["services"]
    assert [*problems(services, enabled)] == []
    return services


def problems(services: Services, enabled: Services) -> Iterator[str]:
    """Yield what is shared by mistake, what is waited for in vain, and what is not reached."""
    yield from _shared(services)
    for name, service in services.items():
        yield from _waits(name, service, services, enabled)
        yield from _addresses(name, service, services)


def _shared(services: Services) -> Iterator[str]:
    owned = {name: {*_exclusive(service)} for name, service in services.items()}
    for left, right in combinations(services, 2):
        yield from (f"{left} and {right} share {each}" for each in owned[left] & owned[right])


def _exclusive(service: dict[str, Any]) -> Iterator[str]:
    for key in ("container_name", "hostname", "domainname", "mac_address"):
        if key in service:
            yield f"{key} {service[key]}"
    for port in service.get("ports", ()):
        if "published" in port:
            yield f"port {port.get('host_ip', '')}:{port['published']}/{port['protocol']}"
    for name, settings in (service.get("networks") or {}).items():
        for key in ADDRESSES:
            if settings and key in settings:
                yield f"{key} {settings[key]} on {name}"
    labels = {**service.get("labels", {}), **service.get("deploy", {}).get("labels", {})}
    yield from (f"label {key}" for key in labels if key.startswith(PROXY_LABELS))
    variables = service.get("environment") or {}
    yield from (f"variable {key}" for key in variables if key.startswith(PROXY_VARIABLES))
    yield from (f"device {each['source']}" for each in service.get("devices", ()))


def _waits(
    name: str, service: dict[str, Any], services: Services, enabled: Services
) -> Iterator[str]:
    for other, how in service.get("depends_on", {}).items():
        if name in enabled and other not in enabled and how.get("required"):
            yield f"{name} waits for {other}, which is disabled"
        test = services[other].get("healthcheck", {}).get("test", ["NONE"])
        if how["condition"] == "service_healthy" and test[0] == "NONE":
            yield f"{name} waits for {other}, which never is healthy"


def _addresses(name: str, service: dict[str, Any], services: Services) -> Iterator[str]:
    for key, value in (service.get("environment") or {}).items():
        url = urlsplit(str(value))
        target = services.get(url.hostname or "") if url.scheme else None
        if target is None:
            continue
        if not _networks(service) & _networks(target):
            yield f"{name} does not reach {url.hostname}, which {key} names"
        expected = _password(target)
        if url.scheme.startswith(("redis", "postgres")) and unquote(url.password or "") != expected:
            yield f"{key} of {name} has another password than {url.hostname}"
    yield from _keys(name, service, services)


def _networks(service: dict[str, Any]) -> set[str]:
    return {*service.get("networks", {})}


def _password(service: dict[str, Any]) -> str:
    """Return the password that a Redis or PostgreSQL server asks for."""
    variables = service.get("environment") or {}
    flags = variables.get("REDIS_ARGS", "")
    words = [*(service.get("entrypoint") or ()), *(service.get("command") or ()), flags]
    found = re.search(r"--requirepass[ =]+['\"]?([^\s'\"]+)", " ".join(words))
    written = found[1] if found else variables.get("POSTGRES_PASSWORD", "")
    if "bitnami" in service.get("image", ""):
        written = variables.get("REDIS_PASSWORD", written)
    reference = re.fullmatch(r"\$\$\{?(\w+)\}?", written)
    return str(variables[reference[1]] if reference else written).replace("$$", "$")


def _keys(name: str, service: dict[str, Any], services: Services) -> Iterator[str]:
    variables = service.get("environment") or {}
    host = urlsplit(variables.get("STORAGE_S3_ENDPOINT_URL", "")).hostname or ""
    own = services.get(host, {}).get("environment") or {}
    for key, names in (
        ("STORAGE_S3_ACCESS_KEY", ("MINIO_ROOT_USER", "MINIO_ACCESS_KEY")),
        ("STORAGE_S3_SECRET_KEY", ("MINIO_ROOT_PASSWORD", "MINIO_SECRET_KEY")),
    ):
        expected = next((own[each] for each in names if each in own), "minioadmin")
        if host in services and variables.get(key) != expected:
            yield f"{key} of {name} is not that of {host}"
