"""Find notices, always those of one reader."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date

from sqlalchemy import bindparam, func, or_, select

from app.core.database import db
from app.core.reads import answers
from app.directory.models import Assignment, Person
from app.directory.rules import Viewer
from app.notices.errors import NoticeNotFound
from app.notices.models import Notice


def notices_of(viewer: Viewer, *, before: int | None = None, limit: int = 50) -> Sequence[Notice]:
    """The newest first; `before` cuts the next page."""
    query = select(Notice).where(Notice.county_id == viewer.county_id, Notice.person_id == viewer.person_id)
    if before is not None:
        query = query.where(Notice.id < before)
    return db.session.scalars(query.order_by(Notice.id.desc()).limit(limit)).all()


Seen = Callable[[Viewer, Collection[str]], Collection[str]]

_seen: list[Seen] = []


def register_matters(seen: Seen) -> None:
    """Let `seen` say which of the cases with these codes a reader may see: of others old notices tell nothing more."""
    _seen[:] = [seen]


def hidden_matters(viewer: Viewer, notices: Collection[Notice]) -> set[str]:
    """The codes that stand in the notices and are not this reader's to see any more."""
    codes = {str(one.params["code"]) for one in notices if one.params.get("code")}
    return codes - {code for seen in _seen for code in seen(viewer, codes)} if codes else set()


Tasks = Callable[[Viewer, Collection[str]], Mapping[str, str]]

_tasks: list[Tasks] = []


def register_tasks(tasks: Tasks) -> None:
    """Let `tasks` say in which of the cases with these codes exactly one task is a reader's to do, and its address."""
    _tasks[:] = [tasks]


def addresses(viewer: Viewer, notices: Collection[Notice], hidden: Collection[str]) -> dict[int, str]:
    """Where each notice leads this reader now, by its id: one about a case, to the one task there that is theirs to do.

    Not to a case that is `hidden` from them: the page of a task says itself what they may still know of it. A process
    tells people of a case before it opens the task that they are told of: so that is looked up here.
    """
    codes = {one.id: str(one.params["code"]) for one in notices if _leads_to_case(one)}
    found = {code: url for tasks in _tasks for code, url in tasks(viewer, set(codes.values())).items()} if codes else {}
    told = {one.id: found.get(codes.get(one.id, ""), one.url) for one in notices}
    unseen = {one.id for one in notices if one.params.get("code") in hidden}
    return {key: "" if key in unseen and not url.startswith("/tasks/") else url for key, url in told.items()}


def _leads_to_case(notice: Notice) -> bool:
    code = notice.params.get("code")
    return bool(code) and notice.url.endswith(f"/{code}")


_UNREAD = select(func.count().label("number")).where(
    Notice.county_id == bindparam("county"), Notice.person_id == bindparam("person"), Notice.read_at.is_(None)
)


def unread_count(viewer: Viewer) -> int:
    found = answers(_UNREAD, {"county": viewer.county_id, "person": viewer.person_id})
    return int(found[0].number)


def notice_of(viewer: Viewer, notice_id: int) -> Notice:
    """Raises NoticeNotFound for somebody else's."""
    found = db.session.get(Notice, (viewer.county_id, notice_id))
    if found is None or found.person_id != viewer.person_id:
        raise NoticeNotFound
    return found


def notices_of_party(county_id: int, party_id: int, limit: int = 20) -> Sequence[Notice]:
    """What a party of a case was told, the newest first: for the party's own page."""
    return db.session.scalars(
        select(Notice)
        .where(Notice.county_id == county_id, Notice.party_id == party_id)
        .order_by(Notice.id.desc())
        .limit(limit)
    ).all()


def holders(county_id: int, role: str, organisation_id: int, *, on: date) -> Sequence[Person]:
    """Who holds the role at this very organisation on a day."""
    return db.session.scalars(
        select(Person)
        .join(Assignment, (Assignment.county_id == Person.county_id) & (Assignment.person_id == Person.id))
        .where(
            Person.county_id == county_id,
            Person.left_at.is_(None),
            Assignment.role == role,
            Assignment.organisation_id == organisation_id,
            Assignment.from_date <= on,
            or_(Assignment.to_date.is_(None), Assignment.to_date >= on),
        )
        .distinct()
        .order_by(Person.id)
    ).all()
