"""A package from Camunda 7, with no form of ours: its tasks show the fields that its diagram names."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.services import Actor
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.definitions.services import import_folder
from app.devdata.county import person_named
from app.directory.queries import organisations
from app.workflow.models import ItemStatus, WorkItem
from app.workflow.services import start_instance
from tests.functional.conftest import ApiToken, BrowserAs
from tests.functional.workflow.errands import stored

DIAGRAM = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t"
 xmlns:camunda="http://camunda.org/schema/1.0/bpmn"><process id="loan" isExecutable="true"><startEvent id="s"/>
<sequenceFlow id="f1" sourceRef="s" targetRef="ask"/><sequenceFlow id="f2" sourceRef="ask" targetRef="check"/>
<sequenceFlow id="f3" sourceRef="check" targetRef="read"/><sequenceFlow id="f4" sourceRef="read" targetRef="e"/>
<userTask id="ask" name="Ask for a loan" camunda:assignee="${who}"><extensionElements><camunda:formData>
<camunda:formField id="amount" type="long" label="Amount" defaultValue="${suggested + 1}"><camunda:validation>
<camunda:constraint name="required"/><camunda:constraint name="max" config="1000"/></camunda:validation>
</camunda:formField><camunda:formField id="approvedBefore" type="boolean" label="Approved before"/>
<camunda:formField id="kind" type="enum" label="Kind" defaultValue="car"><camunda:value id="car" name="A car"/>
<camunda:value id="house" name="A house"/></camunda:formField><camunda:formField id="until" type="date" label="Until"/>
<camunda:formField id="why" type="string" label="Why &lt;b&gt;"/></camunda:formData></extensionElements></userTask>
<userTask id="check" name="Check" camunda:assignee="${who}" camunda:formKey="camunda-forms:deployment:checking.form"/>
<userTask id="read" name="Read" camunda:assignee="${who}" camunda:formKey="embedded:app:forms/gone.html"/>
<endEvent id="e"/></process></definitions>"""
CHECKING = '{"components": [{"type": "checkbox", "key": "good", "label": "Good enough", "id": "g"}]}'
SETTINGS = 'name = "loan"\nmain = "loan"\nlabel = { zh = "借款", en = "Loan" }\n'


@pytest.fixture
def loan(county: int, tmp_path: Path) -> int:
    """The process has begun; the clerk's first task is open."""
    for name, content in (
        ("processes/loan/package.toml", SETTINGS),
        ("processes/loan/loan.bpmn", DIAGRAM),
        ("forms/loan/checking.form", CHECKING),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    town = next(one for one in organisations(county, tier="town") if one.kind == "government").id
    clerk = person_named("clerk").id
    db.session.remove()

    def begin() -> None:
        import_folder(county, tmp_path / "processes/loan", actor=Actor("system"), now=clock.now())
        start_instance(
            county,
            "loan",
            organisation_id=town,
            variables={"who": str(clerk), "suggested": 41},
            actor=Actor("system"),
            now=clock.now(),
        )

    run_unit(begin)
    return county


def open_task() -> WorkItem:
    db.session.remove()
    return db.session.scalars(select(WorkItem).where(WorkItem.status == ItemStatus.OPEN)).one()


def kept(name: str) -> list[object]:
    db.session.remove()
    return stored(name)


def test_the_fields_of_the_diagram_are_asked_and_kept(app: Flask, loan: int, browser_as: BrowserAs) -> None:
    item, browser = open_task(), browser_as("clerk")
    page = browser.get(f"/tasks/{item.id}", headers={"Accept-Language": "en"}).text
    for expected in ("Amount", 'value="42"', "Approved before", "A house", "Why &lt;b&gt;"):
        assert expected in page, expected
    answer = {"amount": "1001", "kind": "house", "until": "2026-12-24", "why": "roof", "approvedBefore": "true"}
    refused = browser.post(f"/tasks/{item.id}/completion", data=answer)
    assert refused.status_code == 422
    assert browser.post(f"/tasks/{item.id}/completion", data=answer | {"amount": "900"}).status_code == 302
    assert open_task().element_id == "check"
    assert [kept(name) for name in ("amount", "kind", "why", "approvedBefore")] == [
        [900],
        ["house"],
        ["roof"],
        [True],
    ]


def test_a_form_of_another_scheme_is_found_by_its_name_or_left_out(
    app: Flask, loan: int, browser_as: BrowserAs
) -> None:
    browser = browser_as("clerk")
    browser.post(f"/tasks/{open_task().id}/completion", data={"amount": "1", "kind": "car"})
    item = open_task()
    assert "Good enough" in browser.get(f"/tasks/{item.id}").text
    browser.post(f"/tasks/{item.id}/completion", data={"good": "true"})
    assert kept("good") == [True]
    last = open_task()
    assert (last.element_id, browser.get(f"/tasks/{last.id}").status_code) == ("read", 200)
    assert browser.post(f"/tasks/{last.id}/completion").status_code == 302
    db.session.remove()
    assert db.session.scalars(select(WorkItem).where(WorkItem.status == ItemStatus.OPEN)).all() == []


def test_programs_see_the_fields_and_answer_them(app: Flask, loan: int, api_token: ApiToken) -> None:
    header = api_token("clerk", ["tasks:read", "tasks:write"])
    item, api = open_task(), app.test_client()
    shown = api.get(f"/api/v1/tasks/{item.id}", headers=header).get_json()
    assert shown["fields"][0] == {"name": "amount", "type": "number", "required": True}
    assert shown["values"]["amount"] == 42
    answer = api.post(
        f"/api/v1/tasks/{item.id}/completion", json={"values": {"amount": 5, "kind": "car"}}, headers=header
    )
    assert answer.status_code == 200, answer.text
    assert kept("amount") == [5]
