"""What somebody has started: matters that they took in, and those in which they set something off themselves."""

from flask import Flask
from sqlalchemy import select, union, update

from app.audit.services import SYSTEM, Actor
from app.cases.models import Case, Relation, Report
from app.cases.queries import case_by_id
from app.cases.services.access import recuse_person
from app.cases.services.relations import merge_case, unrelate_cases
from app.cases.starters import GATHER, starters
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.cases import viewer
from app.devdata.county import COUNTY_ID, PEOPLE
from app.directory.rules import Viewer
from app.tasks.filters import Filter
from app.tasks.listing import case_page, count, counts
from app.workflow.models import Instance
from app.workflow.services import start_instance
from app.workflow.start_models import Initiator
from tests.functional.conftest import BrowserAs

BOUNDARY = "宅基地边界不清"


def person(login: str) -> Viewer:
    return viewer(login, now=clock.now())


def case_of(beginning: str) -> Case:
    db.session.remove()
    return db.session.scalars(select(Case).where(Case.summary.like(f"{beginning}%"))).one()


def started(login: str) -> list[str]:
    """The codes in this person's list; their number says the same."""
    db.session.remove()
    who = person(login)
    codes = [case.code for case in case_page(who, Filter("started")).rows]
    assert counts(who)["started"] == count(who, Filter("started")) == len(codes) == len(set(codes)), login
    return codes


def begin(case_id: int, actor: Actor) -> None:
    start_instance(COUNTY_ID, "dispute", subject_id=case_id, actor=actor, now=clock.now())


def test_who_took_a_matter_in_began_its_process(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    case = case_of(BOUNDARY)
    instance = db.session.scalars(select(Instance).where(Instance.subject_id == case.id)).one()
    assert instance.started_by == person("clerk").person_id
    assert case.code in started("clerk")
    assert case.code not in started("elder")
    assert "陈晓梅发起" in browser_as("mediator").get(f"/cases/{case.code}/diagram").text


def test_an_optional_action_is_started_by_whoever_sets_it_off(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    """Once in the list, however often and in however many ways."""
    code = case_of(BOUNDARY).code
    elder = browser_as("elder")
    before = {one.login: started(one.login) for one in PEOPLE}
    for _ in range(2):
        assert elder.post(f"/cases/{code}/optional/site_visit").status_code == 302
    assert started("elder") == [code, *before["elder"]]
    assert code in elder.get("/tasks/?tab=started").text
    assert {login: started(login) for login in before if login != "elder"} == {
        login: codes for login, codes in before.items() if login != "elder"
    }


def test_so_is_what_a_message_from_the_case_page_begins(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    code = case_of(BOUNDARY).code
    assert code not in started("mediator")
    asked = {"withdrawn_by": "both", "withdrawal_reason": "自己去谈"}
    assert browser_as("mediator").post(f"/cases/{code}/actions/party_withdrew", data=asked).status_code == 302
    assert code in started("mediator")


def test_a_process_is_started_by_a_hand_or_by_nobody(app: Flask, played_county: int) -> None:
    case = case_of(BOUNDARY)
    leader, case_id = person("leader"), case.id
    db.session.remove()
    for actor in (SYSTEM, Actor("party", leader.person_id, "张建国")):
        run_unit(lambda actor=actor: begin(case_id, actor))  # type: ignore[misc]
        assert case.code not in started("leader"), actor
    run_unit(lambda: begin(case_id, Actor("person", leader.person_id, leader.name)))
    assert started("leader").count(case.code) == 1


def test_what_is_no_longer_ones_own_to_see_is_listed_no_longer(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    case = case_of(BOUNDARY)
    assert browser_as("elder").post(f"/cases/{case.code}/optional/site_visit").status_code == 302
    assert case.code in started("elder")
    elder, case_id = person("elder").person_id, case.id
    db.session.remove()

    def keep_out() -> None:
        recuse_person(
            db.session.get_one(Case, (COUNTY_ID, case_id)), elder, reason="亲属", actor=SYSTEM, now=clock.now()
        )

    run_unit(keep_out)
    assert case.code not in started("elder")
    assert db.session.scalars(select(Initiator.subject_id).where(Initiator.person_id == elder)).all() == [case_id]


def told() -> set[tuple[int, int]]:
    """Who started what, (person, case), as reports, processes and what was set off say it."""
    db.session.remove()
    found = db.session.execute(
        union(
            select(Report.received_by_id, Report.case_id).where(Report.received_by_id.is_not(None)),
            select(Instance.started_by, Instance.subject_id).where(Instance.started_by.is_not(None)),
            select(Initiator.person_id, Initiator.subject_id),
        )
    )
    return {(row[0], row[1]) for row in found}


def kept() -> set[tuple[int, int]]:
    return {(row.person_id, row.case_id) for row in db.session.execute(select(starters))}


def test_the_reports_of_a_merged_case_go_with_it_and_come_back(app: Flask, played_county: int) -> None:
    into, case = case_of(BOUNDARY), case_of("隔壁新砌围墙挡了排水沟")
    clerk, ids = person("clerk").person_id, (case.id, into.id)
    other = person("clerk2").person_id
    assert told() == kept()
    db.session.remove()
    run_unit(lambda: db.session.execute(update(Report).where(Report.case_id == ids[0]).values(received_by_id=other)))
    run_unit(lambda: db.session.execute(GATHER))
    run_unit(lambda: merge_case(*(case_by_id(COUNTY_ID, one) for one in ids), actor=SYSTEM, now=clock.now()))
    assert told() == kept()
    assert {(other, ids[1]), (clerk, ids[0]), (clerk, ids[1])} <= kept()
    assert (other, ids[0]) not in kept(), "it was the report alone"
    relation = db.session.scalars(select(Relation).where(Relation.kind == "merged", Relation.case_id == ids[0])).one()
    keys = (relation.county_id, relation.id)
    db.session.remove()

    def part() -> None:
        unrelate_cases(db.session.get_one(Relation, keys), reason="两件事", actor=SYSTEM, now=clock.now())

    run_unit(part)
    assert told() == kept()
    assert (other, ids[0]) in kept()
