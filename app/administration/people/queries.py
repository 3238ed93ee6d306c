"""The list of people, and what one of them holds."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _
from sqlalchemy import and_, func, or_, select

from app.administration.queries import holds_role_in, people_of, today_of
from app.cases.models import Case
from app.cases.queries import codes_of, codes_seen
from app.cases.services.mediators import count_mediated_by, mediated_by
from app.core.database import any_holds, db
from app.core.paging import Page, cut, decode_cursor, record_id
from app.core.translations import called, label
from app.directory.leaves.models import Leave
from app.directory.leaves.queries import away_on, leaves_led_by
from app.directory.models import Assignment, Organisation, Person, SecondFactor, SignIn
from app.directory.queries import organisation_by_code
from app.directory.rules import ROLES, TASK_ROLES, Viewer
from app.directory.staff.rules import term_on
from app.directory.staff.services import roles_from, valid_tokens
from app.scheduling.models import JobStatus
from app.scheduling.services import job_status
from app.tasks.departures import count_in_hand, tasks_in_hand
from app.workflow.models import WorkItem

SIZE = 50


@dataclass(frozen=True, slots=True)
class Filter:
    """What the list is asked for; the address of the page is the same thing."""

    text: str = ""
    role: str = ""
    office: str = ""
    state: str = ""
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """A role at an office with its time: past, current or planned."""

    assignment: Assignment
    place: Organisation
    when: str


@dataclass(frozen=True, slots=True)
class PersonLine:
    person: Person
    terms: Sequence[Term]
    away: bool
    second_factor: bool
    signed_in_at: datetime | None


@dataclass(frozen=True, slots=True)
class InHand:
    """What somebody holds that others depend on; `codes` are those of the tasks' cases.

    Of a case that is not in `seen` whoever looks learns the code alone: a task may be called after a party.
    """

    tasks: Sequence[WorkItem]
    codes: Mapping[int, str]
    cases: Sequence[Case]
    seen: Collection[str]
    deputyships: Sequence[Leave]
    sign_ins: int
    tokens: Sequence[object]
    roles: Sequence[Assignment]


@dataclass(frozen=True, slots=True)
class Handing:
    """What somebody who left has in hand still: it goes on, stands still, or stays for the heads of teams."""

    tasks: int
    cases: int
    state: str


def people(viewer: Viewer, wanted: Filter, *, now: datetime) -> Page[PersonLine]:
    """The people of the list, by account, with their present and planned roles."""
    today = today_of(viewer, now)
    query = select(Person).where(people_of(viewer, today))
    if wanted.state == "left":
        query = query.where(Person.left_at.is_not(None))
    else:
        query = query.where(Person.left_at.is_(None))
    if wanted.state == "away":
        query = query.where(Person.id.in_(away_on(viewer.county_id, today)))
    if wanted.text:
        names = (Person.name, Person.login, Person.name_en, Person.phone)
        query = query.where(any_holds(names, wanted.text))
    if wanted.role or wanted.office:
        place = organisation_by_code(viewer.county_id, wanted.office) if wanted.office else None
        paths = ((place.path,) if place else ()) if wanted.office else None
        roles = [wanted.role] if wanted.role in ROLES else []
        query = query.where(holds_role_in(paths, today, *roles))
    after = decode_cursor(wanted.cursor, str, record_id)
    if after:
        login, person_id = after
        query = query.where(or_(Person.login > login, and_(Person.login == login, Person.id > person_id)))
    rows = db.session.scalars(query.order_by(Person.login, Person.id).limit(SIZE + 1)).all()
    page = cut(rows, SIZE, lambda one: [one.login, str(one.id)])
    terms = terms_of(viewer.county_id, [one.id for one in page.rows], today)
    away = away_on(viewer.county_id, today)
    signs_in = _signs_in(viewer.county_id, [one.id for one in page.rows])
    lines = [
        PersonLine(
            one,
            [term for term in terms.get(one.id, ()) if term.when != "past"],
            one.id in away,
            *signs_in.get(one.id, (False, None)),
        )
        for one in page.rows
    ]
    return Page(lines, page.next_cursor)


def _signs_in(county_id: int, person_ids: Sequence[int]) -> Mapping[int, tuple[bool, datetime | None]]:
    """Whether people have a second factor, and when they signed in last."""
    last = (
        select(func.max(SignIn.started_at))
        .where(SignIn.county_id == Person.county_id, SignIn.person_id == Person.id, SignIn.owes == "")
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Person.id, SecondFactor.since, last)
        .outerjoin(SecondFactor, (SecondFactor.county_id == Person.county_id) & (SecondFactor.person_id == Person.id))
        .where(Person.county_id == county_id, Person.id.in_(person_ids))
    )
    return {row[0]: (row[1] is not None, row[2]) for row in rows}


def terms_of(county_id: int, person_ids: Sequence[int], today: date) -> Mapping[int, list[Term]]:
    """The roles of people, with their offices, in the order in which they began."""
    rows = db.session.execute(
        select(Assignment, Organisation)
        .join(
            Organisation,
            (Organisation.county_id == Assignment.county_id) & (Organisation.id == Assignment.organisation_id),
        )
        .where(Assignment.county_id == county_id, Assignment.person_id.in_(person_ids))
        .order_by(Assignment.from_date, Assignment.id)
    )
    found: dict[int, list[Term]] = {}
    for row in rows:
        assignment, place = row[0], row[1]
        when = term_on(today, assignment.from_date, assignment.to_date)
        found.setdefault(assignment.person_id, []).append(Term(assignment, place, when))
    return found


def possible_deputies(person: Person, *, today: date) -> Sequence[Person]:
    """Who holds one of the person's roles today, so could do their work: for a time, or when they leave."""
    roles = {one.role for one in roles_from(person, today)} & TASK_ROLES
    return db.session.scalars(
        select(Person)
        .where(
            Person.county_id == person.county_id,
            Person.id != person.id,
            Person.left_at.is_(None),
            holds_role_in(None, today, *sorted(roles or {""})),
        )
        .order_by(Person.login)
    ).all()


