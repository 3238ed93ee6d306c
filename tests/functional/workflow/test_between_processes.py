"""Processes that speak to each other, optional actions, and the repairs of a person."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.definitions import queries as definitions
from app.definitions.services import files_of, publish
from app.scheduling import jobs as scheduled
from app.workflow import queries, services
from app.workflow.commands import ChangeVariables, Deliver, RestartBefore, Skip, StartOptional, VariablesChanged
from app.workflow.errors import InstanceNotFound, NothingWaits, NotPossibleNow
from app.workflow.models import Instance, Subscription
from app.workflow.services import Outcome
from tests.functional.workflow.errands import CLERK, NOW, Errands


def open_at(errands: Errands, outcome: Outcome) -> list[str]:
    db.session.expire_all()
    return [item.element_id for item in queries.open_items(errands.county_id, instance_id=outcome.instance_id)]


def work_off() -> None:
    with clock.freeze(NOW + timedelta(seconds=1)):
        while scheduled.run_due_jobs():
            pass


def test_message_of_one_process_reaches_another(errands: Errands) -> None:
    letter, reply = errands.start("letter"), errands.start("reply")
    errands.complete(reply, what="谢谢")
    assert open_at(errands, letter) == ["read"], "it leaves with the commit and arrives as a job"
    work_off()
    assert open_at(errands, letter) == ["read", "file_answer"]
    item = queries.open_items(errands.county_id, instance_id=letter.instance_id)[1]
    assert services.form_values(item)["what"] == "谢谢"


def test_message_that_nobody_waits_for_is_no_failure(errands: Errands) -> None:
    errands.complete(errands.start("reply"), what="谢谢")
    work_off()
    assert db.session.scalars(select(Instance.status)).one() == "finished"


def test_signal_reaches_everyone_who_waits(errands: Errands) -> None:
    lessons = [errands.start("lesson") for _ in range(3)]
    errands.start("bell")
    work_off()
    assert [open_at(errands, lesson) for lesson in lessons] == [["go_home"]] * 3
    assert db.session.scalars(select(Subscription)).all() == [], "nobody waits any more"


def test_message_is_for_the_process_that_waits_only(errands: Errands) -> None:
    outcome = errands.start()
    with pytest.raises(NothingWaits):
        errands.move(outcome.instance_id, Deliver("answer"))
    with pytest.raises(InstanceNotFound):
        errands.move(1, Deliver("answer"))


def test_optional_action_is_offered_and_started(errands: Errands) -> None:
    fair = errands.start("fair")
    instance = db.session.get(Instance, (errands.county_id, fair.instance_id))
    assert instance is not None
    assert [one["element_id"] for one in instance.optional] == ["buy_honey"]
    errands.move(fair.instance_id, StartOptional("buy_honey"))
    errands.move(fair.instance_id, StartOptional("buy_honey"))
    assert open_at(errands, fair) == ["look", "buy_honey", "buy_honey"]
    with pytest.raises(NotPossibleNow):
        errands.move(fair.instance_id, StartOptional("look"))


def test_task_can_be_skipped_and_done_again(errands: Errands) -> None:
    outcome = errands.start("letter")
    token = queries.item(errands.county_id, outcome.opened[0]).token
    db.session.rollback()
    again = errands.move(outcome.instance_id, RestartBefore("read", instead_of=token))
    assert open_at(errands, outcome) == ["read"]
    assert again.opened != outcome.opened, "the old task is taken back, a new one is open"
    fresh = queries.item(errands.county_id, again.opened[0]).token
    db.session.rollback()
    assert errands.move(outcome.instance_id, Skip(fresh)).finished
    assert queries.item(errands.county_id, again.opened[0]).status == "cancelled"


def test_unknown_element_is_refused_in_words(errands: Errands) -> None:
    outcome = errands.start("letter")
    with pytest.raises(NotPossibleNow) as refused:
        errands.move(outcome.instance_id, RestartBefore("gone"))
    assert "gone" in str(refused.value)
    assert open_at(errands, outcome) == ["read"]


def test_what_changes_words_the_open_tasks_anew(errands: Errands) -> None:
    files = files_of(definitions.active_release(errands.county_id, "errand"))
    titled = '<camunda:properties><camunda:property name="title" value="= &quot;办 &quot; + what"/>'.encode()
    path = "processes/errand.bpmn"
    files |= {path: files[path].replace(b"<camunda:properties>", titled, 1)}
    run_unit(lambda: publish(errands.county_id, "errand", files, actor=CLERK, approved_by=6, note="", now=NOW))
    outcome = errands.start(what="买茶")
    assert queries.item(errands.county_id, outcome.opened[0]).name_zh == "办 买茶"
    errands.move(outcome.instance_id, ChangeVariables({"": {"what": "买米"}}))
    assert queries.item(errands.county_id, outcome.opened[0]).name_zh == "办 买米"
    run_unit(
        lambda: services.advance(
            errands.county_id, outcome.instance_id, VariablesChanged(("price",)), actor=CLERK, now=NOW
        )
    )
    assert open_at(errands, outcome) == ["ask"]
