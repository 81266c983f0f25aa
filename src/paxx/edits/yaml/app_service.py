"""Add environment variables and dependencies to one service of a Compose file.

Entries are put behind the last one that sorts before theirs, whatever the form of the section.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from paxx.changes import Already, Edited, Outcome, Unable
from paxx.edits import sequence
from paxx.edits.naming import EXACT, READ_BY_DEFAULT, Naming, sort_key
from paxx.edits.sequence import Literal
from paxx.edits.splice import Splice, after_line, apply
from paxx.edits.yaml import document, entries, inheritance
from paxx.edits.yaml.inspection import disabled_by, has_healthcheck

_BOOLEAN = re.compile(r"y|n|yes|no|on|off", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Addition:
    """An entry in each form that its section may have: lines, inline pair, list item."""

    service: str
    section: str
    key: str
    lines: list[str]
    pair: str
    item: str
    naming: Naming = EXACT

    @property
    def path(self) -> tuple[str, str, str]:
        """Return the keys that lead to the section."""
        return ("services", self.service, self.section)

    @property
    def value(self) -> Any:
        """Return the value of the entry as data."""
        return document.parsed("\n".join(self.lines))[self.key]

    def snippet(self, section: Node | None = None) -> str:
        """Return the lines to add by hand, in the form that the section has."""
        own = [f"- {self.item}"] if isinstance(section, SequenceNode) else self.lines
        lines = [f"{self.section}:", *entries.indented(own, 2)]
        return "\n".join(entries.indented(lines, 4))


def add_environment(
    text: str, service: str, key: str, value: str, naming: Naming = READ_BY_DEFAULT
) -> Outcome:
    """Add a variable to the environment of a service; one that is there is kept.

    Where its name or its value is not known, it is left to the user.
    """
    return _add(text, variable(service, key, value, naming))


def add_depends_on(text: str, service: str, name: str, condition: str) -> Outcome:
    """Make a service wait for another one; the condition is left out where there is a list.

    A service without a health check never gets healthy, so there it is enough that it started.
    One that may be disabled is optional, which a list cannot say.
    """
    wanted = dependency(text, service, name, condition)
    cause = disabled_by(text, service, name)
    section = inheritance.sections(inheritance.services(text), service).get("depends_on")
    if cause and isinstance(section, SequenceNode) and name not in document.keys(section):
        return Already(f"`{service}` does not wait for your `{name}`, which has {cause}")
    return _add(text, wanted)


def variable(service: str, key: str, value: str, naming: Naming = EXACT) -> Addition:
    """Return a variable for the environment of a service."""
    pair = f"{key}: {_scalar(value)}"
    item = _scalar(f"{key}={value}")
    return Addition(service, "environment", key, [pair], pair, item, naming)


def dependency(text: str, service: str, name: str, condition: str) -> Addition:
    """Return another service for a service to wait for, as it is written in this file."""
    if not has_healthcheck(text, name):
        condition = "service_started"
    how = [f"condition: {condition}"]
    if disabled_by(text, service, name):
        how.append("required: false")
    lines = [f"{name}:", *entries.indented(how, 2)]
    pair = f"{name}: {{{', '.join(how)}}}"
    return Addition(service, "depends_on", name, lines, pair, name)


def _add(text: str, wanted: Addition) -> Outcome:
    root = document.read(text)
    services = document.child(root, "services")
    service = document.child(services, wanted.service)
    if not isinstance(services, MappingNode) or service is None:
        return Unable(f"there is no service `{wanted.service}`", wanted.snippet())
    section = document.child(service, wanted.section)
    inherited = document.merged(service).get(wanted.section)
    own = inherited if section is None else section
    bases = inheritance.chain(document.pairs(services), wanted.service)[1:]
    for each in (own, *(base.get(wanted.section) for base in bases)):
        there = present(each, wanted)
        if there is not None:
            return there
    if wanted.naming.reason:
        return Unable(wanted.naming.reason, wanted.snippet(section))
    if section is None and inherited is not None:
        reason = f"`{wanted.section}` is merged from an anchor"
        return Unable(reason, wanted.snippet(inherited))
    splices = _splices(text, services, service, wanted)
    edited = apply(text, splices or [])
    expected = document.with_value(document.plain(root), wanted.path, _expected(section, wanted))
    if document.result(edited) != expected:
        return Unable(_why(service, section, wanted), wanted.snippet(section))
    return Edited(edited)


def _why(service: Node, section: Node | None, wanted: Addition) -> str:
    if service.anchor:
        return f"`{wanted.service}` is shared with others by an anchor"
    if section is not None and section.anchor:
        return f"`{wanted.section}` is shared with others by an anchor"
    return f"`{wanted.section}` is written in a way that paxx does not edit"


def present(section: Node | None, wanted: Addition) -> Already | None:
    """Return what is there under the key, with a note where it says something else."""
    found = document.merged(section) | document.pairs(section)
    is_list = isinstance(section, SequenceNode)
    key = wanted.naming.find(wanted.key, document.keys(section) if is_list else found)
    if section is None or key is None:
        return None
    if is_list:
        written = section.value[keys_of(section).index(key)].value
        expected = document.parsed(wanted.item)[1]
        is_ours = written.removeprefix(key) == expected.removeprefix(wanted.key)
    else:
        value = document.plain(found[key])
        if wanted.section == "depends_on":
            return Already(detail=inheritance.differences(value, wanted.value))
        is_ours = value[1] == wanted.value[1]
    return Already(None if is_ours else f"your `{key}` is kept")


def _expected(section: Node | None, wanted: Addition) -> Any:
    data = document.plain(section)
    if isinstance(section, SequenceNode):
        index = _index(keys_of(section), wanted.key)
        return [*data[:index], document.parsed(wanted.item), *data[index:]]
    return document.with_value(data, (wanted.key,), wanted.value)


def _splices(
    text: str, services: MappingNode, service: Node, wanted: Addition
) -> list[Splice] | None:
    body = entries.own_block(text, services, wanted.service)
    section = document.child(service, wanted.section)
    if body is None or not isinstance(service, MappingNode):
        return None
    column = body[0].column
    step = column - int(services.start_mark.column)
    body_lines = [line.replace("  ", " " * step, 1) for line in wanted.lines]
    if section is None:
        keys = [key.value for key, _ in service.value]
        is_last = wanted.section == "environment" and keys[-1] == "depends_on"
        lines = [f"{wanted.section}:", *entries.indented(body_lines, step)]
        return [entries.insert(text, body, len(keys) - is_last, lines)]
    if document.is_unset(section):
        lines = entries.indented(body_lines, column + step)
        return [after_line(text, entries.key_start(service, wanted.section), "\n".join(lines))]
    if not document.is_block(section):
        return _inline(text, section, wanted)
    siblings = entries.own_block(text, service, wanted.section)
    if siblings is None:
        return None
    is_list = isinstance(section, SequenceNode)
    lines = [f"- {wanted.item}"] if is_list else body_lines
    return [entries.insert(text, siblings, _index(keys_of(section), wanted.key), lines)]


def _inline(text: str, section: Node, wanted: Addition) -> list[Splice] | None:
    if not isinstance(section, MappingNode | SequenceNode):
        return None
    start, end = int(section.start_mark.index), int(section.end_mark.index)
    is_list = isinstance(section, SequenceNode)
    new = wanted.item if is_list else wanted.pair
    if not section.value:
        return [Splice(start + 1, end - 1, new)]
    index = _index(keys_of(section), wanted.key)
    return sequence.insert(text, spans(section), index, new, "  ")


def spans(section: MappingNode | SequenceNode) -> Literal:
    """Return where the items of a section in flow style are."""
    start, end = int(section.start_mark.index), int(section.end_mark.index)
    is_list = isinstance(section, SequenceNode)
    pairs = ((each, each) if is_list else each for each in section.value)
    items = [(int(first.start_mark.index), int(last.end_mark.index)) for first, last in pairs]
    return Literal(start + 1, end - 1, tuple(items))


def keys_of(section: Node) -> list[str]:
    """Return the keys of a section in their order, whether it is a mapping or a list."""
    if isinstance(section, SequenceNode):
        return document.keys(section)
    return [str(key.value) for key, _ in section.value]


def _index(keys: list[str], key: str) -> int:
    rank = sort_key(key)
    smaller = (index + 1 for index, each in enumerate(keys) if sort_key(each) < rank)
    return max(smaller, default=0)


def _scalar(value: str) -> str:
    """Return the value as a YAML scalar that every parser reads as a string."""
    is_plain = document.result(f"[{value}]") == [("tag:yaml.org,2002:str", value)]
    is_text = document.result(f"k: {value}") == {"k": ("tag:yaml.org,2002:str", value)}
    if is_plain and is_text and not _BOOLEAN.fullmatch(value):
        return value
    return json.dumps(value, ensure_ascii=False)
