"""The features of a project, with their tables and routes, as their source tells."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from paxx import project as projects
from paxx import record, uses
from paxx.changes import Status
from paxx.documents import parser_limits
from paxx.expand.scope import Edit
from paxx.feature import models, source
from paxx.plan import edit
from paxx.project import Project
from paxx.titles import FEATURE
from paxx.workspace import Workspace

METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "websocket")


@dataclass(frozen=True, slots=True)
class Route:
    """A route of a router: `path` has the prefix of the router in front."""

    method: str
    path: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A feature; `state` is `created` or `modified` of one that paxx created, else `own`.

    `mounted` is False where the application does not include its router: it has no routes then.
    """

    name: str
    state: str
    mounted: bool
    tables: tuple[str, ...]
    routes: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """The features of a project, sorted by name."""

    root: Path
    features: tuple[Entry, ...]


def of(directory: Path) -> Listing:
    """Return the features of the project that holds `directory`.

    Routes are those with a literal path in `router.py`, in its order; `paxx routes` asks the
    application. Raises FileSyntaxError for a file that does not parse.
    """
    project = projects.load(directory)
    return Listing(project.root, tuple(_entry(project, name) for name in models.features(project)))


def _entry(project: Project, name: str) -> Entry:
    known = record.load(project.read, FEATURE + name)
    state = "own" if known is None else record.state_of(known, project.read)
    routes = tuple(_routes(project, f"features/{name}/router.py"))
    mounted = _is_mounted(project, name)
    return Entry(
        name=name,
        state="created" if state == "installed" else state,
        mounted=mounted,
        tables=tuple(model.table for model in models.of_feature(project, name)),
        routes=routes if mounted else (),
    )


def _is_mounted(project: Project, name: str) -> bool:
    """Return False where `wiring.py` lacks the router and no other file imports it."""
    module, path = f"features.{name}.router", "wiring.py"
    if project.read(f"features/{name}/router.py") is None:
        return True
    workspace, item = Workspace(project), f"{module}.router"
    wanted = (
        Edit("", "import", path, module, "python.add_import", {"module": module, "uses": [item]}),
        Edit("", "wiring", path, item, "python.add_item", {"variable": "ROUTERS", "item": item}),
    )
    if edit.make(workspace, wanted)[-1].status is not Status.PLANNED:
        return True
    found = uses.of(project.root, {module}, {}, ())
    elsewhere = (each for each in found if each.line)  # line 0: it may not be read
    return any(not each.path.startswith((f"features/{name}/", "tests/")) for each in elsewhere)


def _routes(project: Project, path: str) -> Iterator[Route]:
    raw = project.read(path)
    if raw is None:
        return
    tree = source.parse(raw, path)
    with parser_limits(path):
        prefixes = dict(_prefixes(tree))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for decorator in node.decorator_list:
                    yield from _route(decorator, prefixes)


def _prefixes(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the routers of a module and their prefixes."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            prefix = next((_text(k.value) for k in node.value.keywords if k.arg == "prefix"), "")
            for target in node.targets:
                yield ast.unparse(target), prefix or ""


def _route(decorator: ast.expr, prefixes: dict[str, str]) -> Iterator[Route]:
    if not isinstance(decorator, ast.Call) or not isinstance(decorator.func, ast.Attribute):
        return
    method, router = decorator.func.attr, ast.unparse(decorator.func.value)
    path = _text(decorator.args[0]) if decorator.args else None
    if method in METHODS and path is not None and router in prefixes:
        yield Route(method.upper(), prefixes[router] + path)


def _text(node: ast.expr) -> str | None:
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return str(ast.literal_eval(node)) if is_text else None
