"""Write revisions: what Alembic finds to do, or what joins two heads."""

import contextlib
import io
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from paxx.database.inside import (
    differences,
    enumerations,
    hazards,
    running,
    scripts,
    watch,
)
from paxx.database.inside.failures import FailureError, told
from paxx.database.inside.places import relative

Facts = dict[str, Any]

_CONFIGURATIONS = ("pyproject.toml", "ruff.toml", ".ruff.toml", "setup.cfg", ".editorconfig")
"""What hooks that format a file look for above it."""
_IMPORTS = ("import sqlalchemy as sa\n", "from alembic import op\n")


def migrate(question: Facts) -> Facts:
    """Write a revision that brings the database to the models; none where nothing changed."""
    known = scripts.load(autogenerate=True)
    scripts.one_head(known)
    generated = generation(known, question["message"])
    warnings: list[Facts] = []

    def look(current: tuple[str, ...], context: Any) -> list[Any]:
        scripts.check_known(known, current)
        waiting = scripts.pending(known, current)
        if waiting:
            raise FailureError("behind", revisions=[each.revision for each in waiting])
        generated.run_autogenerate(current, context)
        operations = list(differences.operations(generated.generated_revisions))
        warnings.extend(hazards.of(operations, context.connection))
        warnings.extend([*enumerations.removed, *differences.manual])
        return []

    running.run(known, look, revision_context=generated, template_args=generated.template_args)
    is_empty = not any(differences.operations(generated.generated_revisions))
    written = [] if is_empty and not question["empty"] else _write(known, generated, question)
    facts = {"database": watch.now.database, "not_compared": differences.not_compared}
    return {**facts, "warnings": warnings, **_answer(written)}


def merge(question: Facts) -> Facts:
    """Write a revision that follows all heads; none where there is one head."""
    known = scripts.load()
    heads = list(known.directory.get_heads())
    if len(heads) < 2:
        return {"database": None, "not_compared": [], "warnings": [], **_answer([])}
    generated = generation(known, question["message"], heads)
    if known.config.get_alembic_option("revision_environment") in {True, "true", "True"}:

        def look(current: tuple[str, ...], context: Any) -> list[Any]:
            generated.run_no_autogenerate(current, context)
            return []

        running.run(known, look, revision_context=generated, template_args=generated.template_args)
    return {
        "database": None,
        "not_compared": [],
        "warnings": [],
        **_answer(_write(known, generated, question)),
    }


def generation(known: scripts.Scripts, message: str, heads: list[str] | None = None) -> Any:
    """Return what Alembic keeps of the making of a revision, on top of the heads if given."""
    from alembic.autogenerate.api import RevisionContext

    escaped = message.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    asked = {
        "message": escaped,
        "autogenerate": heads is None,
        "sql": False,
        "head": heads or "head",
        "splice": False,
        "branch_label": None,
        "version_path": None,
        "rev_id": None,
        "depends_on": None,
    }
    return RevisionContext(known.config, known.directory, asked)


def _answer(written: list[Facts]) -> Facts:
    return {"written": written, "problem": next((each.pop("problem") for each in written), None)}


def _write(known: scripts.Scripts, generated: Any, question: Facts) -> list[Facts]:
    folder = _folder(known)
    keep = _IMPORTS if question.get("empty") else ()
    with _elsewhere(known, folder, hooks=question["dry_run"]) as (directory, place):
        drafts = _generate(generated, directory, place, keep)
    for draft in drafts:
        name = Path(draft["path"]).relative_to(place)
        draft["path"] = relative(folder / name)
        if (folder / name).exists():
            raise FailureError("exists", path=draft["path"])
    if question["dry_run"]:
        return drafts
    folder.mkdir(parents=True, exist_ok=True)
    try:
        return _generate(generated, known.directory, None, keep)
    except Exception as error:
        if not all(Path(draft["path"]).is_file() for draft in drafts):
            raise
        # It is written; one of the hooks that come after that has failed.
        return [
            {**draft, "content": _read(Path(draft["path"])), "problem": told(error)}
            for draft in drafts
        ]


def _generate(
    generated: Any, directory: Any, place: Path | None, keep: tuple[str, ...]
) -> list[Facts]:
    generated.script_directory = directory
    for each in generated.generated_revisions:
        each.version_path = place
    with contextlib.redirect_stdout(io.StringIO()):  # Alembic names every hook
        written = [each for each in generated.generate_scripts() if each is not None]
    template = _read(Path(directory.dir, "script.py.mako"))
    for each in written:
        _restore(Path(each.path), tuple(line for line in keep if line in template))
    return [
        {**scripts.described(each), "content": _read(Path(each.path)), "problem": None}
        for each in written
    ]


def _restore(path: Path, imports: tuple[str, ...]) -> None:
    """Write the imports which a hook removed, as nothing uses them before it is filled in."""
    content = _read(path)
    missing = "".join(each for each in imports if each not in content)
    if missing:
        restored = re.sub(r"(?m)^revision\b", rf"{missing}\n\g<0>", content, count=1)
        path.write_text(restored, encoding="utf-8")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _folder(known: scripts.Scripts) -> Path:
    locations = _locations(known.directory)
    heads = known.directory.get_heads()
    if len(locations) > 1 and heads:
        return Path(known.directory.get_revision(heads[0]).path).parent
    return Path(locations[0])


def _locations(directory: Any) -> list[str]:
    return list(directory.version_locations or [Path(directory.dir, "versions")])


@contextlib.contextmanager
def _elsewhere(known: scripts.Scripts, folder: Path, *, hooks: bool) -> Iterator[tuple[Any, Path]]:
    """Make a folder for drafts, in which formatters find the configuration of the project."""
    from alembic.script import ScriptDirectory

    directory = ScriptDirectory.from_config(known.config)
    if not hooks:
        directory.hooks = []
    with tempfile.TemporaryDirectory() as root:
        for name in _CONFIGURATIONS:
            if Path(name).is_file():
                shutil.copy(name, root)
        inside = folder.absolute().is_relative_to(Path.cwd())
        place = Path(root, folder.absolute().relative_to(Path.cwd()) if inside else "versions")
        place.mkdir(parents=True)
        directory.version_locations = [*map(str, _locations(directory)), str(place)]
        yield directory, place
