"""Add variables to dotenv files, and take them out; a variable that is there keeps its value."""

import re
from collections.abc import Collection, Mapping, Sequence

from paxx.changes import Already, Edited, Outcome, Unable
from paxx.edits.naming import READ_BY_DEFAULT, Naming
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
    r"""^[ \t]*(?:export[ \t]+)?(?P<key>[^\s=#'"]+)[ \t]*=[ \t]*
    (?P<value>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[^\r\n]*)""",
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
_COMMENT = re.compile(r"^#.*$", re.MULTILINE)
_DATABASES = {
    "mariadb": "MariaDB",
    "mysql": "MySQL",
    "postgresql": "PostgreSQL",
    "sqlite": "SQLite",
}
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
    naming: Naming = READ_BY_DEFAULT,
) -> Outcome:
    """Add those of the variables (name, value, help) that are missing, under a comment.

    They go in front of the first variable or heading of `before`, such as `# Logging`, else to
    the end. Where it is not known how they are called, they are left to the user.
    """
    check_readable(text)
    assignments = {found["key"]: found for found in _ASSIGNMENT.finditer(text)}
    keys = {name: naming.find(name, assignments) for name, _, _ in variables}
    missing = [variable for variable in variables if keys[variable[0]] is None]
    there = {name: assignments[key] for name, key in keys.items() if key is not None}
    kept = _kept(there, variables)
    if not missing:
        return kept
    lines = "\n".join(line for variable in missing for line in _lines(*variable))
    if naming.unknown:
        return Unable(naming.unknown, f"# {comment}\n{lines}")
    if there:
        end = max(found.end() for found in there.values())
        detail = ", ".join(name for name, _, _ in missing)
        return Edited(apply(text, [after_line(text, end, lines)]), note=kept.note, detail=detail)
    following = (naming.find(name, assignments) for name in before)
    places = [assignments[key].start() for key in following if key]
    comments = _COMMENT.finditer(_without_values(text))
    places += [each.start() for each in comments if each[0].rstrip() in before]
    later = min(places, default=None)
    return Edited(apply(text, [_place(text, f"# {comment}\n{lines}", later)]))


def replace_database(
    text: str, variable: str, url: str, purpose: str, naming: Naming = READ_BY_DEFAULT
) -> Outcome:
    """Let a variable that points to SQLite point to the database that a purpose requires.

    A variable that is not there is not added. One that points elsewhere is left to the user, as is
    one for which the URL is not known.
    """
    check_readable(text)
    found = _settings(text, variable, naming)
    if not found:
        return Already()
    key, value = found[-1]["key"], _unquoted(found[-1]["value"])
    problem = database_problem(key, value, url, purpose)
    if not problem:
        return Already()
    if _dialect(value) != "sqlite" or naming.reason:
        reason = f"{problem}; {naming.reason}" if naming.reason else problem
        return Unable(reason, f"{key}={quoted(url)}")
    start, end = found[-1].span("value")
    return Edited(apply(text, [Splice(start, end, quoted(url))]))


def database_problem(variable: str, value: str, url: str, purpose: str) -> str:
    """Return what is wrong with a URL whose dialect is another one than required, or nothing."""
    if _dialect(value) == _dialect(url):
        return ""
    required, actual = (_DATABASES.get(each, each) for each in map(_dialect, (url, value)))
    return f"{purpose} requires {required}, but {variable} points to {actual}"


def _dialect(url: str) -> str:
    return re.split(r"[+:]", url)[0]


def remove_variables(
    text: str,
    comment: str,
    variables: Sequence[tuple[str, str, str]],
    before: Collection[str] = (),
    naming: Naming = READ_BY_DEFAULT,
) -> Outcome:
    """Take out those of the variables that have the value that was added, with their help.

    A variable with another comment at it, or set twice, is the user's. The comment above goes
    where nothing else stands below it.
    """
    del before
    check_readable(text)
    heading = f"# {comment}"
    found = [(each, _settings(text, each[0], naming)) for each in variables]
    spans = {
        variable[0]: (start, settings[0].end())
        for variable, settings in found
        if len(settings) == 1
        and (start := _own_start(text, settings[0], variable, heading)) is not None
    }
    left = tuple(key for (key, _, _), settings in found if settings and key not in spans)
    if not spans:
        listed = ", ".join(f"`{key}`" for key in left)
        return Already(f"your value of {listed} stays" if listed else None)
    return Edited(apply(text, block_deletions(text, list(spans.values()), heading)), left)


def _without_values(text: str) -> str:
    """Return text of the same length in which no line of a value looks like a comment."""
    return _ASSIGNMENT.sub(lambda found: re.sub(r"[^\r\n]", "=", found[0]), text)


def _settings(text: str, name: str, naming: Naming) -> list[re.Match[str]]:
    return [each for each in _ASSIGNMENT.finditer(text) if naming.find(name, [each["key"]])]


def _own_start(
    text: str, found: re.Match[str], variable: tuple[str, str, str], heading: str
) -> int | None:
    """Return where the lines of the variable begin; None when they are not as we write them."""
    name, value, help_text = variable
    behind = text[found.end() : line_end(text, found.end())]
    is_commented = behind.strip() or re.match(r"[^'\"].*\s#", found["value"])
    is_plain = found[0].lstrip().startswith(name)
    if is_commented or not is_plain or not _says(found["value"], value):
        return None
    text = _without_values(text)
    start = line_start(text, found.start())
    if help_text and _line_above(text, start) == f"# {help_text}":
        start = line_start(text, start - 1)
    above = _line_above(text, start)
    return None if above.startswith("#") and above != heading else start


def _line_above(text: str, start: int) -> str:
    return text[line_start(text, start - 1) : start].strip() if start else ""


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


def _says(written: str, value: str) -> bool:
    return value == _unquoted(written) or quoted(value) == written.strip()


def _lines(key: str, value: str, text: str) -> list[str]:
    return [*([f"# {text}"] if text else []), f"{key}={quoted(value)}"]


def _place(text: str, block: str, later: int | None) -> Splice:
    if later is not None:
        start = owned_start(_without_values(text), later)
        gap = "" if is_blank_before(text, start) else "\n"
        return insertion(start, f"{gap}{block}\n\n")
    return at_end(text, block)


def _kept(there: Mapping[str, re.Match[str]], variables: Sequence[tuple[str, str, str]]) -> Already:
    found = [(there[name], value) for name, value, _ in variables if name in there]
    kept = [each["key"] for each, value in found if not _says(each["value"], value)]
    listed = ", ".join(f"`{key}`" for key in kept)
    return Already(f"your value of {listed} is kept" if kept else None)
