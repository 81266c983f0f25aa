"""What goes out of a project with its features: they, and what nobody builds on afterwards."""

import difflib
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace

from paxx import selection
from paxx.changes import Plan
from paxx.errors import FileSyntaxError, UsageError
from paxx.feature import models
from paxx.options import Options
from paxx.project import Project, entries, installed
from paxx.titles import FEATURE


def components(project: Project, names: Iterable[str], options: Options) -> tuple[str, ...]:
    """Return the names of the components to remove, sorted.

    Raises UsageError for a feature that paxx did not create, PreconditionError where another one
    refers to it and `options` do not say to cascade.
    """
    present = installed(project)
    for name in names:
        if FEATURE + name not in present:
            raise _unknown(project, name, present)
    return selection.with_dependants([FEATURE + name for name in names], project, options)


def with_migrations(project: Project, names: Iterable[str], plan: Plan) -> Plan:
    """Return the plan with the migrations that speak of the tables: those stay."""
    tables = {*_tables(project, (name.removeprefix(FEATURE) for name in names))}
    folder = project.root / "db/migrations/versions"
    found = [
        f"`{path.relative_to(project.root).as_posix()}` speaks of `{table}` and stays"
        for path in (folder / name for name in entries(folder) if name.endswith(".py"))
        for table in sorted(tables)
        if re.search(rf"[\"']{table}[\"']", path.read_text(encoding="utf-8", errors="replace"))
    ]
    if not found:
        return plan
    drop = f"paxx db migrate 'drop {', '.join(sorted(tables))}'"
    return replace(
        plan,
        warnings=(*plan.warnings, *found),
        next_steps=(*plan.next_steps, drop, "paxx db upgrade"),
    )


def _tables(project: Project, features: Iterable[str]) -> Iterator[str]:
    """Yield the tables of features; one whose models do not parse goes all the same."""
    for feature in features:
        with suppress(FileSyntaxError):
            yield from (model.table for model in models.of_feature(project, feature))


def _unknown(project: Project, name: str, present: Iterable[str]) -> UsageError:
    known = [each.removeprefix(FEATURE) for each in present if each.startswith(FEATURE)]
    if name in models.features(project):
        return UsageError(
            f"`features/{name}` was not created by paxx",
            hint="delete the folder, and its lines in `wiring.py`",
        )
    near = difflib.get_close_matches(name, known, n=1)
    listed = ", ".join(f"`{each}`" for each in known) or "none"
    hint = f"did you mean `{near[0]}`?" if near else f"created features: {listed}"
    return UsageError(f"no feature is called `{name}`", hint=hint)
