"""What the definition of a service says about the program that runs in it."""

import re
import shlex
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from paxx.edits.yaml import document, inheritance

_BRACED = r"\$\{(?:[^{}]|\{[^{}]*\})*\}"
_INTERPOLATION = re.compile(rf"(?<!\$)((?:\$\$)*)({_BRACED}|\$[A-Za-z_]\w*)")
_MARK = "\ue000"
_DEFAULT = re.compile(r"\$\{\w+:?-([^}]*)\}")
_OF_CONTAINER = re.compile(r"\$\$(?:\{(\w+)\}|(\w+))")


class UnreadableError(Exception):
    """A value that the Compose file does not hold; says where it is instead."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A service by its image, the words of its command line, and its variables.

    Values are as they are written: `${NAME}` is left to Compose. A partial one extends a service
    of another file.
    """

    name: str
    image: str
    words: tuple[str, ...]
    variables: Mapping[str, str]
    is_partial: bool = False
    has_variables_elsewhere: bool = False

    @property
    def program(self) -> str:
        """Return the last part of the image's name, without its tag."""
        return re.split(r"[:@]", self.image.rpartition("/")[2])[0]

    @property
    def tag(self) -> str:
        """Return the tag of the image, or nothing."""
        return self.image.rpartition("/")[2].partition("@")[0].partition(":")[2]

    def variable(self, *names: str, default: str | None = None) -> str:
        """Return the first of the variables that is set.

        Raises UnreadableError where one is read from a file, or none is set and has no default.
        """
        found = next((name for name in names if name in self.variables), None)
        if found is not None:
            return self.variables[found]
        is_in_file = any(f"{name}_FILE" in self.variables for name in names)
        if default is None or is_in_file or self.has_variables_elsewhere:
            raise UnreadableError(f"`{names[0]}` of `{self.name}` is not in the Compose file")
        return default

    def option(self, name: str) -> str | None:
        """Return the value of an option of the command line, None where it is not given.

        Upper case makes no difference, and of several the last one counts.
        Raises UnreadableError for one that a shell in the container computes.
        """
        for index, word in reversed([*enumerate(self.words)]):
            option, is_assigned, value = word.partition("=")
            if option.lower() == name:
                following = self.words[index + 1 : index + 2]
                return self._expanded(value if is_assigned else "".join(following))
        return None

    def _expanded(self, value: str) -> str:
        reference = _OF_CONTAINER.fullmatch(value)
        if reference is not None:
            return self.variable(reference[1] or reference[2])
        if "$$" in value or "`" in value:
            raise UnreadableError(f"`{self.name}` computes `{value}` when it starts")
        return value


def of(services: Mapping[str, Node], name: str) -> Definition:
    """Return the definition of a service, with what it inherits."""
    found, chain = inheritance.sections(services, name), inheritance.chain(services, name)
    variables: dict[str, str] = {}
    for each in reversed(chain):
        variables |= _variables(each.get("environment"))
    return Definition(
        name=name,
        image=with_defaults(document.scalar(found.get("image"))),
        words=(*_words(found.get("entrypoint")), *_words(found.get("command"))),
        variables=variables,
        is_partial=inheritance.extends_another_file(chain),
        has_variables_elsewhere="env_file" in found,
    )


def runs(services: Mapping[str, Node], name: str, command: Collection[str]) -> bool:
    """Tell whether a service runs a command, be it by way of a shell or another program."""
    written = " ".join(of(services, name).words).split()
    return {*command} <= {*written}


def with_defaults(text: str) -> str:
    """Return a text with each `${NAME:-default}` as its default."""
    return _DEFAULT.sub(r"\1", text)


def words(text: str) -> list[str]:
    """Return the words of a command line, also of one that a shell would not take."""
    interpolated = [found[0] for found in re.finditer(_BRACED, text)]
    marked = re.sub(_BRACED, _MARK, text)  # there may be spaces in a message or a default
    try:
        split = shlex.split(marked)
    except ValueError:
        split = marked.split()
    values = iter(interpolated)
    return [re.sub(_MARK, lambda _: next(values, _MARK), word) for word in split]


def in_url(value: str) -> str:
    """Return a value as part of a URL; what Compose interpolates stays as it is."""
    parts, end = [], 0
    for found in _INTERPOLATION.finditer(value):
        parts += [_quoted(value[end : found.start()] + found[1]), found[2]]
        end = found.end()
    return "".join([*parts, _quoted(value[end:])])


def _quoted(literal: str) -> str:
    return quote(literal.replace("$$", "$"), safe="")


def _words(command: Node | None) -> list[str]:
    if isinstance(command, SequenceNode):
        items = [document.scalar(each) for each in command.value]
    else:
        items = words(document.scalar(command))
    is_shell = "-c" in items
    return [word for each in items for word in words(each)] if is_shell else items


def _variables(section: Node | None) -> dict[str, str]:
    """Return the variables of a section; one without a value is passed on from outside."""
    if isinstance(section, MappingNode):
        pairs = document.complete(section).items()
        return {
            key: f"${{{key}}}" if str(value.tag).endswith(":null") else document.scalar(value)
            for key, value in pairs
        }
    items = section.value if isinstance(section, SequenceNode) else []
    parted = (document.scalar(each).partition("=") for each in items)
    return {key: value if assigned else f"${{{key}}}" for key, assigned, value in parted}
