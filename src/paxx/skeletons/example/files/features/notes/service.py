"""What can be done with notes."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from features.notes.errors import NoteNotFoundError, TitleTakenError
from features.notes.models import Note
from features.notes.schemas import NoteCreate


async def create(session: AsyncSession, note: NoteCreate) -> Note:
    """Write a note; TitleTakenError when another one has its title."""
    stored = Note(**note.model_dump())
    session.add(stored)
    try:
        await session.flush()
    except IntegrityError as error:
        raise TitleTakenError(f"there is a note called {note.title!r}") from error
    await session.refresh(stored)
    return stored


async def get(session: AsyncSession, note_id: int) -> Note:
    """Return a note; NoteNotFoundError when there is none."""
    note = await session.get(Note, note_id)
    if note is None:
        raise NoteNotFoundError(note_id=note_id)
    return note


async def page(session: AsyncSession, after: int, limit: int) -> Sequence[Note]:
    """Return notes in the order of their ids, beginning behind `after`."""
    statement = select(Note).where(Note.id > after).order_by(Note.id).limit(limit)
    return (await session.scalars(statement)).all()
