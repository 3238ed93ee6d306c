"""Say something about a matter, change it shortly after, take it back; call colleagues by @."""

from collections.abc import Collection
from datetime import datetime

from app.audit.services import Stream, record
from app.cases.models import Case
from app.cases.queries import case_by_id
from app.cases.rights import acts_in
from app.cases.services.cases import refuse_if_closed_to_changes
from app.core.database import db
from app.core.translations import both_names
from app.directory import queries as directory
from app.directory.access import NORMAL
from app.directory.models import Person
from app.directory.rules import Viewer
from app.directory.sessions import actor_of
from app.notices.services import Recipient, mail_address, notify
from app.tasks.comments import queries
from app.tasks.comments.errors import (
    ChosenMayNotBeCalled,
    CommentNotFound,
    MayNotBeCalled,
    NothingSaid,
    NotYourComment,
    ReadersDoNotComment,
    SaidTooLongAgo,
    SeveralAreCalled,
    TooLong,
    WithdrawnAlready,
)
from app.tasks.comments.models import Comment
from app.tasks.comments.rules import LONGEST, MOST_MENTIONED, called, calls, may_be_changed
from app.tasks.queries import visible_task
from app.tasks.services import stream_of
from app.workflow.models import WorkItem


def add_comment(
    text: str,
    *,
    case: Case | None = None,
    item: WorkItem | None = None,
    mentioned: Collection[int] = (),
    viewer: Viewer,
    now: datetime,
) -> Comment:
    """Say something about a task, or about a case as a whole. Whoever is called by @ is told.

    Only people who may see the matter can be called: raises MayNotBeCalled for others, and nothing is said. Raises
    CaseSealed and CaseMerged where nothing can be said any more.
    """
    text = _said(text)
    if item is not None and item.subject_id is not None and case is None:
        case = case_by_id(item.county_id, item.subject_id)
    if not acts_in(viewer, case):
        raise ReadersDoNotComment
    if not queries.matter_seen(viewer, case, item):
        raise CommentNotFound
    if case is not None:
        refuse_if_closed_to_changes(case)
    people = _called(text, mentioned, case, item, viewer, now)
    comment = Comment(
        county_id=viewer.county_id,
        case_id=case.id if case is not None else None,
        work_item_id=item.id if item is not None else None,
        author_id=viewer.person_id,
        text=text,
        mentioned=[str(one.id) for one in people],
        at=now,
    )
    db.session.add(comment)
    db.session.flush()
    _note(comment, "comment.added", viewer, now, {"names": [one.name for one in people]} if people else {})
    _tell(comment, people, viewer, now)
    return comment


def edit_comment(comment: Comment, text: str, *, viewer: Viewer, now: datetime) -> None:
    """Say it better. Who is called only now is told now."""
    text = _said(text)
    _refuse_change(comment, viewer, now)
    if text == comment.text:
        return
    before, earlier = comment.text, set(comment.mentioned)
    case = case_by_id(comment.county_id, comment.case_id) if comment.case_id is not None else None
    item = visible_task(viewer, comment.work_item_id) if comment.work_item_id is not None else None
    still = [int(one) for one in earlier if queries.sees_matter(viewer.county_id, int(one), case, item, now)]
    people = _called(text, still, case, item, viewer, now)
    comment.text, comment.edited_at = text, now
    comment.mentioned = [str(one.id) for one in people]
    db.session.flush()
    _note(comment, "comment.edited", viewer, now, {"before": before})
    _tell(comment, [one for one in people if str(one.id) not in earlier], viewer, now)


def withdraw_comment(comment: Comment, *, viewer: Viewer, now: datetime) -> None:
    """Take it back: nobody reads it any more on a page; the history keeps that something was said."""
    _refuse_change(comment, viewer, now)
    before = comment.text
    comment.text, comment.withdrawn_at, comment.mentioned = "", now, []
    db.session.flush()
    _note(comment, "comment.withdrawn", viewer, now, {"before": before})


def _said(text: str) -> str:
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise NothingSaid
    if len(text) > LONGEST:
        raise TooLong(most=LONGEST, number=len(text))
    return text


def _refuse_change(comment: Comment, viewer: Viewer, now: datetime) -> None:
    if comment.author_id != viewer.person_id:
        raise NotYourComment
    if comment.withdrawn_at is not None:
        raise WithdrawnAlready
    if not may_be_changed(comment.at, now):
        raise SaidTooLongAgo
    if comment.case_id is not None:
        refuse_if_closed_to_changes(case_by_id(comment.county_id, comment.case_id))


def _called(
    text: str, chosen: Collection[int], case: Case | None, item: WorkItem | None, viewer: Viewer, now: datetime
) -> list[Person]:
    """The people who are called in the text or ticked beside it; never the author.

    Whoever was chosen by number and may not be called is not named: numbers tell nobody names.
    """
    found = calls(text)
    known = queries.people_called(viewer.county_id, found)
    wanted = dict.fromkeys(chosen)
    for call in found:
        meant = called(call, known)
        seeing = [one for one in meant if queries.sees_matter(viewer.county_id, one, case, item, now)]
        if len(seeing) > 1:
            raise SeveralAreCalled(name=both_names(directory.person(viewer.county_id, seeing[0])))
        if meant and not seeing:
            raise MayNotBeCalled(name=both_names(directory.person(viewer.county_id, next(iter(meant)))))
        wanted |= dict.fromkeys(seeing)
    wanted.pop(viewer.person_id, None)
    people = []
    for person_id in list(wanted)[:MOST_MENTIONED]:
        person = db.session.get(Person, (viewer.county_id, person_id))
        if person is None or not queries.sees_matter(viewer.county_id, person_id, case, item, now):
            raise ChosenMayNotBeCalled
        people.append(person)
    return people


def _tell(comment: Comment, people: Collection[Person], viewer: Viewer, now: datetime) -> None:
    """A notice with the way to the comment; the words of a restricted matter stay in the house."""
    case = case_by_id(comment.county_id, comment.case_id) if comment.case_id is not None else None
    plain = case is None or case.sensitivity == NORMAL
    params = {
        "by": viewer.name,
        "by_en": viewer.name_en,
        "code": case.code if case is not None else "",
        "text": comment.text[:120] if plain else "",
    }
    where = f"/cases/{case.code}/comments" if case is not None else ""
    if comment.work_item_id is not None:
        where = f"/tasks/{comment.work_item_id}"
    told = [Recipient(one.name, one.id, address=mail_address(one.login)) for one in people]
    notify(comment.county_id, told, "mentioned", params, url=f"{where}#comment-{comment.id}", now=now)


def _note(comment: Comment, event: str, viewer: Viewer, now: datetime, payload: dict[str, object]) -> None:
    if comment.case_id is not None:
        stream = Stream.case(comment.county_id, comment.case_id)
    else:
        stream = stream_of(db.session.get_one(WorkItem, (comment.county_id, comment.work_item_id)))
    record(stream, event, actor=actor_of(viewer), now=now, payload=payload, about={"comment": comment.id})
