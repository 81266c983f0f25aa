"""What crosses the wire."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class NoteCreate(BaseModel):
    """A note to write."""

    title: str = Field(min_length=1, max_length=200)
    text: str = Field(max_length=10_000)


class NoteRead(NoteCreate):
    """A note as it is stored."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    created_at: datetime
