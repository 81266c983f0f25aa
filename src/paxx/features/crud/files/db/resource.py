"""What every stored resource has besides its own fields."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Enum, Integer, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

# SQLite counts up a key of this type alone.
KEY = BigInteger().with_variant(Integer(), "sqlite")
DOCUMENT = JSON().with_variant(JSONB(), "postgresql")


def choice(kind: type[StrEnum], name: str) -> Enum:
    """Return the type of a column that holds one of the values, which a constraint checks."""
    return Enum(
        kind,
        name=name,
        native_enum=False,  # so that a migration can add a value within a transaction
        create_constraint=True,
        values_callable=lambda members: [member.value for member in members],
    )


class Resource:
    """Columns of a model; put it in front of `Base`.

    `version` counts the changes: writing a row that was changed since it was read raises
    `StaleDataError`.
    """

    id: Mapped[int] = mapped_column(KEY, primary_key=True, sort_order=-1)
    version: Mapped[int] = mapped_column(sort_order=1)
    created_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.current_timestamp(), sort_order=1
    )
    updated_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True),
        server_default=func.current_timestamp(),
        onupdate=func.current_timestamp(),
        sort_order=1,
    )

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - a class is what it gets
        # What the database fills in comes back with the row, and takes no further query.
        return {"version_id_col": cls.version, "eager_defaults": True}
