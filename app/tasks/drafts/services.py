"""Keep and drop drafts. They are no state of the matter: the history does not tell of them."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete, exists, update
from sqlalchemy.exc import IntegrityError

from app.core.database import db
from app.directory.rules import Viewer
from app.tasks.drafts.errors import DraftChangedElsewhere, DraftTooLarge
from app.tasks.drafts.models import TaskDraft
from app.tasks.drafts.queries import draft_of
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


def put_before(item: WorkItem, person_id: int, typed: Sequence[tuple[str, str]], *, now: datetime) -> None:
    """Lay answers that somebody else typed before whoever completes the task; a window of theirs is told of it."""
    if sum(len(name) + len(text) for name, text in typed) > MOST_CHARACTERS:
        raise DraftTooLarge
    key = (item.county_id, item.id, person_id)
    found = db.session.get(TaskDraft, key, with_for_update=db.engine.dialect.name == "postgresql")
    if found is None:
        found = TaskDraft(county_id=item.county_id, work_item_id=item.id, person_id=person_id, revision=0)
        db.session.add(found)
    found.typed, found.revision, found.saved_at = [[name, text] for name, text in typed], found.revision + 1, now
    db.session.flush()


def drop_drafts(item: WorkItem) -> None:
    """The task is done: whoever had begun to answer it needs that no more."""
    db.session.execute(
        delete(TaskDraft).where(TaskDraft.county_id == item.county_id, TaskDraft.work_item_id == item.id)
    )


def drop_left_over() -> int:
    """Drafts of tasks that ended without their form: by a timer, by another person, with their process."""
    still_open = exists().where(
        WorkItem.county_id == TaskDraft.county_id,
        WorkItem.id == TaskDraft.work_item_id,
        WorkItem.status == ItemStatus.OPEN,
    )
    return int(db.session.execute(delete(TaskDraft).where(~still_open)).rowcount)  # type: ignore[attr-defined]
