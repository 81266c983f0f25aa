"""What a database has of the revisions of the project, and whether it agrees with the models."""

from typing import Any

from paxx.database.inside import (
    differences,
    failures,
    running,
    scripts,
    steps,
    turns,
    watch,
    writing,
)
from paxx.database.inside.failures import FailureError

Facts = dict[str, Any]


def status(_: Facts) -> Facts:
    """Return current, heads and pending revisions, and how the models differ."""
    known = scripts.load(autogenerate=True)
    answer: Facts = {"heads": [scripts.described(each) for each in _heads(known)]}
    generated = writing.generation(known, "status")

    def look(current: tuple[str, ...], context: Any) -> list[Any]:
        waiting = scripts.pending(known, current)
        answer["current"] = list(current)
        answer["unknown"] = scripts.unknown(known, current)
        answer["pending"] = [scripts.described(each) for each in waiting]
        answer["differences"], answer["not_compared"] = None, []
        answer["unversioned"] = [] if current else existing_tables(context)
        if not (waiting or answer["unknown"] or len(answer["heads"]) > 1):
            generated.run_autogenerate(current, context)
            answer["differences"] = differences.found(generated.generated_revisions)
            answer["not_compared"] = differences.not_compared
        return []

    running.run(known, look, revision_context=generated, template_args=generated.template_args)
    return {"database": watch.now.database, **answer}


def _heads(known: scripts.Scripts) -> list[Any]:
    return [known.directory.get_revision(each) for each in known.directory.get_heads()]


def stamp(question: Facts) -> Facts:
    """Record that the database is at `revision`; no revision is run.

    Raises FailureError without `force` where another revision is recorded, where no table of the
    models exists, and for a head that differs from the database.
    """
    return turns.retry(lambda wait: _stamp(question, wait), question["wait"])


def _stamp(question: Facts, wait: float) -> Facts:
    known = scripts.load(autogenerate=True)
    generated = writing.generation(known, "stamp")
    answer: Facts = {"revisions": [], "sql": None}

    def record(current: tuple[str, ...], context: Any) -> list[Any]:
        after = steps.reached(known, question["revision"], current)
        answer.update(before=list(current), after=list(after))
        if set(current) == set(after):
            return []
        if not question["force"]:
            _check_stamp(known, current, context, after, generated)
        if not question["dry_run"]:
            context._ensure_version_table(purge=True)  # noqa: SLF001
            for each in after:
                context.connection.execute(context._version.insert(), {"version_num": each})  # noqa: SLF001
        return []

    options: Facts = {} if question["dry_run"] else {"wait": wait, "destination_rev": "heads"}
    running.run(
        known, record, revision_context=generated, template_args=generated.template_args, **options
    )
    return {"database": watch.now.database, **answer}


def _check_stamp(
    known: scripts.Scripts,
    current: tuple[str, ...],
    context: Any,
    after: tuple[str, ...],
    generated: Any,
) -> None:
    if current:
        raise FailureError("stamped", revisions=list(current))
    if not existing_tables(context):
        raise FailureError("no tables")
    if set(after) == set(known.directory.get_heads()):
        generated.run_autogenerate(after, context)
        found = differences.found(generated.generated_revisions)
        if found:
            raise FailureError("differs", revisions=list(after), left=found)


def existing_tables(context: Any) -> list[str]:
    """Return the tables of the models that the database has."""
    from sqlalchemy import inspect

    tables = model_tables(context)
    inspector = inspect(context.connection)
    schemas = {table.schema for table in tables}
    found = {schema: set(inspector.get_table_names(schema=schema)) for schema in schemas}
    return sorted(table.fullname for table in tables if table.name in found[table.schema])


def model_tables(context: Any) -> list[Any]:
    """Return the tables of the models; `env.py` may name several collections of them."""
    metadata = context.opts.get("target_metadata") or ()
    several = metadata if isinstance(metadata, (list, tuple)) else [metadata]
    return [table for each in several for table in each.tables.values()]


def history(question: Facts) -> Facts:
    """Return all revisions, the newest first, and with `database` which of them that is at.

    That is not known where the database does not answer; `problem` says why.
    """
    known = scripts.load()
    answer: Facts = {
        "heads": list(known.directory.get_heads()),
        "revisions": [scripts.described(each) for each in scripts.every(known)],
    }
    if not question["database"]:
        return {**answer, "current": None, "problem": None}
    try:
        return {**answer, "current": list(running.current(known)), "problem": None}
    except Exception as error:  # noqa: BLE001 - whatever the project raises
        return {**answer, "current": None, "problem": failures.of(error)}


def address(_: Facts) -> Facts:
    """Return how the database is reached, the password among it: for its own shell alone."""
    found: Facts = {}

    def look(__: tuple[str, ...], context: Any) -> list[Any]:
        found.update(parts(context.connection))
        return []

    running.run(scripts.load(), look)
    return found


def parts(connection: Any) -> Facts:
    """Return the parts of the address of a connection."""
    url = connection.engine.url
    query = {key: each if isinstance(each, str) else each[0] for key, each in url.query.items()}
    return {
        "dialect": connection.dialect.name,
        "host": url.host or query.get("host"),
        "port": url.port,
        "user": url.username,
        "password": url.password,
        "name": str(watch.now.file) if watch.now.file else url.database,
        "is_file": watch.now.file is not None,
        "ssl": query.get("sslmode") or query.get("ssl"),
    }
