"""Edit the requirements of a `pyproject.toml`: tree-sitter locates, `tomllib` judges."""

from typing import Any

from tree_sitter import Node

from paxx import documents
from paxx.changes import Already, Edited, Outcome, Unable
from paxx.edits import computed, requirements, sequence, toml_tree
from paxx.edits.requirements import Conflicting, Extended, normalised_name
from paxx.edits.sequence import Literal
from paxx.edits.splice import Splice, after_line, apply, at_end, check_readable, holds
from paxx.edits.syntax_tree import Source
from paxx.edits.toml_tree import Path
from paxx.errors import UnsupportedProject


def add_dependency(text: str, requirement: str, group: str | None = None) -> Outcome:
    """Add a requirement to the dependencies of the project or to a dependency group.

    It goes behind the last entry whose name sorts before its own. An entry for the same
    package is kept; only extras that it lacks are added to it. Raises UnsupportedProject for
    the layout of Poetry 1.
    """
    data = read(text)
    if group is None and computed.is_computed(data):
        return computed.outcome(data, requirement)
    path = ("dependency-groups", _group(data, group)) if group else ("project", "dependencies")
    snippet = f'[{path[0]}]\n{path[1]} = [\n    "{_escaped(requirement)}",\n]'
    reason = _refusal(data, path)
    if reason is not None:
        return Unable(reason, snippet)
    present = _at(data, path) or []
    source = toml_tree.parse(text)
    same = _same(present, requirement)
    if same:
        verdict = requirements.compare(requirement, same)
        if isinstance(verdict, Conflicting):
            return Unable(f"`{verdict.theirs}` excludes `{requirement}`", snippet)
        if not isinstance(verdict, Extended):
            return Already(verdict.note, _differences(same, requirement))
        splices = _extended(source, path, verdict)
        expected = [*present[: verdict.index], verdict.text, *present[verdict.index + 1 :]]
    else:
        index = _index(present, requirement)
        splices = _added(source, path, index, requirement)
        expected = [*present[:index], requirement, *present[index:]]
    edited = apply(text, splices or [])
    table = {**data.get(path[0], {}), path[1]: expected}
    if not holds(lambda: read(edited) == {**data, path[0]: table}):
        return Unable(f"`{'.'.join(path)}` is written in a way that cannot be edited", snippet)
    return Edited(edited)


def remove_dependency(text: str, requirement: str, group: str | None = None) -> Outcome:
    """Take out the requirement where it is as it was added; raises as `add_dependency` does."""
    data = read(text)
    path = ("dependency-groups", _group(data, group)) if group else ("project", "dependencies")
    present = _at(data, path)
    same = _same(present, requirement)
    ours = [index for index, entry in same if requirements.is_same(entry, requirement)]
    if not ours:
        return Already(f"your `{same[0][1]}` stays" if same else None)
    if len(ours) > 1:
        return Already(f"`{requirement}` is there more than once and stays")
    index = ours[0]
    source = toml_tree.parse(text)
    array = toml_tree.value(source, path)
    splices = [] if array is None else sequence.remove(text, _spans(source, array), index)
    if splices is None:
        return Already(f"`{requirement}` has a comment of yours and stays")
    edited = apply(text, splices)
    table = {**data[path[0]], path[1]: [*present[:index], *present[index + 1 :]]}
    if not holds(lambda: read(edited) == {**data, path[0]: table}):
        reason = f"`{'.'.join(path)}` is written in a way that cannot be edited"
        return Unable(reason, present[index])
    return Edited(edited)


def excluding(text: str, constraint: str) -> str | None:
    """Return the requirement of the project, in any group, that leaves no version for it."""
    data = read(text)
    project = _table(data, "project")
    lists = [
        project.get("dependencies"),
        *_table(project, "optional-dependencies").values(),
        *_table(data, "dependency-groups").values(),
    ]
    for entries in lists:
        verdict = requirements.compare(constraint, _same(entries, constraint))
        if isinstance(verdict, Conflicting):
            return verdict.theirs
    return None


def read(text: str) -> dict[str, Any]:
    """Return the data; raises FileSyntaxError, UnsupportedProject for the layout of Poetry 1."""
    check_readable(text)
    data = documents.parse_toml(text)
    if "project" not in data and "poetry" in _table(data, "tool"):
        raise UnsupportedProject(
            "dependencies are kept in `[tool.poetry]`, which is not the standard `[project]` table",
            hint="move them to `[project]`, which Poetry reads since version 2, then try again",
        )
    return data


