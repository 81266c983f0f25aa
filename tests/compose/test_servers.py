"""What the definition of a server says about how to connect to it."""

from textwrap import indent

import pytest

from paxx.edits import yaml
from paxx.edits.inspected import Server

APPLICATION = "services:\n  app:\n    build: .\n"


def inspected(name: str, definition: str, more: str = "") -> Server:
    """Return what is known of a service with this definition."""
    body = indent(definition, "    ")
    return yaml.inspect_stack(f"{APPLICATION}  {name}:\n{body}\n{more}", {}).servers[name]


REDIS_URLS = {
    "plain": ("image: redis:7", "redis://redis:6379"),
    "option": (
        "image: redis:7\ncommand: redis-server --requirepass s3cret",
        "redis://:s3cret@redis:6379",
    ),
    "option-in-a-folded-scalar": (
        "image: redis:7\ncommand: >\n  redis-server\n  --requirepass s3cret\n  --port 6380",
        "redis://:s3cret@redis:6380",
    ),
    "option-in-a-list": (
        'image: redis:7\ncommand: ["redis-server", "--requirepass", "s3cret"]',
        "redis://:s3cret@redis:6379",
    ),
    "option-assigned": (
        "image: docker.dragonflydb.io/dragonflydb/dragonfly\ncommand: --requirepass=s3cret",
        "redis://:s3cret@redis:6379",
    ),
    "quoted": (
        "image: redis:7\ncommand: redis-server --requirepass 'p@ss/w:rd'",
        "redis://:p%40ss%2Fw%3Ard@redis:6379",
    ),
    "folded": (
        "image: bitnami/redis:7.4\nenvironment:\n  REDIS_PASSWORD: >-\n    a\n    b",
        "redis://:a%20b@redis:6379",
    ),
    "bell": (
        'image: bitnami/redis:7.4\nenvironment: {REDIS_PASSWORD: "a\\ab"}',
        "redis://:a%07b@redis:6379",
    ),
    "dollar": (
        "image: redis:7\nenvironment: {PW: a$$b}\ncommand: redis-server --requirepass $$PW",
        "redis://:a%24b@redis:6379",
    ),
    "interpolated": (
        "image: redis:7\ncommand: redis-server --requirepass ${REDIS_PASSWORD:-s3cret}",
        "redis://:${REDIS_PASSWORD:-s3cret}@redis:6379",
    ),
    "interpolated-or-refused": (
        "image: redis:7\ncommand: redis-server --requirepass ${SET:?SET must be set} --port 6380",
        "redis://:${SET:?SET must be set}@redis:6380",
    ),
    "variable-in-a-shell": (
        'image: redis:7\ncommand: ["sh", "-c", "exec redis-server --requirepass \\"$${PW}\\""]\n'
        "environment:\n  - PW=s3cret",
        "redis://:s3cret@redis:6379",
    ),
    "entrypoint": (
        'image: redis:7\nentrypoint: ["redis-server", "--requirepass", "s3cret"]',
        "redis://:s3cret@redis:6379",
    ),
    "bitnami": (
        "image: bitnami/redis:7.4\nenvironment:\n  REDIS_PASSWORD: s3cret",
        "redis://:s3cret@redis:6379",
    ),
    "bitnami-passed-on": (
        "image: bitnami/redis:7.4\nenvironment:\n  REDIS_PASSWORD:",
        "redis://:${REDIS_PASSWORD}@redis:6379",
    ),
    "bitnami-open": (
        'image: bitnami/valkey:8\nenvironment:\n  - ALLOW_EMPTY_PASSWORD="yes"',
        None,
    ),
    "bitnami-open-in-a-mapping": (
        'image: bitnami/valkey:8\nenvironment: {ALLOW_EMPTY_PASSWORD: "yes"}',
        "redis://redis:6379",
    ),
    "official-ignores-the-variable": (
        "image: redis:7\nenvironment: {REDIS_PASSWORD: s3cret}",
        "redis://redis:6379",
    ),
    "stack": (
        "image: redis/redis-stack-server:7.4.0-v1\n"
        'environment: {REDIS_ARGS: "--requirepass s3cret --maxmemory 1gb"}',
        "redis://:s3cret@redis:6379",
    ),
    "port": ("image: valkey/valkey:8\ncommand: valkey-server --port 6380", "redis://redis:6380"),
    "image-in-a-variable": ('image: "${REDIS_IMAGE:-redis:7}"', "redis://redis:6379"),
    "digest": ("image: redis@sha256:" + "0" * 64, "redis://redis:6379"),
    "configuration": (
        "image: redis:7\ncommand: redis-server /etc/redis.conf --requirepass s3cret",
        "redis://:s3cret@redis:6379",
    ),
    "configuration-of-another-name": (
        "image: redis:7\ncommand: redis-server /usr/local/etc/redis/redis.cfg",
        None,
    ),
    "configuration-from-a-pipe": (
        'image: redis:7\ncommand: sh -c "echo requirepass foo | redis-server -"',
        None,
    ),
    "included": ("image: redis:7\ncommand: redis-server --include /etc/redis/secure", None),
    "upper-case": (
        "image: redis:7\ncommand: redis-server --REQUIREPASS s3cret --Port 6380",
        "redis://:s3cret@redis:6380",
    ),
    "twice": (
        "image: redis:7\ncommand: redis-server --requirepass old --requirepass s3cret",
        "redis://:s3cret@redis:6379",
    ),
    "options-alone": (
        "image: redis:7\ncommand: --requirepass s3cret",
        "redis://:s3cret@redis:6379",
    ),
    "script": ("image: redis:7\ncommand: /start.sh", None),
    "script-in-a-shell": ("image: redis:7\ncommand: bash -ec 'redis-server --port 6380'", None),
    "shell-with-more": (
        "image: redis:7\ncommand: sh -c 'redis-server --port 6380 & /configure.sh'",
        None,
    ),
    "shell-with-a-command-before": (
        "image: redis:7\ncommand: sh -c 'rm -f /data/x && redis-server --requirepass s3cret'",
        "redis://:s3cret@redis:6379",
    ),
    "options-in-a-variable": (
        "image: redis:7\ncommand: sh -c 'redis-server --appendonly yes $$OPTIONS'",
        None,
    ),
    "socket": ("image: redis:7\ncommand: redis-server --port 0 --unixsocket /tmp/x", None),
    "port-of-bitnami": (
        "image: bitnami/redis\nenvironment: {REDIS_PASSWORD: s3cret, REDIS_PORT_NUMBER: 6380}\n"
        "command: /opt/bitnami/scripts/redis/run.sh --maxmemory 100mb",
        "redis://:s3cret@redis:6380",
    ),
    "variables-of-an-unknown-image": (
        "image: ghcr.io/dragonflydb/dragonfly\nenvironment: {DFLY_requirepass: s3cret}",
        None,
    ),
    "variables-in-a-file-of-an-unknown-image": ("image: eqalpha/keydb\nenv_file: x", None),
    "zone-of-an-unknown-image": (
        "image: eqalpha/keydb\nenvironment: [TZ=UTC]",
        "redis://redis:6379",
    ),
    "configuration-alone": ("image: redis:7\ncommand: redis-server /etc/redis.conf", None),
    "users": ("image: redis:7\ncommand: redis-server --aclfile /etc/users.acl", None),
    "secret": (
        "image: redis:7\n"
        'command: ["sh", "-c", "redis-server --requirepass \\"$$(cat /run/secrets/redis)\\""]',
        None,
    ),
    "secret-of-bitnami": (
        "image: bitnami/redis\nenvironment: {REDIS_PASSWORD_FILE: /run/secrets/redis}",
        None,
    ),
    "variables-in-a-file": ("image: bitnami/redis\nenv_file: redis.env", None),
    "variable-that-is-not-there": (
        "image: redis:7\ncommand: sh -c 'redis-server --requirepass $$PW'",
        None,
    ),
    "tls": ("image: redis:7\ncommand: redis-server --port 0 --tls-port 6379", None),
    "cluster": ("image: redis:7\ncommand: redis-server --cluster-enabled yes", None),
    "one-database": ("image: redis:7\ncommand: redis-server --databases 1", None),
    "port-in-a-variable": ("image: redis:7\ncommand: redis-server --port ${REDIS_PORT}", None),
    "another-program": ("image: rediscommander/redis-commander", None),
    "built": ("image: shop-redis\nbuild: ./redis", None),
    "built-without-a-name": ("build: ./redis", None),
    "another-file": ("image: redis:7\nextends: {file: base.yml, service: redis}", None),
    "superscript-port": ("image: redis:7\ncommand: redis-server --port ²", None),
    "superscript-databases": (
        "image: redis:7\ncommand: redis-server --databases ²",
        "redis://redis:6379",
    ),
    "private-character": ("image: redis:7\ncommand: redis-server \ue000", None),
    "quote-that-is-open": ('image: redis:7\ncommand: redis-server --save "', "redis://redis:6379"),
}


