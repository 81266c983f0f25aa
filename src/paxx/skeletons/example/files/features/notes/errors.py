"""What can go wrong with notes."""

from http import HTTPStatus

from core.errors import AppError


class NoteNotFoundError(AppError):
    """There is no note with this id."""

    status = HTTPStatus.NOT_FOUND
    title = "Note not found"


class TitleTakenError(AppError):
    """Another note has this title."""

    status = HTTPStatus.CONFLICT
    title = "Title taken"
