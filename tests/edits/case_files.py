"""Cases of edits, read from the files in `cases/`. docs/testing.md describes their format."""

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PART = re.compile(r"^=== (.*)\n", re.MULTILINE)
SECTION = re.compile(r"^--- (.*)\n", re.MULTILINE)
ESCAPE = re.compile(r"\\(?:[\\nrtf]|x[0-9a-f]{2}|u[0-9a-f]{4}|$)", re.MULTILINE)
OUTCOMES = (["after"], ["after", "note"], ["already"], ["unable", "snippet"], ["error"])

Arguments = dict[str, Any]


@dataclass(frozen=True)
class Case:
    location: str
    function: str
    arguments: Arguments
    before: str
    outcome: dict[str, str]


def read_cases(path: Path) -> dict[str, Case]:
    """Return the cases of a file by name. An error begins with the file and the line."""
    cases: dict[str, Case] = {}
    constants: Arguments = {}
    line = 0
    _, *parts = PART.split(f"=== #\n{path.read_text('utf-8')}\n")
    for name, body in zip(parts[::2], parts[1::2], strict=True):
        location = f"{path}:{max(line, 1)}"
        if name in cases:
            raise ValueError(f"{location}: duplicate case `{name}`")
        try:
            if name.startswith("#"):
                constants |= read_constants(body)
            else:
                cases[name] = read_case(location, body, constants)
        except (SyntaxError, ValueError) as error:
            raise ValueError(f"{location}: {error}") from error
        line += 1 + body.count("\n")
    return cases


def read_constants(source: str) -> Arguments:
    constants = {}
    for statement in ast.parse(source).body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                constants[name] = ast.literal_eval(value)
            case _:
                raise ValueError("expected constants below a heading")
    return constants


def read_case(location: str, body: str, constants: Arguments) -> Case:
    source, *parts = SECTION.split(body)
    match ast.parse(source, mode="eval").body:
        case ast.Call(func=function, args=[], keywords=keywords):
            arguments = {str(each.arg): evaluate(each.value, constants) for each in keywords}
        case _:
            raise ValueError("expected a call with keyword arguments")
    titles, texts = parts[::2], map(unescape, parts[1::2])
    if titles[:1] != ["before"] or titles[1:] not in OUTCOMES:
        raise ValueError(f"unexpected sections: {', '.join(titles)}")
    sections = dict(zip(titles, texts, strict=True))
    return Case(location, ast.unparse(function), arguments, sections.pop("before"), sections)


def evaluate(node: ast.expr, constants: Arguments) -> Any:
    if not isinstance(node, ast.Name):
        return ast.literal_eval(node)
    if node.id not in constants:
        raise ValueError(f"unknown constant `{node.id}`")
    return constants[node.id]


def unescape(text: str) -> str:
    """Return the text of a section, without the blank lines that end it."""
    if "\\" in ESCAPE.sub("", text):
        raise ValueError(r"unknown escape: write `\\` for a backslash")
    if " \n" in text or not text.replace("\n", "").isprintable():
        raise ValueError(r"invisible character: write an escape such as `\t` or `\x20`")
    line = f"{text.rstrip()}\n" if text.strip() else ""
    return line.encode("latin-1", "backslashreplace").decode("unicode_escape")
