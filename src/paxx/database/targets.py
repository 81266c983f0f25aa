"""Put into words what is wrong with the revision that was named, each with what to name."""

from collections.abc import Callable

from paxx.database.answers import Failure
from paxx.errors import PaxxError, PreconditionError, UsageError

SHOWN = 10
"""Objects that a sentence names."""


def quoted(names: tuple[str, ...]) -> str:
    """Return names as they are shown in a sentence."""
    return ", ".join(f"`{name}`" for name in names)


def listed(objects: tuple[str, ...]) -> str:
    """Return objects as a sentence names them, the first ones alone where there are many."""
    more = len(objects) - SHOWN
    return ", ".join(objects[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def _unknown(failure: Failure) -> PaxxError:
    near = ", ".join(map(str, failure.candidates))
    hint = "`paxx db history` lists the revisions"
    return UsageError(
        f"there is no revision `{failure.text}`", hint=f"did you mean {near}?" if near else hint
    )


def _ambiguous(failure: Failure) -> PaxxError:
    listed = ", ".join(map(str, failure.candidates))
    return UsageError(
        f"`{failure.text}` is the beginning of several revisions: {listed}",
        hint="give more of its letters",
    )


def _out_of_range(failure: Failure) -> PaxxError:
    return UsageError(
        f"`{failure.text}` cannot be reached from {quoted(failure.revisions) or '`base`'}",
        hint="`paxx db history` shows the revisions in their order",
    )


def _forked(failure: Failure) -> PaxxError:
    return UsageError(
        f"`{failure.text}` is ambiguous, as branches begin or end there",
        hint="`paxx db history` lists the revisions; give the id of one",
    )


def _several(failure: Failure) -> PaxxError:
    return UsageError(
        f"`{failure.text}` is ambiguous: the database is at {quoted(failure.revisions)}",
        hint=f"{_one_down(failure)} takes back one",
    )


def _joined(failure: Failure) -> PaxxError:
    return UsageError(
        f"`{failure.text}` is ambiguous: it leads below `{failure.revision}`, which joins"
        f" {quoted(failure.revisions)}",
        hint=f"`paxx db downgrade {failure.reached}` goes as far as that, then"
        f" {_one_down(failure)}",
    )


def _one_down(failure: Failure) -> str:
    return " or ".join(f"`paxx db downgrade {each}@-1`" for each in failure.revisions)


def _goes_up(failure: Failure) -> PaxxError:
    return _backwards(failure, "goes up", "after", ("upgrade", "downgrade"))


def _goes_down(failure: Failure) -> PaxxError:
    return _backwards(failure, "goes down", "before", ("downgrade", "upgrade"))


def _backwards(failure: Failure, goes: str, side: str, commands: tuple[str, str]) -> PaxxError:
    start, _, end = failure.text.rpartition(":")
    start = start or "base"
    as_it_is, turned = commands
    return UsageError(
        f"`{failure.text}` {goes}: `{end}` comes {side} `{start}`",
        hint=f"`paxx db {as_it_is} {failure.text} --sql`, or"
        f" `paxx db {turned} {end}:{start} --sql`",
    )


def _stamped(failure: Failure) -> PaxxError:
    return PreconditionError(
        f"the database is at {quoted(failure.revisions)} already",
        hint="`paxx db upgrade` and `paxx db downgrade` change that; `--force` records another"
        " revision without running any",
    )


def _differs(failure: Failure) -> PaxxError:
    listed = "".join(f"\n  {each}" for each in failure.left)
    return PreconditionError(
        f"the database does not have what {quoted(failure.revisions)} leads to{listed}",
        hint="name the revision that it is at, as `paxx db history` lists them; `--force` records"
        " this one all the same",
    )


ERRORS: dict[str, Callable[[Failure], PaxxError]] = {
    "ambiguous": _ambiguous,
    "differs": _differs,
    "forked": _forked,
    "goes down": _goes_down,
    "goes up": _goes_up,
    "joined": _joined,
    "out of range": _out_of_range,
    "several": _several,
    "stamped": _stamped,
    "unknown": _unknown,
}
