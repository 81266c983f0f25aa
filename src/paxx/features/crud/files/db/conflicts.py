"""Changes that what is stored does not allow, told alike by PostgreSQL and SQLite."""

from http import HTTPStatus

from sqlalchemy import Index, PrimaryKeyConstraint, UniqueConstraint
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from core.errors import AppError
from core.etags import PreconditionFailedError
from db.database import Base, engine

# SQLSTATE of PostgreSQL (appendix A of its manual), and what SQLite calls its extended codes; to
# SQLite, `ON DELETE RESTRICT` is a trigger.
TAKEN = {"23505", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"}
REFERENCE = {"23503", "23001", "SQLITE_CONSTRAINT_FOREIGNKEY", "SQLITE_CONSTRAINT_TRIGGER"}

Unique = UniqueConstraint | PrimaryKeyConstraint | Index


class ConflictError(AppError):
    """The change contradicts what is stored; `fields` are those that are taken."""

    status = HTTPStatus.CONFLICT
    title = "Conflict"


async def flush(session: AsyncSession, if_match: str = "*") -> None:
    """Write what is pending.

    Raises ConflictError where a value has to be unique and is not, where a reference leads
    nowhere or would, and where the row was changed since it was read: PreconditionFailedError
    there, if the client has named in `if_match` the versions that may be changed.
    """
    is_deletion = bool(session.deleted)
    try:
        await session.flush()
    except StaleDataError as error:
        if if_match != "*":
            raise PreconditionFailedError("read it again") from error
        raise ConflictError("it was changed meanwhile") from error
    except IntegrityError as error:
        conflict = _conflict_of(error, is_deletion=is_deletion)
        if conflict is None:
            raise
        raise conflict from error


def _conflict_of(error: IntegrityError, *, is_deletion: bool) -> ConflictError | None:
    """Return the error for the client; None where the mistake is the application's own."""
    reported = error.orig
    codes = (getattr(reported, name, None) for name in ("sqlstate", "sqlite_errorname"))
    code = next((each for each in codes if each), None)
    if code in TAKEN:
        fields = _taken(error)
        return ConflictError(f"{' and '.join(fields)} already exists", fields=fields)
    if code in REFERENCE:
        return ConflictError("others refer to it" if is_deletion else "it refers to a missing row")
    return None


def _taken(error: IntegrityError) -> list[str]:
    cause = getattr(error.orig, "__cause__", None)
    constraint = getattr(cause, "constraint_name", None)
    if constraint is None:  # SQLite names the columns: `…: products.name, products.shop_id`
        _, _, columns = str(error.orig).partition(": ")
        return [column.rpartition(".")[2] for column in columns.split(", ")]
    spelling = engine.dialect.identifier_preparer
    for table in Base.metadata.tables.values():
        for each in (*table.constraints, *table.indexes):
            if not isinstance(each, Unique) or not each.name:
                continue
            # A name that is too long for the database is a shorter one there.
            if spelling.format_constraint(each) == spelling.quote(constraint):
                return [column.name for column in each.columns]
    return [constraint]
