"""Notes over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response, status

from db.database import SessionDep
from features.notes import service
from features.notes.schemas import NoteCreate, NoteRead

MAX_ID = 2**31 - 1  # of an integer column

router = APIRouter(prefix="/notes", tags=["notes"])


@router.post("", status_code=status.HTTP_201_CREATED, summary="Create a note")
async def create_note(data: NoteCreate, session: SessionDep, response: Response) -> NoteRead:
    note = await service.create(session, data)
    response.headers["Location"] = f".{router.prefix}/{note.id}"
    return NoteRead.model_validate(note)


@router.get("/{note_id}", summary="Get a note")
async def get_note(note_id: Annotated[int, Path(ge=1, le=MAX_ID)], session: SessionDep) -> NoteRead:
    return NoteRead.model_validate(await service.get(session, note_id))


@router.get("", summary="List notes")
async def list_notes(
    session: SessionDep,
    after: Annotated[int, Query(ge=0, le=MAX_ID)] = 0,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> list[NoteRead]:
    """Return a page of notes; pass the last id as `after` to get the next one."""
    notes = await service.page(session, after, limit)
    return [NoteRead.model_validate(note) for note in notes]
