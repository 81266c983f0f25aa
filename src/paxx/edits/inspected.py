"""What inspections of files find out: data alone, so that no parser is loaded for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Server:
    """How to connect to a server; `unknown` maps a placeholder among the values to the reason."""

    values: Mapping[str, str]
    unknown: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Variables:
    """The environment variables of settings, by the rule of the Settings class.

    `names` are those that are read for each setting, the one to write first; `unknown` says of
    settings why theirs are not known.
    """

    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unknown: Mapping[str, str] = field(default_factory=dict)
    is_case_sensitive: bool = False

    def of(self, setting: str) -> tuple[str, ...]:
        """Return the variables of a setting; where they are not known, its name in capitals."""
        return self.names.get(setting) or (setting.upper(),)


@dataclass(frozen=True, slots=True)
class Stack:
    """A Compose file: the application's own service, and what it needs to reach others.

    `network` is the one that new services join, None for the default one; `servers` are the
    known ones by service.
    """

    app: str | None = None
    network: str | None = None
    servers: Mapping[str, Server] = field(default_factory=dict)