def _refusal(data: dict[str, Any], path: Path) -> str | None:
    if path[0] == "project" and not isinstance(data.get("project"), dict):
        return "there is no `[project]` table"
    is_table = isinstance(data.get(path[0], {}), dict)
    if not is_table or not isinstance(_at(data, path), list | None):
        return f"`{'.'.join(path)}` is not a list"
    return None


def _group(data: dict[str, Any], name: str) -> str:
    """Return the name of a dependency group as the file has it; `Dev` and `dev` are the same."""
    present = _table(data, "dependency-groups")
    found = (each for each in present if normalised_name(each) == normalised_name(name))
    return next(found, name)


def _same(entries: Any, requirement: str) -> list[tuple[int, str]]:
    """Return the entries for the package of the requirement, with their indexes."""
    return [
        (index, entry)
        for index, entry in enumerate(entries if isinstance(entries, list) else [])
        if isinstance(entry, str) and normalised_name(entry) == normalised_name(requirement)
    ]


def _differences(same: list[tuple[int, str]], requirement: str) -> str:
    if any(requirements.is_same(entry, requirement) for _, entry in same):
        return ""
    return f"it is {', '.join(f'`{entry}`' for _, entry in same)}"


def _table(data: dict[str, Any], name: str) -> dict[str, Any]:
    table = data.get(name)
    return table if isinstance(table, dict) else {}


def _at(data: dict[str, Any], path: Path) -> Any:
    return _table(data, path[0]).get(path[1])


def _index(entries: list[Any], requirement: str) -> int:
    name = normalised_name(requirement)
    smaller = (
        index + 1
        for index, entry in enumerate(entries)
        if isinstance(entry, str) and normalised_name(entry) < name
    )
    return max(smaller, default=0)


def _extended(source: Source, path: Path, verdict: Extended) -> list[Splice] | None:
    array = toml_tree.value(source, path)
    if array is None:
        return None
    start, end = source.span(toml_tree.items(array)[verdict.index])
    quote = source.text[start]
    return [Splice(start, end, f"{quote}{verdict.text}{quote}")]


def _added(source: Source, path: Path, index: int, requirement: str) -> list[Splice] | None:
    array = toml_tree.value(source, path)
    if array is None:
        return _created(source, path, requirement)
    item = _quoted(requirement, [source.of(item) for item in toml_tree.items(array)])
    return sequence.insert(source.text, _spans(source, array), index, item, toml_tree.unit(source))


def _spans(source: Source, array: Node) -> Literal:
    return Literal(
        start=source.start(array) + 1,
        end=source.end(array) - 1,
        items=tuple(source.span(item) for item in toml_tree.items(array)),
    )


def _created(source: Source, path: Path, requirement: str) -> list[Splice] | None:
    """Return the splices that write the missing list, in the style of the table it goes to."""
    text, (table, key) = source.text, path
    lines = f"{key} = [\n{toml_tree.unit(source)}{_quoted(requirement, [])},\n]"
    inline = toml_tree.value(source, (table,))
    if inline is not None:
        pairs = [node for node in inline.named_children if node.type == "pair"]
        literal = Literal(0, 0, tuple(source.span(node) for node in pairs))
        entry = f"{key} = [{_quoted(requirement, [])}]"
        return sequence.insert(text, literal, len(pairs), entry, "") if pairs else None
    siblings = [(found, node) for found, node in toml_tree.pairs(source) if found[:1] == (table,)]
    own = [(found, node) for found, node in siblings if toml_tree.header(source, node) == (table,)]
    dotted = [(found, node) for found, node in siblings if toml_tree.header(source, node) == ()]
    if own or dotted:
        prefix = "" if own else f"{table}."
        return [after_line(text, source.end((own or dotted)[-1][1]), prefix + lines)]
    for node in source.root.named_children:
        if node.type == "table" and toml_tree.keys(source, node) == (table,):
            return [after_line(text, source.start(node), lines)]
    return [at_end(text, f"[{table}]\n{lines}")]


def _quoted(requirement: str, siblings: list[str]) -> str:
    quote = next((each[0] for each in siblings if each[0] in "\"'"), '"')
    if quote in requirement:
        return f"'{requirement}'" if "'" not in requirement else f'"{_escaped(requirement)}"'
    return f"{quote}{requirement}{quote}"


def _escaped(requirement: str) -> str:
    return requirement.replace('"', '\\"')
