"""What fails stays where it failed, is told, and is tried again; what the person did is kept."""

import pytest
from sqlalchemy import select, update

from app.audit.queries import entries
from app.audit.services import Stream
from app.core.database import db
from app.core.errors import Refusal
from app.engine.words import sentence
from app.workflow import queries, topics
from app.workflow.commands import Retry, Skip
from app.workflow.errors import IncidentGone, ProcessEnded
from app.workflow.models import Incident, Instance
from app.workflow.topics import Parameter, TopicCall
from tests.functional.workflow.errands import NOW, Errands


class ArchiveFull(Refusal):
    """The archive is full."""


def only_incident() -> Incident:
    """The one that is open."""
    db.session.expire_all()
    return db.session.scalars(select(Incident).where(Incident.closed_at.is_(None))).one()


def test_failing_service_task_is_an_incident_and_the_answer_is_kept(errands: Errands) -> None:
    errands.fail_with = ArchiveFull()
    outcome = errands.complete(errands.start(), what="茶", price=1)
    incident = only_incident()
    assert outcome.incidents == (incident.id,)
    assert (incident.element_id, incident.element_name, incident.code) == ("note", "记录", "topic_refused")
    assert "The archive is full" in sentence(incident.code, incident.params, "en")
    assert "errand.note" in sentence(incident.code, incident.params, "zh")
    values = queries.variables_by_scope(errands.county_id, outcome.instance_id)[""]
    assert (values["what"], values["total"]) == ("茶", 2)
    told = entries(Stream(errands.county_id, f"instance:{outcome.instance_id}"))
    assert told[0].event == "incident.opened"


def test_retry_goes_on_once_the_cause_is_gone(errands: Errands) -> None:
    errands.fail_with = ArchiveFull()
    outcome = errands.complete(errands.start(), what="茶", price=1)
    first = only_incident()
    again = errands.move(outcome.instance_id, Retry(first.id))
    second = only_incident()
    assert second.id != first.id, "it failed again: the old one is settled, a new one stands open"
    assert again.incidents == (second.id,)
    errands.fail_with = None
    assert errands.move(outcome.instance_id, Retry(second.id)).finished
    closed = db.session.scalars(select(Incident)).all()
    assert [one.closed_at for one in closed] == [NOW, NOW]
    assert len(errands.noted) == 1
    with pytest.raises(IncidentGone):
        errands.move(outcome.instance_id, Retry(second.id))


def test_skip_leaves_the_failed_element_undone(errands: Errands) -> None:
    errands.fail_with = ArchiveFull()
    outcome = errands.complete(errands.start(), what="茶", price=1)
    assert errands.move(outcome.instance_id, Skip(only_incident().token)).finished
    assert errands.noted == []


def test_failure_undoes_the_handlers_own_rows_and_nothing_else(errands: Errands) -> None:
    def writes_then_fails(call: TopicCall) -> dict[str, object]:
        db.session.execute(update(Instance).where(Instance.id == call.instance_id).values(package="half"))
        raise ArchiveFull

    topics.register("errand.note", writes_then_fails)
    outcome = errands.complete(errands.start(), what="茶", price=1)
    names = set(queries.variables_by_scope(errands.county_id, outcome.instance_id)[""])
    assert "what" in names
    assert db.session.scalars(select(Instance.package)).all() == ["errand"]


def test_fault_in_a_handler_is_an_incident_that_names_it(errands: Errands) -> None:
    errands.fail_with = ZeroDivisionError("division by zero")
    errands.complete(errands.start(), what="茶", price=1)
    assert only_incident().code == "topic_failed"
    assert only_incident().params["reason"] == "ZeroDivisionError: division by zero"


@pytest.mark.parametrize(
    ("inputs", "outputs", "code"),
    [
        ({"what": Parameter("number")}, {}, "topic_input_wrong"),
        ({"who": Parameter("text", required=True)}, {}, "topic_input_wrong"),
        ({}, {"noted": Parameter("number")}, "topic_output_wrong"),
    ],
)
def test_topics_are_typed(errands: Errands, inputs: topics.Schema, outputs: topics.Schema, code: str) -> None:
    topics.register("errand.note", errands.note, inputs, outputs)
    errands.complete(errands.start(), what="茶", price=1)
    assert only_incident().code == code


def test_a_refusal_is_kept_in_both_languages(errands: Errands) -> None:
    """Who reads it later may read the other language than whoever set it off, and a worker reads none."""
    errands.fail_with = ProcessEnded()
    errands.complete(errands.start(), what="茶", price=1)
    incident = only_incident()
    assert "This process has ended" in sentence(incident.code, incident.params, "en")
    told = sentence(incident.code, incident.params, "zh")
    assert "流程" in told
    assert "This process" not in told