@pytest.mark.parametrize(("definition", "url"), REDIS_URLS.values(), ids=REDIS_URLS)
def test_redis_is_reached_as_its_definition_says_or_not_at_all(
    definition: str, url: str | None
) -> None:
    found = inspected("redis", definition)
    written = f"redis://{found.values['login']}{found.values['address']}"
    is_known = not any(placeholder in written for placeholder in found.unknown)
    assert (written if is_known else None) == url


def test_what_is_unknown_has_a_placeholder_and_a_reason() -> None:
    found = inspected("redis", "image: redis:7\ncommand: redis-server /etc/redis.conf")
    assert found.values == {"login": ":<password of redis>@", "address": "redis:6379"}
    assert found.unknown == {
        ":<password of redis>@": "the password of `redis` is in `/etc/redis.conf`"
    }


S3 = {
    "defaults": ("image: minio/minio", {"user": "minioadmin", "password": "minioadmin"}),
    "variables": (
        "image: quay.io/minio/minio:latest\n"
        "environment:\n  MINIO_ROOT_USER: root\n  MINIO_ROOT_PASSWORD: ${MINIO_PASSWORD}",
        {"user": "root", "password": "${MINIO_PASSWORD}", "address": "minio:9000"},
    ),
    "older-variables": (
        "image: minio/minio\nenvironment:\n  - MINIO_ACCESS_KEY=key\n  - MINIO_SECRET_KEY=sec$$ret",
        {"user": "key", "password": "sec$$ret"},
    ),
    "bitnami": (
        "image: bitnami/minio\nenvironment: {MINIO_DEFAULT_BUCKETS: 'media:public,other'}",
        {"user": "minio", "password": "miniosecret", "bucket": "media"},
    ),
    "bucket-in-a-variable": (
        "image: bitnami/minio\nenvironment: {MINIO_DEFAULT_BUCKETS: '${BUCKET:-media}'}",
        {"bucket": "${BUCKET:-media}"},
    ),
    "port": (
        "image: minio/minio\ncommand: server /data --address ':9002'\n"
        'ports: ["127.0.0.1:9100:9002", "9001:9001"]',
        {"address": "minio:9002", "published": "localhost:9100"},
    ),
    "published-in-a-variable": (
        'image: minio/minio\nports: ["${MINIO_PORT:-9000}:9000/tcp"]',
        {"published": "localhost:${MINIO_PORT:-9000}"},
    ),
    "published-in-long-form": (
        "image: minio/minio\nports:\n  - {target: 9001, published: 1}\n"
        '  - target: 9000\n    published: "9100"',
        {"published": "localhost:9100"},
    ),
    "published-in-a-range": (
        'image: minio/minio\nports: ["9100-9101:9000-9001", "8000-8001:8000-8001"]\n'
        "command: server /data --address :9001",
        {"published": "localhost:9101"},
    ),
    "published-somewhere-in-a-range": (
        'image: minio/minio\nports: ["9100-9101:9000", "9200:9000-9001"]',
        {"published": None},
    ),
    "folder": (
        'image: minio/minio\nentrypoint: ["sh", "-c", "mkdir -p /data/files && minio server"]',
        {"bucket": "files"},
    ),
    "not-published": ('image: minio/minio\nports: ["9000", "9001:9001"]', {"published": None}),
    "variables-in-a-file": ("image: minio/minio\nenv_file: s3.env", {"user": None}),
    "secret": (
        "image: minio/minio\nenvironment: {MINIO_ROOT_PASSWORD_FILE: /run/secrets/s3}",
        {"user": "minioadmin", "password": None},
    ),
    "no-bucket": ("image: minio/minio", {"bucket": None}),
    "tls": ("image: minio/minio\ncommand: server --certs-dir /certs /data", {"address": None}),
    "another-program": ("image: localstack/localstack", {"address": None, "user": None}),
}


