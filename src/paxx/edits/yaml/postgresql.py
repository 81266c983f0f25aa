"""The address of a project's PostgreSQL on this machine, by its service in the Compose file."""

import re
from collections.abc import Mapping

from ruamel.yaml.nodes import Node

from paxx.edits.yaml import definition, document, inheritance, networks
from paxx.edits.yaml.connection import Connection, Readers
from paxx.edits.yaml.definition import Definition, UnreadableError, in_url

_PORT = 5432
_PROGRAMS = r"postgres|postgresql|postgis|pgvector|timescaledb(-ha)?"


def database(services: Mapping[str, Node], client: str | None) -> tuple[Connection, Readers]:
    """Return the one PostgreSQL of a file, or that which the client waits for, and its readers."""
    known = [definition.of(services, name) for name in services]
    found = [own for own in known if re.fullmatch(_PROGRAMS, own.program)]
    waits = document.keys(inheritance.sections(services, client or "").get("depends_on"))
    chosen = [own for own in found if own.name in waits] if len(found) > 1 else found
    own = chosen[0] if len(chosen) == 1 else Definition("PostgreSQL", "", (), {})
    return Connection(services, own, client), _READERS


def _login(server: Connection) -> str:
    own = _postgresql(server)
    user = own.variable("POSTGRES_USER", "POSTGRESQL_USERNAME", default="postgres")
    password = own.variable("POSTGRES_PASSWORD", "POSTGRESQL_PASSWORD")
    return f"{in_url(_on_the_host(own, user))}:{in_url(_on_the_host(own, password))}@"


def _name(server: Connection) -> str:
    own = _postgresql(server)
    user = own.variable("POSTGRES_USER", "POSTGRESQL_USERNAME", default="postgres")
    name = own.variable("POSTGRES_DB", "POSTGRESQL_DATABASE", default=user)
    return in_url(_on_the_host(own, name))


def _published(server: Connection) -> str:
    own = _postgresql(server)
    port = networks.published_port(server.services, own.name, _PORT)
    if port is None:
        raise UnreadableError(f"`{own.name}` publishes no fixed port on this machine")
    return f"localhost:{_on_the_host(own, port)}"


def _postgresql(server: Connection) -> Definition:
    if not server.own.image:
        raise UnreadableError("the Compose file has no PostgreSQL, or several")
    return server.own


def _on_the_host(own: Definition, value: str) -> str:
    """Return a value for a dotenv file, in which Compose replaces nothing."""
    plain = definition.with_defaults(value)
    if "$" in plain.replace("$$", ""):
        raise UnreadableError(f"`{value}` of `{own.name}` is set outside of the Compose file")
    return plain


_READERS: Readers = {
    "login": _login,
    "name": _name,
    "published": _published,
}
