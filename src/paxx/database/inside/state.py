"""What a database has of the revisions of the project, and whether it agrees with the models."""

from typing import Any

from paxx.database.inside import comparing, differences, failures, running, scripts, watch, writing

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
        if not (waiting or answer["unknown"] or len(answer["heads"]) > 1):
            generated.run_autogenerate(current, context)
            answer["differences"] = [
                *differences.of(generated.generated_revisions),
                *(f"{each['after']} differs" for each in comparing.by_hand),
            ]
            answer["not_compared"] = comparing.skipped
        return []

    running.run(known, look, revision_context=generated, template_args=generated.template_args)
    return {"database": watch.now.database, **answer}


def _heads(known: scripts.Scripts) -> list[Any]:
    return [known.directory.get_revision(each) for each in known.directory.get_heads()]


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
