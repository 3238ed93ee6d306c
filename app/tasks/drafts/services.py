"""Keep and drop drafts. They are no state of the matter: the history does not tell of them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete, exists, update
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import FileStorage

from app.audit.services import Stream
from app.cases.attachments import SUBJECT_KIND
from app.cases.models import Case
from app.cases.services.cases import refuse_if_closed_to_changes
from app.core.database import db
from app.directory.rules import Viewer
from app.directory.sessions import actor_of
from app.files.models import StoredFile
from app.files.queries import files_of
from app.files.services import drop_file, take_upload
from app.forms import AskedForm
from app.forms.uploads import MOST_FILES, kind_of, picker, record_added
from app.tasks.drafts.errors import DraftChangedElsewhere, DraftTooLarge, NoSuchField, TooManyFiles
from app.tasks.drafts.models import TaskDraft
from app.tasks.drafts.queries import FILES, draft_files, draft_of
from app.workflow.models import ItemStatus, WorkItem

MOST_CHARACTERS = 200_000


def keep_draft(
    item: WorkItem, typed: Sequence[tuple[str, str]], *, known: int, viewer: Viewer, now: datetime
) -> TaskDraft:
    """Keep what was typed. `known` is the revision that the window started from, 0 for none.

    A window that knows another one is refused: the other window's text stays.
    """
    if sum(len(name) + len(text) for name, text in typed) > MOST_CHARACTERS:
        raise DraftTooLarge
    pairs = [[name, text] for name, text in typed]
    found = draft_of(viewer, item)
    if found is None:
        return _first(item, pairs, viewer, now)
    if found.typed == pairs:
        return found
    changed = db.session.execute(
        update(TaskDraft)
        .where(
            TaskDraft.county_id == item.county_id,
            TaskDraft.work_item_id == item.id,
            TaskDraft.person_id == viewer.person_id,
            TaskDraft.revision == known,
        )
        .values(typed=pairs, revision=known + 1, saved_at=now)
    )
    db.session.refresh(found)
    if changed.rowcount == 0:  # type: ignore[attr-defined]
        raise _elsewhere(found, viewer)
    return found


def _first(item: WorkItem, pairs: list[list[str]], viewer: Viewer, now: datetime) -> TaskDraft:
    draft = TaskDraft(
        county_id=item.county_id,
        work_item_id=item.id,
        person_id=viewer.person_id,
        typed=pairs,
        revision=1,
        saved_at=now,
    )
    try:
        with db.session.begin_nested():
            db.session.add(draft)
    except IntegrityError:
        faster = draft_of(viewer, item)
        assert faster is not None  # noqa: S101 - it stood in the way a moment ago
        raise _elsewhere(faster, viewer) from None
    return draft


def _elsewhere(draft: TaskDraft, viewer: Viewer) -> DraftChangedElsewhere:
    return DraftChangedElsewhere(time=draft.saved_at.astimezone(ZoneInfo(viewer.zone)).strftime("%H:%M"))


def give_draft(item: WorkItem, typed: Sequence[tuple[str, str]], *, viewer: Viewer, now: datetime) -> None:
    """Lay one's answers before whoever completes the task: beside what they typed themselves, never over it."""
    if sum(len(name) + len(text) for name, text in typed) > MOST_CHARACTERS:
        raise DraftTooLarge
    pairs = [[name, text] for name, text in typed]
    found = draft_of(viewer, item) or _first(item, pairs, viewer, now)
    if found.typed != pairs:
        found.typed, found.revision, found.saved_at = pairs, found.revision + 1, now
    found.given, found.given_at = pairs, now
    db.session.flush()


def keep_draft_file(
    item: WorkItem, form: AskedForm, name: str, upload: FileStorage, *, viewer: Viewer, now: datetime
) -> StoredFile:
    """Keep a file that somebody put into a field of the form they are typing into.

    It becomes one of the case's when the form is sent with it (`adopt_files`), and goes with the draft otherwise.
    """
    if picker(form.form, name) is None or not upload.filename:
        raise NoSuchField
    if len(draft_files(viewer, item)) >= MOST_FILES:
        raise TooManyFiles(most=MOST_FILES)
    return take_upload(
        upload.stream,
        upload.filename,
        county_id=item.county_id,
        subject_kind=FILES,
        subject_id=item.id,
        uploaded_by_id=viewer.person_id,
        uploaded_by=viewer.name,
        now=now,
    )


def adopt_files(
    item: WorkItem, case: Case, form: AskedForm, values: Mapping[str, object], *, viewer: Viewer, now: datetime
) -> None:
    """The form was accepted: files of the draft that its answers name are the case's now, each with its history row."""
    waiting = draft_files(viewer, item)
    for name, file_id in _named_files(values):
        file = waiting.pop(file_id, None)
        component = picker(form.form, name)
        if file is None or component is None:
            continue
        refuse_if_closed_to_changes(case)
        file.subject_kind, file.subject_id = SUBJECT_KIND, case.id
        file.kind = kind_of(component, form.variables, form.environment)
        db.session.flush()
        record_added(Stream.case(case.county_id, case.id), file, actor=actor_of(viewer), now=now)


def _named_files(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    """(field, text) of every text in the answers, however deep it lies."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _named_files(inner, str(key))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _named_files(inner, name)
    elif isinstance(value, str):
        yield name, value


def drop_drafts(item: WorkItem) -> None:
    """The task is done: whoever had begun to answer it needs that no more."""
    db.session.execute(
        delete(TaskDraft).where(TaskDraft.county_id == item.county_id, TaskDraft.work_item_id == item.id)
    )
    for file in files_of(item.county_id, FILES, item.id):
        drop_file(file)


def drop_left_over() -> int:
    """Drafts of tasks that ended without their form: by a timer, by another person, with their process."""
    still_open = exists().where(
        WorkItem.county_id == TaskDraft.county_id,
        WorkItem.id == TaskDraft.work_item_id,
        WorkItem.status == ItemStatus.OPEN,
    )
    of_open_task = exists().where(
        WorkItem.county_id == StoredFile.county_id,
        WorkItem.id == StoredFile.subject_id,
        WorkItem.status == ItemStatus.OPEN,
    )
    db.session.execute(delete(StoredFile).where(StoredFile.subject_kind == FILES, ~of_open_task))
    return int(db.session.execute(delete(TaskDraft).where(~still_open)).rowcount)  # type: ignore[attr-defined]
