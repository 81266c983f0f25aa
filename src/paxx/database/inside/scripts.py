"""The revisions of a project, as its files say: found, named, and put in order."""

import argparse
import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paxx.database.inside.failures import FailureError
from paxx.database.inside.places import relative

CLOSE = 0.6  # how like a name has to be, from 0 to 1
ALIKE = 3  # letters


@dataclass
class Scripts:
    """Alembic's configuration of the project, and its revisions."""

    config: Any
    directory: Any


def load(*, autogenerate: bool = False) -> Scripts:
    """Return the revisions; raises FailureError where there are none to be found."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    ini = "alembic.ini" if Path("alembic.ini").exists() else None
    # What env.py may ask of the command line, as that of Alembic would answer.
    asked = argparse.Namespace(quiet=True, x=None, autogenerate=autogenerate)
    config = Config(ini, toml_file="pyproject.toml", cmd_opts=asked)
    try:
        directory = ScriptDirectory.from_config(config)
    except CommandError as error:
        raise FailureError("no migrations", str(error).splitlines()[0]) from error
    for name in ("env.py", "script.py.mako"):
        if not Path(directory.dir, name).is_file():
            missing = relative(Path(directory.dir, name))
            raise FailureError("no migrations", f"there is no `{missing}`")
    return Scripts(config, directory)


def described(script: Any) -> dict[str, Any]:
    """Return a revision as paxx knows it."""
    below = script.down_revision or ()
    return {
        "revision": script.revision,
        "message": (script.doc or "").replace("\n", " ").strip(),
        "down": [below] if isinstance(below, str) else list(below),
        "path": relative(script.path),
    }


def every(scripts: Scripts) -> list[Any]:
    """Return all revisions, the newest first."""
    return list(scripts.directory.walk_revisions())


def check_known(scripts: Scripts, current: Iterable[str]) -> None:
    """Raise FailureError where the database is at a revision that the project does not have."""
    strange = unknown(scripts, current)
    if strange:
        raise FailureError("strange", revisions=strange)


def unknown(scripts: Scripts, current: Iterable[str]) -> list[str]:
    """Return those of the revisions that the project does not have."""
    known = {each.revision for each in every(scripts)}
    return sorted(set(current) - known)


def pending(scripts: Scripts, current: Iterable[str]) -> list[Any]:
    """Return the revisions that a database lacks, in the order in which they are applied."""
    known = every(scripts)
    at = tuple({each.revision for each in known} & set(current))
    done = {each.revision for each in scripts.directory.iterate_revisions(at, "base")}
    return [each for each in reversed(known) if each.revision not in done]


def one_head(scripts: Scripts) -> None:
    """Raise FailureError where there is more than one head."""
    heads = list(scripts.directory.get_heads())
    if len(heads) > 1:
        raise FailureError("heads", revisions=heads)


def near(scripts: Scripts, target: str) -> list[dict[str, str]]:
    """Return the revisions that may have been meant, the likeliest first."""
    wanted = target.lower().replace("_", " ")
    found = []
    for each in every(scripts):
        message = described(each)["message"].lower()
        likeness = max(
            difflib.SequenceMatcher(None, wanted, text).ratio()
            for text in (each.revision, each.revision[: len(target)], message)
        )
        begins_alike = each.revision[:ALIKE] == target[:ALIKE]
        if likeness >= CLOSE or begins_alike or (len(wanted) >= ALIKE and wanted in message):
            found.append((likeness, each))
    found.sort(key=lambda pair: pair[0], reverse=True)
    return named(each for _, each in found[:3])


def named(revisions: Iterable[Any]) -> list[dict[str, str]]:
    """Return revisions as a failure tells them."""
    return [
        {"revision": each.revision, "message": described(each)["message"]} for each in revisions
    ]
