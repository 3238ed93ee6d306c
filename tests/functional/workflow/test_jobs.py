"""Service tasks beside the step, and messages between processes."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from app.core import clock
from app.core.database import db
from app.scheduling import jobs as scheduled
from app.scheduling.models import Job, JobStatus
from app.workflow import queries, topics
from app.workflow.commands import Cancel, Retry
from app.workflow.models import Incident
from tests.functional.workflow.errands import NOW, Errands


def work_off(minutes: int = 0) -> int:
    with clock.freeze(NOW + timedelta(minutes=minutes)):
        return scheduled.run_due_jobs()


def elements(errands: Errands) -> list[str]:
    db.session.expire_all()
    return [item.element_id for item in queries.open_items(errands.county_id)]


def test_effect_happens_beside_the_step_and_the_process_goes_on(errands: Errands) -> None:
    outcome = errands.start("parcel", what="茶叶")
    assert outcome.opened == ()
    assert errands.sent == []
    assert work_off() == 1
    (call,) = errands.sent
    assert (call.inputs, call.variables, call.element_id) == ({"what": "茶叶"}, {"what": "茶叶"}, "send")
    assert call.key
    assert elements(errands) == ["receive"]
    values = queries.variables_by_scope(errands.county_id, outcome.instance_id)[""]
    assert values["noted"] == "sent 茶叶"
    assert work_off(5) == 0


def test_effect_that_keeps_failing_becomes_an_incident_and_can_be_retried(errands: Errands) -> None:
    errands.fail_with = ConnectionError("no road")
    outcome = errands.start("parcel", what="茶叶")
    for attempt in range(5):
        assert work_off(attempt * 11) == 1
    assert len({call.key for call in errands.sent}) == 1
    incident = db.session.scalars(select(Incident)).one()
    assert (incident.element_id, incident.code) == ("send", "topic_failed")
    assert "no road" in incident.params["reason"]
    errands.fail_with = None
    errands.move(outcome.instance_id, Retry(incident.id), now=NOW + timedelta(hours=2))
    assert work_off(121) == 1
    assert elements(errands) == ["receive"]


def test_handler_that_works_on_the_database_runs_in_the_step_of_its_result(errands: Errands) -> None:
    topics.register("errand.outside", errands.send)
    errands.start("parcel", what="茶叶")
    assert work_off() == 1
    assert elements(errands) == ["receive"]
    assert len(errands.sent) == 1


def test_job_of_a_cancelled_process_is_taken_back(errands: Errands) -> None:
    outcome = errands.start("parcel", what="茶叶")
    errands.move(outcome.instance_id, Cancel())
    assert db.session.scalars(select(Job.status)).one() == JobStatus.CANCELLED
    assert work_off() == 0


def test_result_that_comes_after_the_end_takes_no_harm(app: Flask, errands: Errands) -> None:
    outcome = errands.start("parcel", what="茶叶")

    def cancels_meanwhile(call: topics.TopicCall) -> dict[str, object]:
        errands.sent.append(call)
        errands.move(outcome.instance_id, Cancel())
        return {}

    topics.register("errand.outside", cancels_meanwhile, outside=True)
    assert work_off() == 1
    assert elements(errands) == []
    assert db.session.scalars(select(Job.status)).one() == JobStatus.CANCELLED
