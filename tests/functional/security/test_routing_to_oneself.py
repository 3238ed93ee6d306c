"""No diagram gives its author the cases of others: tasks about a case go to roles that work on cases."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from app.audit.services import SYSTEM
from app.authoring import queries as authoring
from app.cases.models import Case
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.definitions.services import publish
from app.devdata.county import person_named
from app.workflow import queries
from app.workflow.services import start_instance
from tests.functional.authoring.conftest import errand
from tests.functional.conftest import BrowserAs

__all__ = ["errand"]

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
PATH = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="x"
 xmlns:camunda="http://camunda.org/schema/1.0/bpmn"><process id="look" isExecutable="true">
<startEvent id="begin"/><sequenceFlow id="a" sourceRef="begin" targetRef="read"/>
<userTask id="read" name="看" {who}/><sequenceFlow id="b" sourceRef="read" targetRef="end"/>
<endEvent id="end"/></process></definitions>"""


def begin(county: int, who: str, case_id: int | None) -> int:
    def work() -> int:
        active = authoring.active_release(county, "errand")
        assert active is not None
        files = dict(authoring.definitions.files_of(active))
        files["processes/look.bpmn"] = PATH.replace("{who}", who).encode()
        settings = files["processes/package.toml"].decode()
        files["processes/package.toml"] = settings.replace("roles = [", 'roles = ["process_owner", ').encode()
        publish(
            county, "errand", files, actor=SYSTEM, approved_by=None, note="", now=NOW, second_person=False, checked=True
        )
        return start_instance(county, "errand", "look", subject_id=case_id, actor=SYSTEM, now=NOW).instance_id

    return run_unit(work)


@pytest.mark.parametrize(
    "who",
    [
        'camunda:assignee="owner"',
        'camunda:assignee="= &quot;ow&quot; + &quot;ner&quot;"',
        'camunda:candidateUsers="owner"',
        'camunda:candidateUsers="owner,admin"',
        'camunda:candidateGroups="process_owner@county,process_owner"',
    ],
)
def test_a_keeper_of_packages_sees_no_case_by_a_task(
    app: Flask, played_county: int, browser_as: BrowserAs, who: str
) -> None:
    run_unit(lambda: _bring(played_county))
    case = db.session.query(Case).order_by(Case.id).first()
    assert case is not None
    code, case_id = case.code, case.id
    instance = begin(played_county, who, case_id)
    (item,) = queries.open_items(played_county, instance_id=instance)
    assert item.assignee_id is None
    assert browser_as("owner").get(f"/cases/{code}").status_code == 404
    assert browser_as("owner").get(f"/tasks/{item.id}").status_code == 404


def test_whoever_works_on_cases_may_be_named(app: Flask, played_county: int) -> None:
    run_unit(lambda: _bring(played_county))
    case = db.session.query(Case).order_by(Case.id).first()
    assert case is not None
    instance = begin(played_county, 'camunda:assignee="clerk"', case.id)
    (item,) = queries.open_items(played_county, instance_id=instance)
    assert item.assignee_id == person_named("clerk").id


def test_a_task_about_no_case_may_go_to_a_keeper(app: Flask, errand: int) -> None:
    instance = begin(errand, 'camunda:assignee="owner"', None)
    (item,) = queries.open_items(errand, instance_id=instance)
    assert item.assignee_id == person_named("owner").id


def _bring(county: int) -> None:
    from app.definitions.services import import_folder
    from tests.functional.authoring.conftest import ERRAND

    import_folder(county, ERRAND, actor=SYSTEM, now=NOW)
