"""How to connect to the servers of a Compose file, by what their definitions say.

A service of the user's own that is kept has its own password, port and bucket.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from paxx.edits.inspected import Server
from paxx.edits.yaml import definition, document, inheritance, networks, postgresql
from paxx.edits.yaml.connection import Connection, check_program, port_of, read
from paxx.edits.yaml.definition import Definition, UnreadableError, in_url

_REDIS_PORT = 6379
_S3_PORT = 9000
_OTLP_PORT = 4317
_REDIS_DATABASES = 3
"""Components use the databases 0 to 2."""

_FLAGS = ("REDIS_ARGS", "REDIS_EXTRA_FLAGS", "VALKEY_EXTRA_FLAGS")
"""Variables that hold options of the server, in images of Redis."""

_REDIS_PROGRAM = re.compile(
    r"([\w./-]*/)?((redis|valkey|keydb)-server|dragonfly|docker-entrypoint\.sh)"
    r"|/opt/bitnami/scripts/\w+/run\.sh"
)
_OF_SHELL = re.compile(r"[|&;<>]")
_OFFICIAL_REDIS = re.compile(r"(docker\.io/)?((library/)?redis|valkey/valkey)([:@].*)?")
_CONFIGURING = re.compile(r"pass|port|auth|user|acl|tls|conf|args|flags", re.IGNORECASE)
_ELSEWHERE = ("--aclfile", "--flagfile", "--include", "--user")
"""Options of Redis by which a password may be in a file, or belong to a user."""

_MADE_BY_CLIENT = re.compile(r"\bmc\s+mb\s+(?:-\S+\s+)*[\w.-]+/([a-z0-9][a-z0-9.-]+)")
_MADE_BY_SERVER = re.compile(r"\bmkdir\s+-p\s+/data/([a-z0-9][a-z0-9.-]+)")
_FIRST_BUCKET = re.compile(r"\$\{[^}]*\}|[\w.-]+")


def inspect(text: str, blocks: Mapping[str, str], client: str | None) -> dict[str, Server]:
    """Return how `client` connects to each of the servers that paxx knows.

    `blocks` are the bodies of the services that the file gets where it lacks them.
    """
    rendered = "".join(f"{name}:\n{_indented(block)}" for name, block in blocks.items())
    services = document.pairs(document.read(rendered)) | inheritance.services(text)
    found = {
        name: read(Connection(services, definition.of(services, name), client), readers)
        for name, readers in _READERS.items()
        if name in services
    }
    return {**found, "database": read(*postgresql.database(services, client))}


def _indented(block: str) -> str:
    return "".join(f"  {line}\n" for line in block.splitlines())


def _redis_options(own: Definition) -> Definition:
    """Return the definition with the options alone, without what starts the server."""
    check_program(own, r"(redis|valkey|keydb|dragonfly)(-stack)?(-server)?")
    _check_variables(own)
    starts = [index for index, word in enumerate(own.words) if _REDIS_PROGRAM.fullmatch(word)]
    options = own.words[starts[-1] + 1 :] if starts else own.words
    is_script = not starts and options and not options[0].startswith("-")
    if is_script or ("-c" in own.words and any(map(_OF_SHELL.search, options))):
        raise UnreadableError(f"`{own.name}` is started by `{own.words[0]}`")
    flags = [own.variables[name] for name in _FLAGS if name in own.variables]
    return replace(own, words=(*options, *definition.words(" ".join(flags))))


def _check_variables(own: Definition) -> None:
    """Raise UnreadableError for variables by which an image that is not known may configure it."""
    if _OFFICIAL_REDIS.fullmatch(own.image) or "bitnami" in own.image:
        return
    others = own.variables.keys() - {*_FLAGS}
    if own.has_variables_elsewhere or any(map(_CONFIGURING.search, others)):
        raise UnreadableError(f"variables configure `{own.name}`, whose image paxx does not know")


def _redis_login(server: Connection) -> str:
    own = _redis_options(server.own)
    password = own.option("--requirepass")
    file = next((word for word in own.words[:1] if not word.startswith("--")), None)
    is_elsewhere = any(own.option(name) is not None for name in _ELSEWHERE)
    is_computed = any("$$" in word for word in own.words)
    if is_elsewhere or (password is None and (file or is_computed)):
        place = f"`{file}`" if file else "a file, a list of users or a variable"
        raise UnreadableError(f"the password of `{own.name}` is in {place}")
    if password is None and "bitnami" in own.image:
        is_open = own.variables.get("ALLOW_EMPTY_PASSWORD", "").lower() in {"yes", "true", "1"}
        password = own.variable(
            "REDIS_PASSWORD", "VALKEY_PASSWORD", default="" if is_open else None
        )
    return f":{in_url(password)}@" if password else ""


def _redis_address(server: Connection) -> str:
    own = _redis_options(server.own)
    port = own.option("--port")
    if port is None and "bitnami" in own.image:
        names = ("REDIS_PORT_NUMBER", "VALKEY_PORT_NUMBER")
        port = own.variable(*names, default=str(_REDIS_PORT))
    if port == "0" or own.option("--tls-port") or own.option("--cluster-enabled") == "yes":
        raise UnreadableError(f"`{own.name}` is a cluster, or takes TLS or a socket alone")
    databases = own.option("--databases") or str(_REDIS_DATABASES)
    if re.fullmatch(r"[0-9]{1,9}", databases) and int(databases) < _REDIS_DATABASES:
        raise UnreadableError(f"`{own.name}` has fewer than {_REDIS_DATABASES} databases")
    return server.address(port_of(port, _REDIS_PORT))


def _s3(server: Connection) -> Definition:
    check_program(server.own, r"minio|silo|aistor")
    return server.own


def _s3_address(server: Connection) -> str:
    own = _s3(server)
    if own.option("--certs-dir"):
        raise UnreadableError(f"`{own.name}` takes TLS alone")
    return server.address(_s3_port(own))


def _s3_port(own: Definition) -> int:
    return port_of((own.option("--address") or "").rpartition(":")[2] or None, _S3_PORT)


def _s3_published(server: Connection) -> str:
    own = _s3(server)
    port = networks.published_port(server.services, own.name, _s3_port(own))
    if port is None:
        raise UnreadableError(f"`{own.name}` publishes no fixed port of its S3 on this machine")
    return f"localhost:{port}"


def _s3_user(server: Connection) -> str:
    own = _s3(server)
    default = "minio" if "bitnami" in own.image else "minioadmin"
    return own.variable("MINIO_ROOT_USER", "MINIO_ACCESS_KEY", default=default)


def _s3_password(server: Connection) -> str:
    own = _s3(server)
    default = "miniosecret" if "bitnami" in own.image else "minioadmin"
    return own.variable("MINIO_ROOT_PASSWORD", "MINIO_SECRET_KEY", default=default)


def _s3_bucket(server: Connection) -> str:
    own = _s3(server)
    listed = _FIRST_BUCKET.match(own.variables.get("MINIO_DEFAULT_BUCKETS", ""))
    made = _MADE_BY_SERVER.search(" ".join(own.words))
    if listed or made:
        return (listed[0] if listed else "") or (made[1] if made else "")
    for name in server.services:
        created = _MADE_BY_CLIENT.search(" ".join(definition.of(server.services, name).words))
        if created:
            return created[1]
    raise UnreadableError(f"no bucket is created in `{own.name}`")


def _otlp_address(server: Connection) -> str:
    own = server.own
    check_program(own, r"jaeger|all-in-one|opentelemetry-collector(-contrib)?")
    is_off = own.variables.get("COLLECTOR_OTLP_ENABLED", "true").lower() == "false"
    old = re.match(r"1\.([0-9]{1,4})\b", own.tag)  # the first one to take OTLP by itself is 1.35
    if is_off or (old and int(old[1]) < 35 and "COLLECTOR_OTLP_ENABLED" not in own.variables):
        raise UnreadableError(f"`{own.name}` does not take OTLP")
    return server.address(_OTLP_PORT)


_READERS: dict[str, dict[str, Callable[[Connection], str]]] = {
    "jaeger": {"address": _otlp_address},
    "minio": {
        "address": _s3_address,
        "bucket": _s3_bucket,
        "password": _s3_password,
        "published": _s3_published,
        "user": _s3_user,
    },
    "redis": {"address": _redis_address, "login": _redis_login},
}
