"""What is read from a server of a Compose file for the service that connects to it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ruamel.yaml.nodes import Node

from paxx.edits.inspected import Server
from paxx.edits.yaml import networks
from paxx.edits.yaml.definition import Definition, UnreadableError

_PLACEHOLDERS = {
    "login": ":<password of {}>@",
    "name": "<name of the database>",
    "published": "<host of {}>",
}


@dataclass(frozen=True, slots=True)
class Connection:
    """A server, and the service that connects to it."""

    services: Mapping[str, Node]
    own: Definition
    client: str | None

    def address(self, port: int) -> str:
        """Return the host and the port by which the client finds a port of the server."""
        found = networks.address(self.services, self.client, self.own.name, port)
        if found is None:
            raise UnreadableError(
                f"`{self.client}` is on the network of the host, and `{self.own.name}` publishes"
                " no port there"
            )
        return found


Readers = Mapping[str, Callable[[Connection], str]]


def read(server: Connection, readers: Readers) -> Server:
    """Return what the readers find, and placeholders for what is not in the file."""
    values, unknown = {}, {}
    for key, read in readers.items():
        try:
            values[key] = read(server)
        except UnreadableError as error:
            values[key] = _PLACEHOLDERS.get(key, f"<{key} of {{}}>").format(server.own.name)
            unknown[values[key]] = str(error)
    return Server(values, unknown)


def check_program(own: Definition, pattern: str) -> None:
    """Raise UnreadableError for a service that runs another program."""
    if own.is_partial:
        raise UnreadableError(f"your `{own.name}` extends a service of another file")
    if not re.fullmatch(pattern, own.program):
        what = f"the image `{own.image}`" if own.image else "an image of its own"
        raise UnreadableError(f"your `{own.name}` runs {what}, which paxx does not know")


def port_of(written: str | None, default: int) -> int:
    """Return a port as a number; raises UnreadableError for one that is not written as such."""
    if written is None:
        return default
    if not re.fullmatch(r"[0-9]{1,5}", written):
        raise UnreadableError(f"the port `{written}` is not a number")
    return int(written)
