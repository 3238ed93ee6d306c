"""The numbers on the tabs equal their lists, for every role and after every move; what keeps them heals itself."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, func, insert, select, update

from app.audit.services import SYSTEM
from app.cases.models import Case
from app.cases.services.access import end_recusal, recuse_person
from app.core import clock
from app.core.database import FOREVER, db
from app.core.unit_of_work import run_unit
from app.devdata.cases import viewer
from app.devdata.county import COUNTY_ID, PEOPLE, SINCE, person_named
from app.directory import services as directory
from app.directory.models import Organisation
from app.directory.rules import Viewer
from app.supervision.models import SupervisionOrder
from app.tasks.conditions import TABS
from app.tasks.filters import Filter
from app.tasks.listing import case_page, count, counts, inbox_page, tabs_of
from app.workflow.counting import count_deltas, fold, recount
from app.workflow.counting import counts as base
from app.workflow.models import WorkItem, WorkItemCandidate, WorkItemPerson

SINCE_NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def person(login: str) -> Viewer:
    return viewer(login, now=clock.now())


def listed(who: Viewer, tab: str) -> set[int]:
    found: list[int] = []
    cursor = None
    while True:
        if tab in TABS:
            page = inbox_page(who, Filter(tab, "", cursor), size=7)
            found += [row.item.id for row in page.rows]
        else:
            page = case_page(who, Filter(tab, "", cursor), size=7)
            found += [case.id for case in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            assert len(found) == len(set(found))
            return set(found)


EVERYBODY = tuple(one.login for one in PEOPLE)
SOME = ("leader", "dispatcher", "mediator", "clerk", "yunling.dispatcher")


def every_number_is_its_list(logins: tuple[str, ...] = SOME) -> int:
    """Returns how many tasks and cases stood in a list."""
    db.session.remove()
    seen = 0
    for login in logins:
        who = person(login)
        numbers = counts(who)
        for tab in tabs_of(who):
            rows = listed(who, tab)
            assert numbers[tab] == count(who, Filter(tab)) == len(rows), (login, tab)
            seen += len(rows)
    db.session.remove()
    return seen


def move(case_id: int | None, place: Organisation) -> None:
    """Let another office lead a case; its tasks repeat it."""
    where = {"org_path": place.path}
    as_unit(update(Case).where(Case.id == case_id).values(lead_organisation_id=place.id, **where))
    as_unit(update(WorkItem).where(WorkItem.subject_id == case_id).values(org_id=place.id, **where))


def deltas() -> int:
    db.session.remove()
    return db.session.scalar(select(func.count()).select_from(count_deltas)) or 0


def as_unit(statement: object) -> None:
    db.session.remove()
    run_unit(lambda: db.session.execute(statement))  # type: ignore[call-overload]


def test_numbers_follow_every_move_of_a_task(app: Flask, played_county: int) -> None:
    assert every_number_is_its_list(EVERYBODY) > 20
    pooled = select(WorkItemCandidate.work_item_id).where(WorkItemCandidate.waiting)
    first, second, *_ = db.session.scalars(pooled.distinct().order_by(WorkItemCandidate.work_item_id)).all()
    dispatcher = person_named("dispatcher").id
    moves = [
        {"assignee_id": dispatcher},
        {"assignee_id": None},
        {"risk": 4},
        {"sensitivity": "restricted"},
        {"assignee_id": dispatcher},
        {"sensitivity": "normal"},
        {"assignee_id": None, "sensitivity": "restricted"},
        {"status": "done", "closed_by": dispatcher, "closed_at": clock.now()},
    ]
    case_id = db.session.scalar(select(WorkItem.subject_id).where(WorkItem.id == first))
    for values in moves:
        as_unit(update(WorkItem).where(WorkItem.id == first).values(**values))
        if "sensitivity" in values:  # is the case's: its tasks repeat it
            restriction = {"sensitivity": values["sensitivity"]}
            as_unit(update(Case).where(Case.id == case_id).values(**restriction))
            as_unit(update(WorkItem).where(WorkItem.subject_id == case_id).values(**restriction))
        every_number_is_its_list()
        assert run_unit(recount) == 0, values
    place = db.session.scalars(select(Organisation).where(Organisation.code == "330681102000")).one()
    move(db.session.scalar(select(WorkItem.subject_id).where(WorkItem.id == second)), place)
    as_unit(delete(WorkItemCandidate).where(WorkItemCandidate.work_item_id == second))
    every_number_is_its_list()
    offered = {"county_id": COUNTY_ID, "work_item_id": second, "organisation_id": place.id}
    for role in ("dispatcher", "leader"):
        as_unit(insert(WorkItemCandidate).values(**offered, role=role))
    both = listed(person("yunling.dispatcher"), "available")
    assert second in both
    every_number_is_its_list()
    assert run_unit(recount) == 0


def test_numbers_of_ones_own_follow_the_matters(app: Flask, played_county: int) -> None:
    """What somebody started, was sent a copy of, put off; what waits for an answer: as the matters come and go."""
    clerk, elsewhere = person("clerk"), person("yunling.dispatcher")
    case_id = max(listed(clerk, "started"))
    item_id = db.session.scalars(select(WorkItem.id).where(WorkItem.subject_id == case_id)).first()
    home, away = (db.session.get(Organisation, (COUNTY_ID, who.roles[0].organisation_id)) for who in (clerk, elsewhere))
    assert item_id is not None
    assert home is not None
    assert away is not None
    copy = {"work_item_id": item_id, "subject_id": case_id, "kind": "copied", "added_by": clerk.person_id}
    for who in (clerk, elsewhere):
        as_unit(
            insert(WorkItemPerson).values(county_id=COUNTY_ID, person_id=who.person_id, added_at=SINCE_NOON, **copy)
        )
    order = {
        "county_id": COUNTY_ID,
        "case_id": case_id,
        "card": "yellow",
        "demand": "三日内答复",
        "ordered_at": SINCE_NOON,
    }
    as_unit(insert(SupervisionOrder).values(ordered_by="", **order))
    before = {tab: counts(clerk)[tab] for tab in ("started", "copied", "supervision")}
    assert counts(elsewhere)["copied"] == 0, "a copy of what one may not see"
    of_case = Case.id == case_id
    changes = [
        lambda: move(case_id, away),
        lambda: as_unit(update(Case).where(of_case).values(mediator_id=clerk.person_id)),
        lambda: as_unit(update(Case).where(of_case).values(mediator_id=None)),
        lambda: as_unit(update(Case).where(of_case).values(sensitivity="restricted")),
        lambda: as_unit(update(WorkItem).where(WorkItem.subject_id == case_id).values(sensitivity="restricted")),
        lambda: move(case_id, home),
        lambda: as_unit(update(Case).where(of_case).values(mediator_id=clerk.person_id)),
        lambda: as_unit(update(Case).where(of_case).values(mediator_id=None, sensitivity="normal")),
        lambda: as_unit(update(WorkItem).where(WorkItem.subject_id == case_id).values(sensitivity="normal")),
    ]
    for number, change in enumerate(changes):
        change()
        if number not in (3, 7):  # between the case and its tasks
            every_number_is_its_list(EVERYBODY)
        assert run_unit(recount) == 0, number
    assert {tab: counts(clerk)[tab] for tab in before} == before
    as_unit(update(Case).where(of_case).values(status="merged"))
    assert counts(clerk)["supervision"] == before["supervision"] - 1
    as_unit(update(Case).where(of_case).values(status="open"))
    as_unit(update(SupervisionOrder).where(SupervisionOrder.case_id == case_id).values(closed_at=SINCE_NOON))
    as_unit(update(WorkItemPerson).where(WorkItemPerson.kind == "copied").values(ended_at=SINCE_NOON))
    every_number_is_its_list(EVERYBODY)
    assert counts(clerk)["copied"] == before["copied"] - 1
    assert counts(clerk)["supervision"] == before["supervision"] - 1
    mine = {"assignee_id": clerk.person_id, "status": "open", "due_at": FOREVER}
    as_unit(update(WorkItem).where(WorkItem.id == item_id).values(**mine))
    held = counts(clerk)["mine"]
    as_unit(update(WorkItem).where(WorkItem.id == item_id).values(follow_up_at=clock.now() + timedelta(days=9)))
    assert counts(clerk)["mine"] == held - 1
    every_number_is_its_list(EVERYBODY)
    as_unit(delete(SupervisionOrder))
    assert run_unit(recount) == 0


def test_numbers_stay_when_deltas_are_folded(app: Flask, played_county: int) -> None:
    before = {login: counts(person(login)) for login in ("leader", "dispatcher", "mediator")}
    assert deltas() > 0
    assert run_unit(fold) > 0
    assert deltas() == 0
    assert {login: counts(person(login)) for login in before} == before
    every_number_is_its_list()
    assert run_unit(fold) == 0


@pytest.mark.parametrize("folded", [False, True])
def test_a_wrong_counter_is_found_and_put_right(app: Flask, played_county: int, folded: bool) -> None:
    right = counts(person("leader"))["team"]
    db.session.remove()
    run_unit(fold)
    wrong = update(base).where(base.c.kind == "open").values(n=base.c.n + 3)
    as_unit(wrong)
    assert counts(person("leader"))["team"] > right
    assert run_unit(recount) > 0
    if folded:
        run_unit(fold)
    assert counts(person("leader"))["team"] == right
    assert run_unit(recount) == 0


def test_nothing_shows_that_a_restricted_matter_exists(app: Flask, played_county: int) -> None:
    """Whoever may not see it has the same numbers as if it were not there."""
    item = db.session.scalars(
        select(WorkItem).where(
            WorkItem.status == "open", WorkItem.assignee_id.is_(None), WorkItem.sensitivity == "normal"
        )
    ).first()
    assert item is not None
    case_id, item_id = item.subject_id, item.id
    of_case = select(WorkItem.id).where(WorkItem.subject_id == case_id)
    as_unit(delete(WorkItemCandidate).where(WorkItemCandidate.work_item_id.in_(of_case)))
    as_unit(update(WorkItem).where(WorkItem.subject_id == case_id).values(assignee_id=None))
    before = {login: counts(person(login)) for login in EVERYBODY}
    shown = {login: item_id in listed(person(login), "team") for login in before}
    as_unit(update(Case).where(Case.id == case_id).values(sensitivity="restricted", mediator_id=None))
    as_unit(update(WorkItem).where(WorkItem.subject_id == case_id).values(sensitivity="restricted"))
    every_number_is_its_list(EVERYBODY)
    lost = {login for login in before if shown[login] and item_id not in listed(person(login), "team")}
    assert "dispatcher" in lost
    assert "leader" not in lost
    assert counts(person("dispatcher"))["team"] < before["dispatcher"]["team"]
    assert counts(person("leader")) == before["leader"]


def test_who_is_recused_counts_the_matter_no_more(app: Flask, played_county: int) -> None:
    who = person("leader")
    before = counts(who)
    item_id = next(iter(listed(who, "team")))
    case_id = db.session.scalar(select(WorkItem.subject_id).where(WorkItem.id == item_id))

    def change(end: bool) -> None:
        case = db.session.get(Case, (COUNTY_ID, case_id))
        assert case is not None
        act = end_recusal if end else recuse_person
        act(case, who.person_id, reason="亲属", actor=SYSTEM, now=clock.now())

    db.session.remove()
    run_unit(lambda: change(False))
    assert counts(who)["team"] < before["team"]
    assert item_id not in listed(who, "team")
    every_number_is_its_list()
    run_unit(lambda: change(True))
    assert counts(who) == before


def test_a_task_in_two_pools_of_one_person_is_one_task(app: Flask, played_county: int) -> None:
    organisation_id = person("dispatcher").roles[0].organisation_id
    db.session.remove()

    def widen() -> None:
        one = person_named("dispatcher")
        place = db.session.get(Organisation, (COUNTY_ID, organisation_id))
        assert place is not None
        for role in ("leader", "clerk"):
            directory.assign_role(one, role, place, from_date=SINCE)

    run_unit(widen)
    available = db.session.scalars(
        select(WorkItemCandidate.work_item_id).where(
            WorkItemCandidate.role == "dispatcher",
            WorkItemCandidate.organisation_id == organisation_id,
            WorkItemCandidate.waiting,
        )
    ).all()
    assert available
    for item_id in available:
        for role in ("leader", "clerk"):
            row = {"county_id": COUNTY_ID, "work_item_id": item_id, "organisation_id": organisation_id, "role": role}
            if db.session.get(WorkItemCandidate, (COUNTY_ID, item_id, role, organisation_id)) is None:
                as_unit(insert(WorkItemCandidate).values(**row))
    who = person("dispatcher")
    assert counts(who)["available"] == len(listed(who, "available"))
    every_number_is_its_list()
