"""Tasks that a diagram offers to people by name: several of them, or whoever has begun the process."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.services import Actor
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.definitions.services import import_folder
from app.devdata.cases import viewer
from app.devdata.county import person_named
from app.directory.queries import organisations
from app.tasks.filters import Filter
from app.tasks.listing import inbox_page
from app.tasks.numbers import tab_numbers
from app.workflow.models import ItemStatus, WorkItem
from app.workflow.services import start_instance
from tests.functional.conftest import BrowserAs

DIAGRAM = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t"
 xmlns:camunda="http://camunda.org/schema/1.0/bpmn"><process id="talk" isExecutable="true">
<startEvent id="s" camunda:initiator="beginner"/>
<sequenceFlow id="f1" sourceRef="s" targetRef="several"/><sequenceFlow id="f2" sourceRef="several" targetRef="back"/>
<sequenceFlow id="f3" sourceRef="back" targetRef="named"/><sequenceFlow id="f4" sourceRef="named" targetRef="e"/>
<userTask id="several" name="Any of three" camunda:candidateUsers="${first}, clerk2, stranger"
 camunda:candidateGroups="${'a-group-of-another-system-with-a-long-name'}"/>
<userTask id="back" name="Whoever began" camunda:assignee="${beginner}"/>
<userTask id="named" name="By login" camunda:assignee="clerk2"/><endEvent id="e"/></process></definitions>"""


@pytest.fixture
def talk(county: int, tmp_path: Path) -> int:
    folder = tmp_path / "processes/talk"
    folder.mkdir(parents=True)
    (folder / "package.toml").write_text('name = "talk"\nmain = "talk"\nlabel = { zh = "谈话", en = "Talk" }\n')
    (folder / "talk.bpmn").write_text(DIAGRAM)
    town = next(one for one in organisations(county, tier="town") if one.kind == "government").id
    clerk, leader = person_named("clerk").id, person_named("leader")
    actor = Actor("person", leader.id, leader.name)
    db.session.remove()

    def begin() -> None:
        import_folder(county, folder, actor=Actor("system"), now=clock.now())
        start_instance(
            county, "talk", organisation_id=town, variables={"first": str(clerk)}, actor=actor, now=clock.now()
        )

    run_unit(begin)
    return county


def open_task() -> WorkItem:
    db.session.remove()
    return db.session.scalars(select(WorkItem).where(WorkItem.status == ItemStatus.OPEN)).one()


def offered(login: str) -> list[str]:
    db.session.remove()
    person = viewer(login, now=clock.now())
    found = [row.item.element_id for row in inbox_page(person, Filter("available")).rows]
    assert tab_numbers(person, ("available",))["available"] == len(found)
    return found


def test_it_is_offered_to_each_of_them_and_to_nobody_else(app: Flask, talk: int, browser_as: BrowserAs) -> None:
    assert [offered(login) for login in ("clerk", "clerk2", "leader")] == [["several"], ["several"], []]
    item = open_task()
    assert item.assignee_id is None
    assert browser_as("leader").post(f"/tasks/{item.id}/claim").status_code in (403, 404)
    assert browser_as("clerk2").post(f"/tasks/{item.id}/claim").status_code == 302
    assert open_task().assignee_id == person_named("clerk2").id
    assert offered("clerk") == []
    assert browser_as("clerk2").post(f"/tasks/{item.id}/release", data={"reason": "busy"}).status_code == 302
    assert offered("clerk") == ["several"]


def test_who_began_and_who_is_called_by_login_get_their_tasks(app: Flask, talk: int, browser_as: BrowserAs) -> None:
    browser_as("clerk").post(f"/tasks/{open_task().id}/completion")
    back = open_task()
    assert (back.element_id, back.assignee_id) == ("back", person_named("leader").id)
    assert browser_as("leader").post(f"/tasks/{back.id}/completion").status_code == 302
    named = open_task()
    assert (named.element_id, named.assignee_id) == ("named", person_named("clerk2").id)
