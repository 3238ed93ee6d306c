"""A deputy does the work of somebody on leave: it is theirs to see and do, named for both, and ends with the leave."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import update

from app.audit.services import SYSTEM
from app.cases.models import Case
from app.cases.queries import case_by_id
from app.cases.services.access import recuse_person
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.county import person_named
from app.directory.leaves.models import Leave
from app.directory.queries import organisation_by_code
from app.directory.services import assign_role
from app.tasks.errors import TaskOfAnother
from app.tasks.filters import Filter
from app.tasks.listing import inbox_page
from app.tasks.moves.rules import ToPerson
from app.tasks.moves.services.passing import hand_over, return_task
from app.tasks.moves.services.reminding import urge
from app.tasks.services import complete_task, release_task
from app.workflow.models import WorkItem
from tests.functional.conftest import BrowserAs
from tests.functional.tasks.moves.scene import (
    as_it_is,
    away,
    change,
    do,
    history,
    id_of,
    pooled,
    task_of_zhu,
    told,
    who,
)
from tests.functional.tasks.test_numbers import every_number_is_its_list


def mine(login: str) -> set[int]:
    db.session.remove()
    found = {row.item.id for row in inbox_page(who(login), Filter("mine")).rows}
    db.session.remove()
    return found


def test_the_deputy_finds_and_does_the_work_and_the_history_names_both(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    item, deputy = task_of_zhu(), "shiqiao.mediator"
    code = case_by_id(1, item.subject_id or 0).code
    browser = browser_as(deputy)
    assert browser.get(f"/cases/{code}").status_code == 404
    away(id_of("elder"), id_of(deputy))
    assert item.id in mine(deputy)
    every_number_is_its_list((deputy, "elder"))
    assert browser.get(f"/cases/{code}").status_code == 200
    assert "朱有福请假，由您代理" in browser.get(f"/tasks/{item.id}").text
    assert "代 朱有福" in browser.get("/tasks/?tab=mine").text
    person, now = who(deputy), clock.now()
    db.session.remove()
    values = {"rights_confirmed": True, "rights_told_how": "oral"}
    run_unit(lambda: complete_task(as_it_is(item), values, viewer=person, now=now))
    closed = as_it_is(item)
    assert (closed.status, closed.closed_by) == ("done", id_of(deputy))
    told_ = next(one for one in history(item) if one.event == "task.completed")
    assert (told_.actor_name, told_.payload["on_behalf_of"]) == ("柏大山", "朱有福")
    assert "柏大山（代 朱有福）" in browser_as("elder").get(f"/cases/{code}/timeline").text


def test_it_ends_with_the_leave(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    item, browser = task_of_zhu(), browser_as("shiqiao.mediator")
    away(id_of("elder"), id_of("shiqiao.mediator"))
    assert browser.get(f"/tasks/{item.id}").status_code == 200
    change(update(Leave).values(ended_at=clock.now()))
    assert browser.get(f"/tasks/{item.id}").status_code == 404
    assert item.id not in mine("shiqiao.mediator")


def test_what_a_deputy_passes_on_is_passed_on_for_the_absent(app: Flask, played_county: int) -> None:
    item = task_of_zhu()
    away(id_of("elder"), id_of("shiqiao.mediator"))
    do("shiqiao.mediator", hand_over, item, ToPerson(id_of("mediator")), reason="就近办理")
    assert history(item)[0].payload["on_behalf_of"] == "朱有福"
    do("mediator", return_task, item, reason="不便")
    assert as_it_is(item).assignee_id == id_of("shiqiao.mediator")


def test_restricted_matters_and_conflicts_of_interest_do_not_come_to_a_deputy(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    item, browser = task_of_zhu(), browser_as("shiqiao.mediator")
    subject = item.subject_id or 0
    away(id_of("elder"), id_of("shiqiao.mediator"))
    change(update(Case).where(Case.id == subject).values(sensitivity="restricted"))
    change(update(WorkItem).where(WorkItem.subject_id == subject).values(sensitivity="restricted"))
    assert browser.get(f"/tasks/{item.id}").status_code == 404
    assert item.id not in mine("shiqiao.mediator")
    change(update(Case).where(Case.id == subject).values(sensitivity="normal"))
    change(update(WorkItem).where(WorkItem.subject_id == subject).values(sensitivity="normal"))
    assert item.id in mine("shiqiao.mediator")
    db.session.remove()
    recuse(subject, "elder")
    assert browser.get(f"/tasks/{item.id}").status_code == 404
    assert item.id not in mine("shiqiao.mediator")
    every_number_is_its_list(("shiqiao.mediator",))


def recuse(case_id: int, login: str) -> None:
    person = id_of(login)
    db.session.remove()
    run_unit(lambda: recuse_person(case_by_id(1, case_id), person, reason="亲戚", actor=SYSTEM, now=clock.now()))


def test_deputies_in_a_ring_end_somewhere(app: Flask, played_county: int) -> None:
    item = task_of_zhu()
    away(id_of("elder"), id_of("shiqiao.mediator"))
    away(id_of("shiqiao.mediator"), id_of("elder"))
    assert item.id in mine("shiqiao.mediator")
    assert item.id in mine("elder")


def test_the_notices_of_an_absent_person_reach_the_deputy(app: Flask, played_county: int) -> None:
    item = task_of_zhu()
    away(id_of("mediator"), id_of("dukou.mediator"))
    do("elder", hand_over, item, ToPerson(id_of("mediator"), anyway=True), reason="请办")
    assert told("dukou.mediator")[0] == "task_handed_over"
    with pytest.raises(TaskOfAnother):
        do("elder", release_task, item, reason="")


def test_what_is_for_a_role_that_the_deputy_does_not_hold_does_not_come_to_them(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    """Zhu is a mediator and a dispatcher of the county; a village's mediator stands in for the mediator alone."""
    waits, deputy = pooled(), "shiqiao.mediator"

    def give_the_second_role() -> None:
        county = organisation_by_code(1, "330681000000")
        assert county is not None
        assign_role(person_named("elder"), "dispatcher", county, from_date=date(2024, 1, 1))

    db.session.remove()
    run_unit(give_the_second_role)
    change(update(WorkItem).where(WorkItem.id == waits.id).values(assignee_id=id_of("elder")))
    code = case_by_id(1, waits.subject_id or 0).code
    away(id_of("elder"), id_of(deputy))
    browser = browser_as(deputy)
    assert task_of_zhu().id in mine(deputy)
    assert waits.id not in mine(deputy)
    for path in (f"/tasks/{waits.id}", f"/cases/{code}"):
        assert browser.get(path).status_code == 404, path
    assert browser.post(f"/tasks/{waits.id}/completion", data={}).status_code == 404
    every_number_is_its_list((deputy, "elder"))
    do("leader", urge, waits, reason="请抓紧")
    assert told("elder")[0] == "task_urged"
    assert "task_urged" not in told(deputy)
