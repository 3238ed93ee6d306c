"""Related cases: found by people and place, linked and parted with a reason, never one that the reader may not see."""

import re
from datetime import timedelta

from flask import Flask
from sqlalchemy import select, update

from app.audit.queries import entries
from app.audit.services import SYSTEM, Stream
from app.cases.models import Case, Report
from app.cases.queries import case_by_id
from app.cases.services.parties import add_party
from app.cases.services.relations import merge_case
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.workflow.models import WorkItem
from tests.functional.conftest import BrowserAs

HERE, OTHER, THIRD = "宅基地边界不清", "借款三万元写有借条", "装修噪声从早到晚"
EN = {"Accept-Language": "en", "HX-Request": "true"}


def case_of(beginning: str) -> Case:
    db.session.remove()
    return db.session.scalars(select(Case).where(Case.summary.like(f"{beginning}%"))).one()


def joins(beginning: str, **who: str) -> None:
    """Somebody becomes a party of this case too."""
    key = case_of(beginning).county_id, case_of(beginning).id
    db.session.remove()
    run_unit(
        lambda: add_party(
            case_by_id(*key), side="respondent", name=who["name"], values=who, actor=SYSTEM, now=clock.now()
        )
    )


def events(case: Case) -> list[str]:
    db.session.remove()
    return [one.event for one in entries(Stream.case(case.county_id, case.id))]


def test_the_same_people_bring_cases_together(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    here = case_of(HERE)
    joins(HERE, name="徐永福", phone="13905711234")
    joins(OTHER, name="徐老大", phone="13905711234")
    joins(THIRD, name="徐永福")
    for other, days in ((OTHER, -30), (THIRD, 30)):
        opened = update(Case).where(Case.summary.like(f"{other}%")).values(opened_at=here.opened_at + timedelta(days))
        run_unit(lambda change=opened: db.session.execute(change))
    leader = browser_as("leader")
    shown = leader.get(f"/cases/{here.code}/related", headers=EN).text
    assert case_of(OTHER).code in shown
    assert case_of(THIRD).code in shown
    assert "2 other cases of the same people or place" in shown
    assert "1 opened before this one, 1 after it" in shown
    assert "same telephone" in shown
    assert "same name" in shown
    assert "<html" not in shown
    assert f'hx-get="/cases/{here.code}/related"' in leader.get(f"/cases/{here.code}").text


def test_what_is_hidden_is_not_counted(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    here = case_of(HERE)
    for beginning in (HERE, OTHER, THIRD):
        joins(beginning, name="徐永福", phone="13905711234")
    restricted = update(Case).where(Case.summary.like(f"{OTHER}%")).values(sensitivity="restricted")
    items = update(WorkItem).where(WorkItem.subject_id == case_of(OTHER).id).values(sensitivity="restricted")
    db.session.remove()
    run_unit(lambda: [db.session.execute(one) for one in (restricted, items)])
    for login, number in (("leader", 2), ("clerk", 1)):
        shown = browser_as(login).get(f"/cases/{here.code}/related", headers=EN).text
        seen = set(re.findall(r"FX\d{4}-\d{6}-\w{3}", shown)) - {here.code}
        found = re.search(r"(\d+) other case", shown)
        assert found is not None
        assert len(seen) == int(found[1]) == number, login
        assert (case_of(OTHER).code in seen) == (login == "leader")


def test_a_link_is_made_with_a_reason_and_taken_back(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    here, other = case_of(HERE), case_of(OTHER)
    url = f"/cases/{here.code}/related"
    clerk = browser_as("clerk")
    assert clerk.post(url, data={"code": other.code}).status_code == 422
    assert clerk.post(url, data={"code": "FX2026-999999-AAA", "reason": "一家人"}).status_code == 422
    assert clerk.post(url, data={"code": here.code, "reason": "一家人"}).status_code == 409
    assert browser_as("auditor").post(url, data={"code": other.code, "reason": "看看"}).status_code == 403
    assert "case.related" not in events(here)
    assert clerk.post(url, data={"code": other.code.lower(), "reason": "一家人"}).status_code == 302
    assert events(here)[0] == events(other)[0] == "case.related"
    for one, counterpart in ((here, other), (other, here)):
        again = clerk.post(f"/cases/{one.code}/related", data={"code": counterpart.code, "reason": "再关联"})
        assert again.status_code == 409
        assert "这两件纠纷已经关联" in again.text
        assert 'value="再关联"' in again.text
    assert events(here).count("case.related") == 1
    page = clerk.get(f"/cases/{other.code}/related").text
    assert here.code in page
    found = re.search(rf"/cases/{other.code}/related/(\d+)/end", page)
    assert found is not None
    assert clerk.post(found[0]).status_code == 422
    assert browser_as("shiqiao.mediator").post(found[0], data={"reason": "x"}).status_code == 404
    assert clerk.post(found[0], data={"reason": "不是一家人"}).status_code == 302
    assert events(here)[0] == events(other)[0] == "case.unrelated"
    assert clerk.post(found[0], data={"reason": "不是一家人"}).status_code == 404
    assert "不是一家人" in clerk.get(f"/cases/{here.code}/timeline").text


def test_a_merged_case_is_parted_and_goes_on_by_itself(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    merged, into = case_of("隔壁新砌围墙"), case_of("村口承包鱼塘")
    keys = (merged.county_id, merged.id), (into.county_id, into.id)
    db.session.remove()
    run_unit(lambda: merge_case(case_by_id(*keys[0]), case_by_id(*keys[1]), actor=SYSTEM, now=clock.now()))
    clerk = browser_as("clerk")
    page = clerk.get(f"/cases/{into.code}/related").text
    found = re.search(rf"/cases/{into.code}/related/(\d+)/end", page)
    assert found is not None
    assert clerk.post(found[0], data={"reason": "两件事"}).status_code == 302
    again = case_of("隔壁新砌围墙")
    assert (again.status, again.successor_id, again.outcome) == ("open", None, None)
    assert db.session.scalars(select(Report.case_id).where(Report.case_id == again.id)).all()
    assert db.session.scalars(select(Report.case_id).where(Report.case_id == into.id)).all()
    open_tasks = select(WorkItem.id).where(WorkItem.subject_id == again.id, WorkItem.status == "open")
    assert db.session.scalars(open_tasks).all()
    assert clerk.get(f"/cases/{again.code}").status_code == 200
    assert "case.parted" in events(again)
