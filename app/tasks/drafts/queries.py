from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy import select

from app.core.database import db
from app.core.translations import person_name
from app.directory.models import Person
from app.directory.rules import Viewer
from app.directory.sessions import current_viewer
from app.files.models import StoredFile
from app.files.queries import files_of
from app.forms import ShownFile
from app.tasks.drafts.models import TaskDraft
from app.tasks.queries import is_in_hands_of, visible_task
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
    return answers_of(draft_of(viewer, item))


def answers_of(draft: TaskDraft | None) -> list[tuple[str, str]]:
    return [] if draft is None else [(str(name), str(text)) for name, text in draft.typed]


@dataclass(frozen=True, slots=True)
class Given:
    """Answers that somebody else typed for whoever completes the task."""

    person_id: int
    name: str
    at: datetime
    typed: Sequence[tuple[str, str]]


def answers_given(viewer: Viewer, item: WorkItem) -> list[Given]:
    """What others have laid before whoever completes the task, the latest first; never the viewer's own."""
    rows = db.session.execute(
        select(TaskDraft, Person.name, Person.name_en)
        .join(Person, (Person.county_id == TaskDraft.county_id) & (Person.id == TaskDraft.person_id))
        .where(
            TaskDraft.county_id == item.county_id,
            TaskDraft.work_item_id == item.id,
            TaskDraft.person_id != viewer.person_id,
            TaskDraft.given_at.is_not(None),
        )
        .order_by(TaskDraft.given_at.desc(), TaskDraft.person_id)
    )
    return [
        Given(
            draft.person_id,
            person_name(name, name_en),
            draft.given_at,
            [(str(key), str(text)) for key, text in draft.given or ()],
        )
        for draft, name, name_en in rows
        if draft.given_at is not None
    ]


def draft_files(viewer: Viewer, item: WorkItem) -> dict[str, StoredFile]:
    """The files that this person put into the task's form, or finds in answers that others gave them, by id.

    To write down the number of a file opens none: only who has laid answers before others gives files with them.
    """
    given = answers_given(viewer, item)
    named = {text for _name, text in kept_answers(item, viewer)}
    if is_in_hands_of(viewer, item):
        named |= {text for one in given for _name, text in one.typed}
    givers = {one.person_id for one in given}
    return {
        str(file.id): file
        for file in files_of(item.county_id, FILES, item.id)
        if file.uploaded_by_id == viewer.person_id or (str(file.id) in named and file.uploaded_by_id in givers)
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
