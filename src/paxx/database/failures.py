"""Put failures of the project's side into words, each with its way out."""

from collections.abc import Callable

from paxx.database import targets
from paxx.database.answers import Failure
from paxx.database.targets import listed, quoted
from paxx.environment import compose_program
from paxx.errors import (
    ApplyError,
    Interrupted,
    PaxxError,
    PreconditionError,
    RollbackError,
)


def error_of(failure: Failure) -> PaxxError:
    """Return the error that a failure stands for."""
    if failure.kind in _ALWAYS_THE_SAME:
        message, hint = _ALWAYS_THE_SAME[failure.kind]
        return PreconditionError(message, hint=hint)
    return _ERRORS[failure.kind](failure)


def _unreachable(failure: Failure) -> PaxxError:
    compose = compose_program()
    starts = f"; `{compose} up -d` starts the one of the Compose file" if compose else ""
    return PreconditionError(
        f"the database at `{failure.database}` does not answer: {failure.text}",
        hint=f"`DATABASE_URL` says where it is{starts}; run `paxx doctor` for details",
    )


def _interrupted(failure: Failure) -> PaxxError:
    if not failure.revision:
        return Interrupted("interrupted; the database is as it was")
    return Interrupted(f"interrupted in {_revision(failure)}\n{_state(failure)}")


def _migration(failure: Failure) -> PaxxError:
    message = [f"{_revision(failure)} failed: {failure.text}"]
    if failure.statement:
        message.append(f"statement: {failure.statement}")
    message += [*_blockers(failure), _state(failure)]
    kind, hint = ApplyError, "correct the file, then try again"
    if failure.unversioned:
        hint = (
            "`paxx db stamp REVISION` records the revision that the existing tables are at:"
            f" {quoted(failure.unversioned[:3])}"
        )
    if failure.dropped:
        kind = RollbackError
    elif failure.left or failure.at is None:
        kind = RollbackError
        hint = "restore the remaining changes manually, then correct the file"
        if failure.at is None:
            hint = "`paxx db status` tells more when the database answers"
    return kind("\n".join(message), path=failure.path, line=failure.line, hint=hint)


def _revision(failure: Failure) -> str:
    named = f" ({failure.message})" if failure.message else ""
    return f"revision `{failure.revision}`{named}"


def _state(failure: Failure) -> str:
    if failure.at is None:
        return f"the database at `{failure.database}` does not tell what it is at now"
    place = f"the database is at {quoted(failure.at) or 'no revision'}"
    if failure.dropped:
        return f"{place}, and the reset dropped {listed(failure.dropped)}"
    if set(failure.at) == set(failure.before):
        place += ", as before"
    if not failure.left:
        return f"it was rolled back: {place}"
    left = "".join(f"\n  {each}" for each in failure.left)
    return f"{place}, but this of the revision is left in it:{left}"


def _heads(failure: Failure) -> PaxxError:
    return PreconditionError(
        f"there are {len(failure.revisions) or 'several'} heads: {quoted(failure.revisions)}",
        hint="`paxx db merge` joins them",
    )


def _behind(failure: Failure) -> PaxxError:
    count = len(failure.revisions)
    listed = quoted(failure.revisions[:3]) + (", …" if count > 3 else "")
    return PreconditionError(
        f"the database is behind: {count} pending ({listed})", hint="`paxx db upgrade` first"
    )


def _strange(failure: Failure) -> PaxxError:
    return PreconditionError(
        f"the database is at {quoted(failure.revisions)}, which this project does not have",
        hint="use the branch that has it, or another database; `paxx db reset` empties one of"
        " development",
    )


def _moved(failure: Failure) -> PaxxError:
    return PreconditionError(
        f"the database has changed meanwhile: it is at {quoted(failure.revisions) or '`base`'}",
        hint="try again",
    )


def _locked(failure: Failure) -> PaxxError:
    holder = f" ({failure.holder})" if failure.holder else ""
    return PreconditionError(
        f"another process{holder} changes the database, and has not ended within"
        f" {failure.seconds:g} s",
        hint="`--wait SECONDS` waits longer",
    )


