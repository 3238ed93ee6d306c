"""Find stored files: by their subject, or by id through the permission of whoever owns the subject."""

from collections.abc import Callable, Sequence

from sqlalchemy import func, select

from app.core.database import db
from app.files.errors import FileGone
from app.files.models import StoredFile

Permission = Callable[[StoredFile], bool]
Note = Callable[[StoredFile], None]

_permissions: dict[str, Permission] = {}
_notes: dict[str, Note] = {}


def register_permission(subject_kind: str, may_read: Permission, note: Note | None = None) -> None:
    """Let `may_read` decide who reads files of `subject_kind`. It may raise SignInNeeded. Unregistered is refused.

    `note` writes down, in a unit of its own, that such a file was read, where the history tells of it.
    """
    _permissions[subject_kind] = may_read
    if note is not None:
        _notes[subject_kind] = note


def note_reading(file: StoredFile) -> None:
    """A file goes out to its reader."""
    if file.subject_kind in _notes:
        _notes[file.subject_kind](file)


def readable_file(file_id: int) -> StoredFile:
    """The file if this reader may have it. Raises FileGone: a file nobody has and a hidden one look alike."""
    for file in db.session.scalars(select(StoredFile).where(StoredFile.id == file_id)):
        may_read = _permissions.get(file.subject_kind)
        if may_read is not None and may_read(file):
            return file
    raise FileGone


def files_of(county_id: int, subject_kind: str, subject_id: int) -> Sequence[StoredFile]:
    """The files of a subject in the order they came."""
    return db.session.scalars(
        select(StoredFile)
        .where(
            StoredFile.county_id == county_id,
            StoredFile.subject_kind == subject_kind,
            StoredFile.subject_id == subject_id,
        )
        .order_by(StoredFile.id)
    ).all()


def file_by_id(county_id: int, file_id: int) -> StoredFile:
    """For work that has already found its way to the subject. Raises FileGone."""
    file = db.session.get(StoredFile, (county_id, file_id))
    if file is None:
        raise FileGone
    return file


def references(digest: str) -> int:
    """How many files share these bytes."""
    return db.session.scalar(select(func.count()).select_from(StoredFile).where(StoredFile.hash == digest)) or 0
