"""What is dangerous in a new revision, in words: each with what may be done about it."""

from collections.abc import Callable

from paxx.database.answers import Danger

Told = tuple[str, str]


def told(danger: Danger) -> Told:
    """Return what an operation does, and the way around it."""
    return _WORDS[danger.kind](danger)


def _drop(danger: Danger) -> Told:
    what = f"the column `{_column(danger)}`" if danger.column else f"the table `{danger.table}`"
    hint = "a column or table with a new name is seen as dropped and added: rename it instead"
    return f"drops {what} and all that is in it", hint


def _narrowing(danger: Danger) -> Told:
    return (
        f"changes the column `{_column(danger)}` from {danger.before} to {danger.after}",
        "values that do not fit are cut off, or make the migration fail: convert them first",
    )


def _not_null(danger: Danger) -> Told:
    return (
        f"adds the column `{_column(danger)}`, which may not be NULL and has no server default",
        "that fails on a table with rows: give it a `server_default`, or fill it before it is"
        " made NOT NULL",
    )


def _set_not_null(danger: Danger) -> Told:
    return (
        f"makes the column `{_column(danger)}` NOT NULL",
        "that fails where a row has no value: fill them first",
    )


def _index(danger: Danger) -> Told:
    return (
        f"makes the index `{danger.after}` on `{danger.table}`, which has about {danger.rows} rows,"
        " and locks it for writing meanwhile",
        "pass `postgresql_concurrently=True`, inside of `op.get_context().autocommit_block()`",
    )


def _manual(danger: Danger) -> Told:
    return (
        f"does not change {danger.after}, which differs from the model",
        "write the operations into the revision: `paxx db migrate MESSAGE --empty` makes one",
    )


def _values(danger: Danger) -> Told:
    return (
        f"removes values of the type `{danger.table}`: {danger.before}",
        "that fails where a row has one of them: change those rows first",
    )


def _rewrite(danger: Danger) -> Told:
    what = f"adds the column `{_column(danger)}` with a value for each row"
    if danger.after:
        what = f"changes the column `{_column(danger)}` from {danger.before} to {danger.after}"
    return (
        f"{what}, which rewrites about {danger.rows} rows and locks the table meanwhile",
        "add a column that may be NULL, fill it in batches, then use it in place of the old one",
    )


def _validation(danger: Danger) -> Told:
    if danger.column:
        return (
            f"reads about {danger.rows} rows of `{danger.table}` to make `{danger.column}` NOT"
            " NULL, and locks the table meanwhile",
            f"add a constraint `CHECK ({danger.column} IS NOT NULL) NOT VALID` first and `VALIDATE`"
            " it, so that nothing is read under the lock",
        )
    return (
        f"adds the constraint `{danger.after}` to `{danger.table}`, which reads about"
        f" {danger.rows} rows and locks the table meanwhile",
        "pass `postgresql_not_valid=True`, then run `ALTER TABLE … VALIDATE CONSTRAINT …` inside of"
        " `op.get_context().autocommit_block()`",
    )


def _column(danger: Danger) -> str:
    return f"{danger.table}.{danger.column}"


_WORDS: dict[str, Callable[[Danger], Told]] = {
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