@pytest.mark.parametrize(("definition", "values"), S3.values(), ids=S3)
def test_s3_is_used_as_its_definition_says_or_not_at_all(
    definition: str, values: dict[str, str | None]
) -> None:
    found = inspected("minio", definition)
    for key, value in values.items():
        assert (None if found.values[key] in found.unknown else found.values[key]) == value


@pytest.mark.parametrize(
    "client",
    [
        'entrypoint: >\n  /bin/sh -c "mc alias set s3 http://minio:9000 a b;\n'
        '  /usr/bin/mc mb --ignore-existing s3/media; exit 0"',
        'command: ["mc", "mb", "s3/media"]',
    ],
    ids=["shell", "words"],
)
def test_bucket_is_the_one_that_another_service_creates(client: str) -> None:
    more = f"  buckets:\n    image: minio/mc\n{indent(client, '    ')}\n"
    assert inspected("minio", "image: minio/minio", more).values["bucket"] == "media"


OTLP = {
    "all-in-one": ("image: jaegertracing/all-in-one:1.62", "jaeger:4317"),
    "newer": ("image: jaegertracing/jaeger:2.19.0", "jaeger:4317"),
    "without-a-tag": ("image: jaegertracing/all-in-one", "jaeger:4317"),
    "old": ("image: jaegertracing/all-in-one:1.30", None),
    "old-and-enabled": (
        "image: jaegertracing/all-in-one:1.30\nenvironment: {COLLECTOR_OTLP_ENABLED: 'true'}",
        "jaeger:4317",
    ),
    "switched-off": (
        "image: jaegertracing/all-in-one:1.62\nenvironment: [COLLECTOR_OTLP_ENABLED=false]",
        None,
    ),
    "another-program": ("image: jaegertracing/jaeger-query", None),
}


