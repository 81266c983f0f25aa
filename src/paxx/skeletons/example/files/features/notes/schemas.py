"""What crosses the wire."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

# PostgreSQL cannot store the character NUL.
STORABLE = r"^[^\x00]*$"


class NoteCreate(BaseModel):
    """A note to write."""

    title: str = Field(min_length=1, max_length=200, pattern=STORABLE)
    text: str = Field(max_length=10_000, pattern=STORABLE)


class NoteRead(NoteCreate):
    """A note as it is stored."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    created_at: datetime
