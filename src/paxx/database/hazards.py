"""What is hazardous in a new revision, in words: each with what may be done about it."""

from collections.abc import Callable

from paxx.database.answers import Hazard

Told = tuple[str, str]


def told(hazard: Hazard) -> Told:
    """Return what an operation does, and the way around it."""
    return _WORDS[hazard.kind](hazard)


def _drop(hazard: Hazard) -> Told:
    what = f"the column `{_column(hazard)}`" if hazard.column else f"the table `{hazard.table}`"
    hint = "a column or table with a new name is seen as dropped and added: rename it instead"
    return f"drops {what} and all that is in it", hint


def _narrowing(hazard: Hazard) -> Told:
    return (
        f"changes the column `{_column(hazard)}` from {hazard.before} to {hazard.after}",
        "values that do not fit are cut off, or make the migration fail: convert them first",
    )


def _not_null(hazard: Hazard) -> Told:
    return (
        f"adds the column `{_column(hazard)}`, which may not be NULL and has no server default",
        "that fails on a table with rows: give it a `server_default`, or fill it before it is"
        " made NOT NULL",
    )


def _set_not_null(hazard: Hazard) -> Told:
    return (
        f"makes the column `{_column(hazard)}` NOT NULL",
        "that fails where a row has no value: fill them first",
    )


def _index(hazard: Hazard) -> Told:
    return (
        f"makes the index `{hazard.after}` on `{hazard.table}`, which has about {hazard.rows} rows,"
        " and locks it for writing meanwhile",
        "pass `postgresql_concurrently=True`, inside of `op.get_context().autocommit_block()`",
    )


def _manual(hazard: Hazard) -> Told:
    return (
        f"does not change {hazard.after}, which differs from the model",
        "write the operations into the revision: `paxx db migrate MESSAGE --empty` makes one",
    )


def _values(hazard: Hazard) -> Told:
    return (
        f"removes values of the type `{hazard.table}`: {hazard.before}",
        "that fails where a row has one of them: change those rows first",
    )


def _rewrite(hazard: Hazard) -> Told:
    what = f"adds the column `{_column(hazard)}` with a value for each row"
    if hazard.after:
        what = f"changes the column `{_column(hazard)}` from {hazard.before} to {hazard.after}"
    return (
        f"{what}, which rewrites about {hazard.rows} rows and locks the table meanwhile",
        "add a column that may be NULL, fill it in batches, then use it in place of the old one",
    )


def _validation(hazard: Hazard) -> Told:
    if hazard.column:
        return (
            f"reads about {hazard.rows} rows of `{hazard.table}` to make `{hazard.column}` NOT"
            " NULL, and locks the table meanwhile",
            f"add a constraint `CHECK ({hazard.column} IS NOT NULL) NOT VALID` first and `VALIDATE`"
            " it, so that nothing is read under the lock",
        )
    return (
        f"adds the constraint `{hazard.after}` to `{hazard.table}`, which reads about"
        f" {hazard.rows} rows and locks the table meanwhile",
        "pass `postgresql_not_valid=True`, then run `ALTER TABLE … VALIDATE CONSTRAINT …` inside of"
        " `op.get_context().autocommit_block()`",
    )


def _column(hazard: Hazard) -> str:
    return f"{hazard.table}.{hazard.column}"


_WORDS: dict[str, Callable[[Hazard], Told]] = {
    "manual": _manual,
    "drop": _drop,
    "index": _index,
    "narrowing": _narrowing,
    "not null": _not_null,
    "rewrite": _rewrite,
    "set not null": _set_not_null,
    "values": _values,
    "validation": _validation,
}