@pytest.mark.parametrize(("definition", "address"), OTLP.values(), ids=OTLP)
def test_traces_go_where_a_collector_takes_them(definition: str, address: str | None) -> None:
    found = inspected("jaeger", definition)
    assert (None if found.unknown else found.values["address"]) == address


def test_value_is_inherited_from_another_service_of_the_file() -> None:
    more = "  base:\n    command: redis-server --requirepass s3cret\n  loop:\n    extends: loop\n"
    found = inspected("redis", "image: redis:7\nextends: {service: base}", more)
    assert found.values["login"] == ":s3cret@"


@pytest.mark.parametrize(
    ("mode", "definition", "address"),
    [
        ("host", 'ports: ["6380:6379"]', "localhost:6380"),
        ("host", "network_mode: host", "localhost:6379"),
        ("host", "expose: [6379]", None),
        ("bridge", "expose: [6379]", "redis:6379"),
    ],
)
def test_application_on_the_network_of_the_host_takes_the_published_port(
    mode: str, definition: str, address: str | None
) -> None:
    text = f"services:\n  app:\n    build: .\n    network_mode: {mode}\n"
    redis = f"  redis:\n    image: redis:7\n    {definition}\n"
    found = yaml.inspect_stack(text + redis, {}).servers["redis"]
    assert (None if found.unknown else found.values["address"]) == address


def test_server_that_is_yet_to_come_is_read_from_its_body() -> None:
    found = yaml.inspect_stack(APPLICATION, {"redis": "image: redis:7", "other": "image: x"})
    assert found.servers["redis"].values == {"login": "", "address": "redis:6379"}
    assert found.servers.keys() == {"redis", "database"}
