from flask import url_for
from sqlalchemy import select

from app.core.database import db
from app.directory.rules import Viewer
from app.directory.sessions import current_viewer
from app.files.models import StoredFile
from app.files.queries import files_of
from app.forms import ShownFile
from app.tasks.drafts.models import TaskDraft
from app.tasks.queries import visible_task
from app.workflow.models import WorkItem

FILES = "draft"
"""Whose files they are that were put into a form which is not sent yet: the task's, until it is done."""


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


def draft_files(viewer: Viewer, item: WorkItem) -> dict[str, StoredFile]:
    """The files that this person put into the task's form, or was left in it by whoever typed before them, by id."""
    named = {text for _name, text in kept_answers(item, viewer)}
    return {
        str(file.id): file
        for file in files_of(item.county_id, FILES, item.id)
        if file.uploaded_by_id == viewer.person_id or str(file.id) in named
    }


def shown_draft_files(viewer: Viewer, item: WorkItem) -> dict[str, ShownFile]:
    """The same as the form names them."""
    return {
        id: ShownFile(file.name, url_for("files.view", file_id=file.id))
        for id, file in draft_files(viewer, item).items()
    }


def may_read_draft_file(file: StoredFile) -> bool:
    """Who put it into a form, or has that form to complete, while they may see the task."""
    viewer = current_viewer()
    if viewer.county_id != file.county_id:
        return False
    item = visible_task(viewer, file.subject_id)
    return item is not None and str(file.id) in draft_files(viewer, item)
