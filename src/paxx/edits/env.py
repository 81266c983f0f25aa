"""Add variables to dotenv files, and take them out; a variable that is there keeps its value."""

import re
from collections.abc import Collection, Mapping, Sequence

from paxx.changes import Already, Edited, Outcome
from paxx.edits.splice import (
    Splice,
    after_line,
    apply,
    at_end,
    block_deletions,
    check_readable,
    insertion,
    is_blank_before,
    line_end,
    line_start,
    owned_start,
)

_ASSIGNMENT = re.compile(
    r"""^[ \t]*(?:export[ \t]+)?(?P<key>[A-Za-z_][\w.-]*)[ \t]*=[ \t]*
    (?P<value>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[^\r\n]*)""",
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
_PLAIN = re.compile(r"[\w./:@%+,=?&*~^!\[\]{}-]*")


def defined_keys(text: str) -> frozenset[str]:
    """Return the variables that the file sets, also to nothing; not those in comments."""
    return frozenset(found["key"] for found in _ASSIGNMENT.finditer(text))


def values(text: str) -> dict[str, str]:
    """Return what the file sets each variable to, without quotes."""
    return {found["key"]: _unquoted(found["value"]) for found in _ASSIGNMENT.finditer(text)}


def add_variables(
    text: str,
    comment: str,
    variables: Sequence[tuple[str, str, str]],
    before: Collection[str] = (),
) -> Outcome:
    """Add those of the variables (name, value, help) that are missing, under a comment.

    They go in front of the first variable of `before`, with its comment, else to the end.
    """
    check_readable(text)
    assignments = {found["key"]: found for found in _ASSIGNMENT.finditer(text)}
    missing = [variable for variable in variables if variable[0] not in assignments]
    if not missing:
        return _kept({key: found["value"] for key, found in assignments.items()}, variables)
    lines = "\n".join(line for variable in missing for line in _lines(*variable))
    own = [assignments[key].end() for key, _, _ in variables if key in assignments]
    if own:
        return Edited(apply(text, [after_line(text, max(own), lines)]))
    later = min((assignments[key].start() for key in before if key in assignments), default=None)
    return Edited(apply(text, [_place(text, f"# {comment}\n{lines}", later)]))


def remove_variables(
    text: str,
    comment: str,
    variables: Sequence[tuple[str, str, str]],
    before: Collection[str] = (),
) -> Outcome:
    """Take out those of the variables that have the value that was added, with their help.

    The comment above goes where nothing else stands below it.
    """
    del before
    check_readable(text)
    assignments = {found["key"]: found for found in _ASSIGNMENT.finditer(text)}
    there = [each for each in variables if each[0] in assignments]
    ours = [each for each in there if _is_ours(text, assignments[each[0]], each)]
    if not ours:
        listed = ", ".join(f"`{key}`" for key, _, _ in there)
        return Already(f"your value of {listed} stays" if there else None)
    spans = [_with_help(text, assignments[key].span(), note) for key, _, note in ours]
    return Edited(apply(text, block_deletions(text, spans, f"# {comment}")))


def _is_ours(text: str, assignment: re.Match[str], variable: tuple[str, str, str]) -> bool:
    rest = text[assignment.end() : line_end(text, assignment.end())]
    return assignment.group() == _lines(*variable)[-1] and not rest.strip()


def _with_help(text: str, span: tuple[int, int], note: str) -> tuple[int, int]:
    start = line_start(text, span[0])
    above = line_start(text, start - 1) if start else 0
    return (above if note and text[above:start].rstrip() == f"# {note}" else start), span[1]


def quoted(value: str) -> str:
    """Return the value as it has to be written, quoted only where it must be."""
    if _PLAIN.fullmatch(value):
        return value
    if not re.search(r"['\\\n]", value):
        return f"'{value}'"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _unquoted(value: str) -> str:
    quotes = re.fullmatch(r"(['\"])(.*)\1", value.strip(), re.DOTALL)
    return quotes[2] if quotes else re.split(r"\s#", value)[0].strip()


def _lines(key: str, value: str, text: str) -> list[str]:
    return [*([f"# {text}"] if text else []), f"{key}={quoted(value)}"]


def _place(text: str, block: str, later: int | None) -> Splice:
    if later is not None:
        start = owned_start(text, later)
        gap = "" if is_blank_before(text, start) else "\n"
        return insertion(start, f"{gap}{block}\n\n")
    return at_end(text, block)


def _kept(values: Mapping[str, str], variables: Sequence[tuple[str, str, str]]) -> Already:
    kept = [
        key
        for key, value, _ in variables
        if value != _unquoted(values[key]) and quoted(value) != values[key].strip()
    ]
    listed = ", ".join(f"`{key}`" for key in kept)
    return Already(f"your value of {listed} is kept" if kept else None)