def person_options(people: Sequence[Person], *, today: date) -> list[tuple[int, str]]:
    """People to choose from: each with their offices of today and whether they are away, the account where two would
    read alike."""
    if not people:
        return []
    county_id = people[0].county_id
    terms, away = terms_of(county_id, [one.id for one in people], today), away_on(county_id, today)
    words: dict[int, str] = {}
    for one in people:
        held = dict.fromkeys(label(term.place) for term in terms.get(one.id, ()) if term.when == "current")
        words[one.id] = " · ".join([called(one), *held, *([_("on leave")] if one.id in away else [])])
    alike = Counter(words.values())
    return [
        (one.id, words[one.id] if alike[words[one.id]] == 1 else f"{words[one.id]} · {one.login}") for one in people
    ]


def staff(county_id: int) -> Sequence[Person]:
    """Everybody who works here, by account."""
    return db.session.scalars(
        select(Person).where(Person.county_id == county_id, Person.left_at.is_(None)).order_by(Person.login)
    ).all()


def handing_over(person: Person) -> Handing:
    """How far the worker is with what somebody had in hand who has left."""
    tasks = count_in_hand(person.county_id, person.id)
    cases = count_mediated_by(person.county_id, person.id)
    status = job_status(person.county_id, handover_reference(person.id))
    going_on = {JobStatus.DUE: "under_way", JobStatus.FAILED: "stands_still"}
    return Handing(tasks, cases, going_on.get(JobStatus(status), "done") if status else "done")


def handover_reference(person_id: int) -> str:
    """The name under which the jobs that hand over what a person had are found."""
    return f"handover:{person_id}"


def in_hand(viewer: Viewer, person: Person, *, now: datetime) -> InHand:
    """What a person holds at this moment, as the viewer may see it."""
    today = today_of(viewer, now)
    sign_ins = db.session.scalar(
        select(func.count())
        .select_from(SignIn)
        .where(
            SignIn.county_id == person.county_id,
            SignIn.person_id == person.id,
            SignIn.ended_at.is_(None),
            SignIn.expires_at > now,
        )
    )
    tasks = tasks_in_hand(person.county_id, person.id)
    codes = codes_of(person.county_id, {one.subject_id for one in tasks if one.subject_id is not None})
    cases = mediated_by(person.county_id, person.id)
    return InHand(
        tasks=tasks,
        codes=codes,
        cases=cases,
        seen=set(codes_seen(viewer, {*codes.values(), *(one.code for one in cases)})),
        deputyships=leaves_led_by(person.county_id, person.id, from_day=today),
        sign_ins=int(sign_ins or 0),
        tokens=valid_tokens(person, now=now),
        roles=roles_from(person, today) if person.left_at is None else [],
    )
