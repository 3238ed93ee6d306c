"""Comments, always through the matter or the task that the reader may see."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import and_, func, or_, select

from app.cases.models import Case
from app.cases.queries import may_see
from app.core.database import any_holds, db
from app.core.translations import BothNames, language, person_name
from app.directory import queries as directory
from app.directory.models import Assignment, Organisation, Person
from app.directory.rules import ROLES, TASK_ROLES, Viewer
from app.tasks.comments.errors import CommentNotFound
from app.tasks.comments.models import Comment
from app.tasks.comments.rules import beginnings, called, called_as, calls, may_be_changed
from app.tasks.queries import visible_task
from app.workflow.models import ItemStatus, WorkItem, WorkItemPerson

SHOWN = 200
SUGGESTED = 8
ASKED_AT_MOST = 40
"""Colleagues of whom it is asked, one by one, whether they may see the matter."""


@dataclass(frozen=True, slots=True)
class Said:
    """A comment in words, with what its reader may do with it.

    `told` are the colleagues whom it called, `unheard` tells its author that it called nobody who is known here.
    """

    comment: Comment
    author: str
    text: str
    changeable: bool
    told: Sequence[str] = ()
    unheard: bool = False


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who can be called by @: by name, or by account where several have the name."""

    person_id: int
    name: str
    login: str
    post: str
    call: str


def takes_comments(case: Case | None) -> bool:
    """Whether something may still be said: a sealed case and a merged one take no change."""
    return case is None or case.status not in ("archived", "merged")


def matter_seen(viewer: Viewer, case: Case | None, item: WorkItem | None) -> bool:
    """Whether what is said about the case is this viewer's to read: who did a task or passed it on may see it no more.

    Without a task the way led through the case itself.
    """
    return case is None or item is None or may_see(viewer, case)


