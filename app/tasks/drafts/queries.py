from sqlalchemy import select

from app.core.database import db
from app.directory.rules import Viewer
from app.tasks.drafts.models import TaskDraft
from app.workflow.models import WorkItem


def draft_of(viewer: Viewer, item: WorkItem) -> TaskDraft | None:
    """What this person has typed into the task's form so far."""
    return db.session.scalars(
        select(TaskDraft).where(
            TaskDraft.county_id == item.county_id,
            TaskDraft.work_item_id == item.id,
            TaskDraft.person_id == viewer.person_id,
        )
    ).one_or_none()


def kept_answers(item: WorkItem, viewer: Viewer) -> list[tuple[str, str]]:
    """The same as fields and texts; empty when nothing is kept."""
    draft = draft_of(viewer, item)
    return [] if draft is None else [(str(name), str(text)) for name, text in draft.typed]
