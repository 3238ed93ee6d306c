"""Comments, always through the matter or the task that the reader may see."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from app.cases.models import Case
from app.cases.queries import may_see
from app.core.database import db
from app.directory import queries as directory
from app.directory.models import Person
from app.directory.rules import Viewer
from app.tasks.comments.errors import CommentNotFound
from app.tasks.comments.models import Comment
from app.tasks.comments.rules import beginnings, may_be_changed
from app.tasks.queries import visible_task
from app.workflow.models import ItemStatus, WorkItem, WorkItemPerson

SHOWN = 200


@dataclass(frozen=True, slots=True)
class Said:
    """A comment in words, with what its reader may do with it."""

    comment: Comment
    author: str
    changeable: bool


def comments_of(viewer: Viewer, *, case: Case | None, item: WorkItem | None, now: datetime) -> list[Said]:
    """What was said about the case with all its tasks, or about a task without a case; the oldest first."""
    condition = Comment.case_id == case.id if case is not None else Comment.work_item_id == (item.id if item else 0)
    rows = db.session.scalars(
        select(Comment).where(Comment.county_id == viewer.county_id, condition).order_by(Comment.id.desc()).limit(SHOWN)
    ).all()
    names = directory.names_of(viewer.county_id, {one.author_id for one in rows})
    return [
        Said(
            one,
            names.get(one.author_id, ""),
            one.author_id == viewer.person_id and one.withdrawn_at is None and may_be_changed(one.at, now),
        )
        for one in reversed(rows)
    ]


def comment_for(viewer: Viewer, comment_id: int) -> Comment:
    """Raises CommentNotFound for one about what the viewer may not see."""
    found = db.session.get(Comment, (viewer.county_id, comment_id))
    if found is None:
        raise CommentNotFound
    if found.case_id is not None:
        case = db.session.get(Case, (viewer.county_id, found.case_id))
        if case is None or not may_see(viewer, case):
            raise CommentNotFound
    elif found.work_item_id is None or visible_task(viewer, found.work_item_id) is None:
        raise CommentNotFound
    return found


def people_called(county_id: int, calls: Sequence[str]) -> Mapping[str, Collection[int]]:
    """Who is called so, by name and by account: as far as the calls may mean them."""
    possible = {name for call in calls for name in beginnings(call)}
    if not possible:
        return {}
    rows = db.session.execute(
        select(Person.id, Person.name, Person.login).where(
            Person.county_id == county_id,
            Person.left_at.is_(None),
            or_(Person.name.in_(possible), Person.login.in_(possible)),
        )
    )
    found: dict[str, set[int]] = {}
    for row in rows:
        for name in {row.name, row.login} & possible:
            found.setdefault(name, set()).add(row.id)
    return found


def people_about(case: Case) -> dict[int, str]:
    """Who has to do with the case: its mediator, and whoever has, had, shared or talked of one of its tasks."""
    ids = {case.mediator_id} if case.mediator_id is not None else set()
    rows = db.session.execute(
        select(WorkItem.assignee_id, WorkItem.closed_by, WorkItem.status)
        .where(WorkItem.county_id == case.county_id, WorkItem.subject_id == case.id)
        .order_by(WorkItem.id.desc())
        .limit(100)
    )
    for row in rows:
        ids |= {row.assignee_id if row.status == ItemStatus.OPEN else row.closed_by} - {None}
    ids |= set(
        db.session.scalars(
            select(WorkItemPerson.person_id)
            .join(WorkItem, WorkItem.id == WorkItemPerson.work_item_id)
            .where(WorkItemPerson.county_id == case.county_id, WorkItem.subject_id == case.id)
        )
    )
    ids |= set(
        db.session.scalars(
            select(Comment.author_id).where(Comment.county_id == case.county_id, Comment.case_id == case.id).distinct()
        )
    )
    return directory.names_of(case.county_id, {one for one in ids if one is not None})


def words_of_comments(county_id: int, ids: Collection[int]) -> Mapping[int, str]:
    """What the timeline shows of comments: nothing of those withdrawn."""
    rows = db.session.execute(
        select(Comment.id, Comment.text).where(
            Comment.county_id == county_id, Comment.id.in_(ids), Comment.withdrawn_at.is_(None)
        )
    )
    return {row.id: row.text for row in rows}
