"""What an exception means to whoever asked, as far as it can be told from inside."""

import re
from typing import Any

from paxx.database.inside import places, watch
from paxx.doctor.probe import secrecy, variables

LONGEST_STATEMENT = 500

_LOCK_CODES = {"55P03", "40P01"}  # lock_not_available, deadlock_detected


class FailureError(Exception):
    """Something that is known by its kind; the facts are for paxx to put into words."""

    def __init__(self, kind: str, text: str = "", **facts: Any) -> None:
        super().__init__(text)
        self.facts = {"kind": kind, "text": secrecy.redacted(text), **facts}


def of(error: BaseException) -> dict[str, Any]:
    """Return the facts of an error."""
    found = _of_ours(error)
    if found is not None:
        return found
    if isinstance(error, KeyboardInterrupt):
        return {"kind": "interrupted"}
    if watch.now.connecting:
        return {"kind": "unreachable", "text": told(error), "database": watch.now.database}
    if isinstance(error, ImportError) and (error.name or "").split(".")[0] == "alembic":
        return {"kind": "no alembic"}
    return _of_alembic(error) or _of_settings(error) or _of_requirement(error) or _of_code(error)


def _of_ours(error: BaseException) -> dict[str, Any] | None:
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, FailureError):
            return found.facts
        found = found.__cause__ or found.__context__
    return None


def _of_alembic(error: BaseException) -> dict[str, Any] | None:
    if not type(error).__module__.startswith("alembic."):
        return None
    cause = error.__cause__ or error
    if type(cause).__name__ == "MultipleHeads":
        return {"kind": "heads", "revisions": list(getattr(cause, "heads", ()))}
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return {"kind": "alembic", "text": secrecy.redacted(lines[0])}


def _of_settings(error: BaseException) -> dict[str, Any] | None:
    if type(error).__name__ != "ValidationError" or not hasattr(error, "errors"):
        return None
    invalid = variables.facts().get("invalid", [])
    if not invalid:
        return None
    listed = [f"{each['variable']}: {each['message']}".removeprefix(": ") for each in invalid]
    return {"kind": "settings", "text": "; ".join(listed)}


def _of_requirement(error: BaseException) -> dict[str, Any] | None:
    """Return what a component requires of the database, where `DATABASE_URL` has another one."""
    found: BaseException | None = error
    while found is not None:
        if type(found).__name__ == "PostgreSQLRequiredError":
            return {"kind": "another database", "text": str(found).partition(":")[0]}
        found = found.__cause__ or found.__context__
    return None


def _of_code(error: BaseException) -> dict[str, Any]:
    if hasattr(error, "statement") and hasattr(error, "orig"):
        if "database is locked" in str(error.orig):  # SQLite has waited for another process
            kind = "in use" if watch.now.wait is None else "locked"
            return {"kind": kind, "seconds": watch.now.wait or 0}
        return {"kind": "database", "text": told(error), "database": watch.now.database}
    path, line = places.of(error)
    return {"kind": "code", "text": told(error), "path": path, "line": line}


def told(error: BaseException) -> str:
    """Return an error in one line, without what SQLAlchemy and its drivers wrap around it."""
    orig = getattr(error, "orig", None)
    if orig is None:
        return secrecy.told(error)
    text = (str(orig).strip() or type(orig).__name__).splitlines()[0]
    wrapped = re.match(r"<class '(?:\w+\.)*(\w+)'>: (.*)", text)
    kind, text = wrapped.groups() if wrapped else (type(orig.__cause__ or orig).__name__, text)
    return secrecy.redacted(f"{kind}: {text}")[: secrecy.LONGEST]


def is_about_locks(error: BaseException) -> bool:
    """Return whether another session kept a statement from a lock, on PostgreSQL."""
    found: BaseException | None = error
    while found is not None:
        orig = getattr(found, "orig", None)
        code = getattr(orig, "sqlstate", None) or getattr(orig, "pgcode", None)
        if code in _LOCK_CODES:
            return True
        found = found.__cause__ or found.__context__
    return False


def statement_of(error: BaseException) -> str:
    """Return the statement that failed in one line, empty where none did."""
    found: BaseException | None = error
    while found is not None and not getattr(found, "statement", None):
        found = found.__cause__ or found.__context__
    text = " ".join(str(getattr(found, "statement", "") or "").split())
    text = re.sub(r"(?i)(password\s+)'(?:[^']|'')*'", r"\1'***'", secrecy.redacted(text))
    return text if len(text) <= LONGEST_STATEMENT else f"{text[:LONGEST_STATEMENT]}…"
