"""Run the project's `env.py`, which alone knows how its database is reached and configured."""

import contextlib
import logging
from collections.abc import Callable, Iterable
from typing import Any

from paxx.database.inside import comparing, definitions, turns, watch
from paxx.database.inside.failures import FailureError
from paxx.database.inside.scripts import Scripts
from paxx.doctor.probe import variables

Work = Callable[[tuple[str, ...], Any], Iterable[Any]]

_ready: list[bool] = []


def run(scripts: Scripts, work: Work, *, wait: float | None = None, **options: Any) -> None:
    """Run `env.py`; it gives `work` the revisions of the database and Alembic's context.

    With `wait`, seconds, the database is going to be changed: what others change is waited for
    that long. Raises FailureError where `env.py` runs no migrations.
    """
    from alembic.runtime.environment import EnvironmentContext

    _prepare()
    watch.now.wait = wait
    called = []
    compares = getattr(scripts.config.cmd_opts, "autogenerate", False)
    if compares:
        comparing.start()

    def do(current: Any, context: Any) -> Any:
        called.append(True)
        return work(tuple(current), context)

    environment = EnvironmentContext(
        scripts.config, scripts.directory, fn=do, dont_mutate=wait is None, **options
    )
    configure = environment.configure

    def configure_and_wait(*arguments: Any, **named: Any) -> None:
        configure(*arguments, **(comparing.configured(named) if compares else named))
        if compares:
            definitions.compare_defaults(environment.get_context())
        connection = environment.get_context().connection
        if wait is not None and connection is not None:
            turns.take(connection, wait)

    environment.configure = configure_and_wait
    with environment:
        scripts.directory.run_env()
    if not called:
        raise FailureError("no run")


def current(scripts: Scripts) -> tuple[str, ...]:
    """Return the revisions that the database is at."""
    found: list[str] = []

    def look(revisions: tuple[str, ...], _: Any) -> list[Any]:
        found.extend(revisions)
        return []

    run(scripts, look)
    return tuple(found)


def _prepare() -> None:
    if not _ready:
        _ready.append(True)
        watch.start()
        logging.getLogger("alembic").setLevel(logging.WARNING)  # paxx tells what is run
        # Tells what of the settings is secret, before anything is told.
        with contextlib.suppress(Exception):
            variables.facts()
