"""What crosses the wire."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

# PostgreSQL cannot store the character NUL.
STORABLE = r"^[^\x00]*$"


class NoteCreate(BaseModel):
    """A note to write."""

    title: str = Field(min_length=1, max_length=200, pattern=STORABLE)
    text: str = Field(max_length=10_000, pattern=STORABLE)


def _with_zone(moment: datetime) -> datetime:
    # SQLite keeps UTC, but forgets that it is.
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class NoteRead(NoteCreate):
    """A note as it is stored."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    created_at: Annotated[datetime, AfterValidator(_with_zone)]
