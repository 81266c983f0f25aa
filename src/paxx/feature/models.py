"""The models of a project: what the source of its features says of classes, tables and keys."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from paxx.documents import parser_limits
from paxx.feature import source
from paxx.project import Project, entries

_KEYS = {"int": "int", "UUID": "UUID", "uuid.UUID": "UUID"}


@dataclass(frozen=True, slots=True)
class Model:
    """A class with a table; `key` is `int`, `UUID`, or empty where it is neither or not `id`."""

    feature: str
    name: str
    table: str
    key: str


def of(project: Project) -> tuple[Model, ...]:
    """Return the models of all features, sorted by feature, in the order of their source.

    Raises FileSyntaxError for models that do not parse.
    """
    return tuple(model for feature in features(project) for model in of_feature(project, feature))


def features(project: Project) -> tuple[str, ...]:
    """Return the names of the features that the project has, sorted."""
    folder = project.root / "features"
    return tuple(name for name in entries(folder) if (folder / name / "__init__.py").is_file())


def of_feature(project: Project, feature: str) -> Iterator[Model]:
    """Yield the models of one feature."""
    path = str(PurePosixPath("features", feature, "models.py"))
    raw = project.read(path)
    if raw is None:
        return
    tree = source.parse(raw, path)
    with parser_limits(path):
        for node in ast.walk(tree):
            table = _table(node) if isinstance(node, ast.ClassDef) else None
            if isinstance(node, ast.ClassDef) and table is not None:
                yield Model(feature, node.name, table, _key(node))


def _table(node: ast.ClassDef) -> str | None:
    for each in node.body:
        if isinstance(each, ast.Assign | ast.AnnAssign) and isinstance(each.value, ast.Constant):
            targets = each.targets if isinstance(each, ast.Assign) else [each.target]
            names = [target.id for target in targets if isinstance(target, ast.Name)]
            if names == ["__tablename__"] and isinstance(each.value.value, str):
                return each.value.value
    return None


def _key(node: ast.ClassDef) -> str:
    for each in node.body:
        if isinstance(each, ast.AnnAssign) and ast.unparse(each.target) == "id":
            annotation = ast.unparse(each.annotation)
            return _KEYS.get(annotation.removeprefix("Mapped[").removesuffix("]"), "")
    is_resource = any(ast.unparse(base).endswith("Resource") for base in node.bases)
    return "int" if is_resource else ""
