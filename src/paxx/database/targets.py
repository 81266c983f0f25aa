"""Put into words what is wrong with the revision that was named, each with what to name."""

from collections.abc import Callable

from paxx.database.answers import Failure
from paxx.errors import PaxxError, UsageError


def quoted(names: tuple[str, ...]) -> str:
    """Return names as they are shown in a sentence."""
    return ", ".join(f"`{name}`" for name in names)


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


ERRORS: dict[str, Callable[[Failure], PaxxError]] = {
    "ambiguous": _ambiguous,
    "forked": _forked,
    "goes down": _goes_down,
    "goes up": _goes_up,
    "joined": _joined,
    "out of range": _out_of_range,
    "several": _several,
    "unknown": _unknown,
}