def _blocked(failure: Failure) -> PaxxError:
    subject = _revision(failure) if failure.revision else f"the database at `{failure.database}`"
    lines = [f"{subject}: no lock within {failure.seconds:g} s", *_blockers(failure)]
    if failure.revision:
        lines.append(_state(failure))
    ends = " and ".join(f"`SELECT pg_terminate_backend({each.pid})`" for each in failure.sessions)
    hint = f"end it with {ends}, or pass `--wait SECONDS` to wait longer"
    return PreconditionError(
        "\n".join(lines),
        path=failure.path,
        line=failure.line,
        hint=hint if ends else "pass `--wait SECONDS` to wait longer",
    )


def _blockers(failure: Failure) -> list[str]:
    return [f"blocked by {each}" for each in failure.sessions]


def _exists(failure: Failure) -> PaxxError:
    return PreconditionError(
        "is there already", path=failure.path, hint="give the revision another message"
    )


def _no_migrations(failure: Failure) -> PaxxError:
    return PreconditionError(
        f"there are no migrations here: {failure.text}",
        hint="`script_location` in `[tool.alembic]` of `pyproject.toml` says where they are; a new"
        " project has them in `db/migrations`",
    )


def _settings(failure: Failure) -> PaxxError:
    return PreconditionError(
        f"the settings are not valid: {failure.text}", hint="`paxx doctor` says where they are set"
    )


def _another_database(failure: Failure) -> PaxxError:
    return PreconditionError(
        failure.text,
        hint="set `DATABASE_URL=postgresql+asyncpg://USER:PASSWORD@HOST:5432/NAME` in `.env`;"
        " `.env.example` shows the one of the Compose file",
    )


def _code(failure: Failure) -> PaxxError:
    return PreconditionError(
        f"the project's code failed: {failure.text}",
        path=failure.path,
        line=failure.line,
        hint="the migrations import the settings and the models of the project",
    )


def _database(failure: Failure) -> PaxxError:
    return PreconditionError(
        f"the database at `{failure.database}` refused: {failure.text}",
        hint="`paxx doctor` looks further",
    )


def _alembic(failure: Failure) -> PaxxError:
    return PreconditionError(
        f"Alembic refused: {failure.text}", hint="`uv run alembic --help` is closer to it"
    )


def _no_reset(failure: Failure) -> PaxxError:
    return PreconditionError(
        f"a database of `{failure.text}` is not emptied by paxx",
        hint="empty it manually, then run `paxx db upgrade`",
    )


_ALWAYS_THE_SAME = {
    "in use": (
        "another process has locked the database",
        "try again when it has ended",
    ),
    "no alembic": (
        "Alembic is not installed in the environment of the project",
        "`uv sync` brings the environment in step with `pyproject.toml`",
    ),
    "no run": (
        "`env.py` of the migrations does not call `context.run_migrations()`",
        "Alembic, too, works only through that call",
    ),
    "no tables": (
        "the database has no table of this project, so no revision has been run there",
        "`paxx db upgrade` creates the tables",
    ),
    "not development": (
        "only a database of development is emptied, and `ENVIRONMENT` says it is another",
        "`ENVIRONMENT=development` says it is one, `--force` does not",
    ),
}
"""Messages and hints of failures that have no details."""

_ERRORS: dict[str, Callable[[Failure], PaxxError]] = {
    **targets.ERRORS,
    "alembic": _alembic,
    "another database": _another_database,
    "behind": _behind,
    "blocked": _blocked,
    "code": _code,
    "database": _database,
    "exists": _exists,
    "heads": _heads,
    "interrupted": _interrupted,
    "locked": _locked,
    "migration": _migration,
    "moved": _moved,
    "no migrations": _no_migrations,
    "no reset": _no_reset,
    "settings": _settings,
    "strange": _strange,
    "unreachable": _unreachable,
}