def comments_of(
    viewer: Viewer, *, case: Case | None, item: WorkItem | None, of_task_alone: bool = False, now: datetime
) -> list[Said]:
    """What was said about the case with all its tasks, or about a task without a case; the oldest first.

    `of_task_alone`: of what was said about the case only what belongs to this task.
    """
    if not matter_seen(viewer, case, item):
        return []
    whole = case is not None and not of_task_alone
    condition = Comment.case_id == case.id if case and whole else Comment.work_item_id == (item.id if item else 0)
    rows = db.session.scalars(
        select(Comment).where(Comment.county_id == viewer.county_id, condition).order_by(Comment.id.desc()).limit(SHOWN)
    ).all()
    called = {int(person) for one in rows for person in one.mentioned}
    names = directory.both_names_of(viewer.county_id, called | {one.author_id for one in rows})
    return [
        Said(
            one,
            person_name(*names.get(one.author_id, ("", ""))),
            _read(one.text, one.mentioned, names),
            takes_comments(case)
            and one.author_id == viewer.person_id
            and one.withdrawn_at is None
            and may_be_changed(one.at, now),
            [person_name(*names[int(called)]) for called in one.mentioned if int(called) in names],
            one.author_id == viewer.person_id and not one.mentioned and bool(calls(one.text)),
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
    """Who is called so, by name in either language and by account: as far as the calls may mean them."""
    possible = {name for call in calls for name in beginnings(call)}
    if not possible:
        return {}
    rows = db.session.execute(
        select(Person.id, Person.name, Person.name_en, Person.login).where(
            Person.county_id == county_id,
            Person.left_at.is_(None),
            or_(Person.name.in_(possible), Person.name_en.in_(possible), Person.login.in_(possible)),
        )
    )
    found: dict[str, set[int]] = {}
    for row in rows:
        for name in {row.name, row.name_en, row.login} & possible:
            found.setdefault(name, set()).add(row.id)
    return found


def sees_matter(county_id: int, person_id: int, case: Case | None, item: WorkItem | None, now: datetime) -> bool:
    """Whether somebody may see the case, or the task where there is no case."""
    reader = directory.viewer_of_person(county_id, person_id, now=now)
    if reader is None:
        return False
    if case is not None:
        return may_see(reader, case)
    return item is not None and visible_task(reader, item.id) is not None


def colleagues(
    viewer: Viewer, text: str, *, case: Case | None, item: WorkItem | None, now: datetime
) -> list[Colleague]:
    """Who may see the matter and can be called, as far as their name or account says `text`.

    Those who have to do with the matter come first, then those of its office, then those of the offices above.
    """
    if not matter_seen(viewer, case, item):
        return []
    about = list(people_about(case)) if case is not None else []
    found: list[Colleague] = []
    for one in _named(viewer, text, about, case, item, now)[:ASKED_AT_MOST]:
        if sees_matter(viewer.county_id, one.person_id, case, item, now):
            found.append(one)
        if len(found) == SUGGESTED:
            break
    known = people_called(viewer.county_id, [call for one in found for call in calls(f"@{one.call}")])
    return [
        one if _is_called_so(viewer.county_id, one, known, case, item, now) else replace(one, call=one.login)
        for one in found
    ]


def _is_called_so(
    county_id: int,
    colleague: Colleague,
    known: Mapping[str, Collection[int]],
    case: Case | None,
    item: WorkItem | None,
    now: datetime,
) -> bool:
    """Whether their name, written behind an @, calls them and nobody else who may see the matter."""
    meant = {person for call in calls(f"@{colleague.call}") for person in called(call, known)}
    others = meant - {colleague.person_id}
    return meant > others and not any(sees_matter(county_id, one, case, item, now) for one in others)


def _named(
    viewer: Viewer, text: str, about: Sequence[int], case: Case | None, item: WorkItem | None, now: datetime
) -> list[Colleague]:
    """People of the matter, of its office and of those above whose name or account says the text, nearest first."""
    path = case.org_path if case is not None else (item.org_path if item is not None else "")
    segments = path.rstrip("/").split("/")
    above = ["/".join(segments[:n]) + "/" for n in range(1, len(segments) + 1)]
    today = now.astimezone(directory.zone_of(viewer.county_id)).date()
    names = (Person.name, Person.name_en, Person.login)
    rows = db.session.execute(
        select(
            Person.id,
            Person.name,
            Person.name_en.label("called_en"),
            Person.login,
            Assignment.role,
            Organisation.name_zh,
            Organisation.name_en,
        )
        .join(Assignment, and_(Assignment.county_id == Person.county_id, Assignment.person_id == Person.id))
        .join(
            Organisation,
            and_(Organisation.county_id == Assignment.county_id, Organisation.id == Assignment.organisation_id),
        )
        .where(
            Person.county_id == viewer.county_id,
            Person.id != viewer.person_id,
            Person.left_at.is_(None),
            or_(Person.id.in_(about), and_(Organisation.path.in_(above), Assignment.role.in_(TASK_ROLES))),
            Assignment.from_date <= today,
            or_(Assignment.to_date.is_(None), Assignment.to_date >= today),
            *([any_holds(names, text)] if text else ()),
        )
        .order_by(func.length(Organisation.path).desc(), Person.id)
        .limit(ASKED_AT_MOST * 4)
    ).all()
    english = language() == "en"
    found: dict[int, Colleague] = {}
    for row in rows:
        post = f"{row.name_en if english else row.name_zh} · {ROLES[row.role][english]}"
        name = person_name(row.name, row.called_en)
        found.setdefault(row.id, Colleague(row.id, name, row.login, post, call=name))
    return sorted(found.values(), key=lambda one: one.person_id not in about)


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
        select(Comment.id, Comment.text, Comment.mentioned).where(
            Comment.county_id == county_id, Comment.id.in_(ids), Comment.withdrawn_at.is_(None)
        )
    ).all()
    names = directory.both_names_of(county_id, {int(person) for row in rows for person in row.mentioned})
    return {row.id: _read(row.text, row.mentioned, names) for row in rows}


def _read(text: str, mentioned: Collection[str], names: Mapping[int, BothNames]) -> str:
    """What was said, with those who were called by @ named in the reader's language."""
    called = [names[int(person)] for person in mentioned if int(person) in names]
    return called_as(text, ((other, person_name(*one)) for one in called for other in one))
