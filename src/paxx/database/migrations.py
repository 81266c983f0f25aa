"""The commands on migrations: what each asks of the project's side, and when it refuses."""

from collections.abc import Callable

from paxx.database.answers import Contents, History, Moved, Reverted, Status, TakenBack, Written
from paxx.database.inquiry import Side, ask
from paxx.database.targets import listed
from paxx.errors import PreconditionError, UsageError

_LOCAL = {None, "", "localhost", "127.0.0.1", "::1"}

Confirm = Callable[[str], bool]


def status(side: Side) -> Status:
    """Return what the database has of the migrations, and whether the models agree with it."""
    return ask(side, Status, "status")


def history(side: Side) -> History:
    """Return all revisions, and which of them the database is at."""
    return ask(side, History, "history", database=True)


def heads(side: Side) -> History:
    """Return the revisions that none follows; the database is not asked."""
    found = ask(side, History, "history", database=False)
    newest = tuple(each for each in found.revisions if each.revision in found.heads)
    return History(found.heads, newest, None, None)


def migrate(side: Side, message: str, *, empty: bool, dry_run: bool) -> Written:
    """Write a revision that brings the database to the models; none where nothing changed.

    With `empty` it is written even then. Raises PreconditionError where the database is behind,
    does not answer, or is at a revision that is not known, and where there are two heads.
    """
    named = {"message": _one_line(message), "empty": empty, "dry_run": dry_run}
    return ask(side, Written, "migrate", **named)


def merge(side: Side, message: str, *, dry_run: bool) -> Written:
    """Write a revision that follows all heads; none where there is one."""
    return ask(side, Written, "merge", message=_one_line(message), dry_run=dry_run)


def upgrade(side: Side, revision: str, *, wait: float) -> Moved:
    """Run the revisions up to this one; waits for others that many seconds.

    Raises ApplyError where one fails and is rolled back, RollbackError where something of it is
    left in the database.
    """
    return ask(side, Moved, "upgrade", revision=revision, wait=wait)


def downgrade(side: Side, revision: str, *, wait: float, yes: bool, confirm: Confirm) -> Moved:
    """Take back revisions down to this one; raises the same as `upgrade`.

    Asks where that would drop something; raises UsageError where the answer is no.
    """
    asked = {"revision": revision, "wait": wait}
    done = ask(side, TakenBack, "downgrade", **asked, agreed=yes, expected=None)
    if done.losses is not None:
        drops = "; ".join(each for each in map(_drop, done.losses.revisions) if each)
        if not confirm(drops):
            raise UsageError(drops, hint="pass `--yes` to confirm")
        expected = done.losses.before
        done = ask(side, TakenBack, "downgrade", **asked, agreed=True, expected=expected)
    if done.moved is None:
        raise AssertionError(done)
    return done.moved


def _drop(reverted: Reverted) -> str:
    taken_back = f"taking back `{reverted.revision}` ({reverted.message})"
    if reverted.drops is None:
        return f"{taken_back} may drop something: what it does depends on the database"
    return f"{taken_back} drops {', '.join(reverted.drops)}" if reverted.drops else ""


def stamp(side: Side, revision: str, *, wait: float, force: bool, dry_run: bool) -> Moved:
    """Record that the database is at this revision, without running anything.

    Raises PreconditionError without `force` where another revision is recorded, where no table of
    the models exists, and for a head that differs from the database.
    """
    flags = {"wait": wait, "force": force, "dry_run": dry_run}
    return ask(side, Moved, "stamp", revision=revision, **flags)


def sql(side: Side, revision: str, *, up: bool) -> Moved:
    """Return the SQL of an upgrade or a downgrade; nothing is run."""
    return ask(side, Moved, "sql", revision=revision, up=up)


def reset(side: Side, *, wait: float, force: bool, confirm: Confirm) -> Moved:
    """Drop all that is in a database of development, and run all revisions anew.

    Asks first. Raises PreconditionError where the environment is another than development, and
    without `force` where it is not known or the database is not on this machine.
    """
    contents = ask(side, Contents, "contents")
    _check_development(contents, force=force)
    question = _loss_of_all(contents)
    if contents.objects and not confirm(question):
        raise UsageError(question, hint="pass `--yes` to confirm")
    return ask(side, Moved, "reset", wait=wait)


def _check_development(contents: Contents, *, force: bool) -> None:
    if contents.environment not in {"development", None}:
        raise PreconditionError(
            f"only a database of development is emptied, and `ENVIRONMENT` is"
            f" `{contents.environment}`",
            hint="`ENVIRONMENT=development` says that it is one; `--force` does not",
        )
    is_local = contents.is_file or contents.host in _LOCAL or str(contents.host).startswith("/")
    if force or (is_local and contents.environment):
        return
    reason = f"the database at `{contents.database}` is not on this machine"
    if is_local:
        reason = "the settings do not say that this is a development environment"
    raise PreconditionError(reason, hint="`--force` empties it all the same")


def _loss_of_all(contents: Contents) -> str:
    question = f"this drops all that is in `{contents.database}`: {listed(contents.objects)}"
    if contents.outside:
        question += f"; with it, in other schemas: {listed(contents.outside)}"
    return question


def _one_line(message: str) -> str:
    message = message.strip()
    if not message or not message.isprintable():
        raise UsageError(
            "the message has to be one line of text", hint="`paxx db migrate add prices`"
        )
    return message
