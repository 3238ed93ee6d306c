"""One task after the other: what a step leaves in the database."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.audit.queries import entries
from app.audit.services import Actor, Stream
from app.core.database import FOREVER, db
from app.core.unit_of_work import run_unit
from app.workflow import queries
from app.workflow.commands import Cancel, Complete
from app.workflow.errors import NothingWaits, ProcessEnded, TaskAlreadyCompleted, TaskNotFound, TaskOvertaken
from app.workflow.messaging import send_message
from app.workflow.models import Decision, Instance, WorkItem, WorkItemCandidate
from tests.functional.workflow.errands import CLERK, NOW, Errands, stored


def instance_of(errands: Errands, instance_id: int) -> Instance:
    found = db.session.get(Instance, (errands.county_id, instance_id))
    assert found is not None
    return found


def values_of(errands: Errands, instance_id: int) -> dict[str, object]:
    return queries.variables_by_scope(errands.county_id, instance_id)[""]


def test_start_opens_the_first_task_for_its_group(errands: Errands) -> None:
    outcome = errands.start()
    item = queries.item(errands.county_id, outcome.opened[0])
    assert (item.element_id, item.name_zh, item.name_en, item.stage) == ("ask", "说明事情", "Say what", "asked")
    assert (item.form_key, item.status, item.due_at) == ("errand/ask", "open", FOREVER)
    assert item.org_id == errands.town_id
    row = db.session.scalars(select(WorkItemCandidate)).one()
    assert (row.work_item_id, row.role) == (item.id, "clerk")
    instance = instance_of(errands, outcome.instance_id)
    assert instance.due_at == NOW + timedelta(days=3)
    assert instance.stage == "asked"
    assert [one["element_id"] for one in instance.active] == ["ask"]


def test_completion_runs_to_the_next_task_and_keeps_everything(errands: Errands) -> None:
    first = errands.start()
    second = errands.complete(first, what="蜂蜜", price=80)
    values = values_of(errands, first.instance_id)
    assert values["total"] == 160
    assert values["size"] == "big"
    done = queries.item(errands.county_id, first.opened[0])
    assert (done.status, done.closed_by_name, done.closed_at) == ("done", "周芳", NOW)
    item = queries.item(errands.county_id, second.opened[0])
    assert item.element_id == "approve"
    decision = db.session.scalars(select(Decision)).one()
    assert (decision.reference, decision.release) == ("errand_size", 1)
    assert decision.trace["tables"][0]["rows"][0]["number"] == 2
    assert len(decision.table_hash) == 64
    visited = [one.element_id for one in queries.visits_of(errands.county_id, first.instance_id)]
    assert visited[-4:] == ["ask", "sum_up", "size_up", "big"] or {"ask", "sum_up", "size_up", "big"} <= set(visited)
    last = errands.complete(second, approved=True)
    assert last.finished
    assert errands.noted[0].inputs == {"what": "蜂蜜"}
    assert errands.noted[0].variables["price"] == 80
    assert values_of(errands, first.instance_id)["noted"] == "noted 蜂蜜"
    instance = instance_of(errands, first.instance_id)
    db.session.refresh(instance)
    assert (instance.status, instance.ended_by, instance.due_at) == ("finished", "done", None)


def test_null_is_kept_as_null(errands: Errands) -> None:
    outcome = errands.complete(errands.start(), what="茶", price=None)
    assert outcome.finished
    values = values_of(errands, outcome.instance_id)
    assert values["price"] is None
    assert values["total"] is None


def test_history_tells_who_did_what(errands: Errands) -> None:
    outcome = errands.start()
    errands.complete(outcome, what="茶", price=1, secret="她怕他")
    rows = entries(Stream(errands.county_id, f"instance:{outcome.instance_id}"))
    assert [row.event for row in rows][::-1] == ["process.started", "task.completed", "decision.made", "process.ended"]
    told = next(row for row in rows if row.event == "task.completed")
    assert told.actor_name == "周芳"
    assert told.payload["values"] == {"what": "茶", "price": 1, "secret": "•••"}


def test_second_click_is_one_completion_and_a_clear_word(errands: Errands) -> None:
    outcome = errands.start()
    errands.complete(outcome, what="茶", price=1)
    with pytest.raises(TaskAlreadyCompleted) as refused:
        errands.complete(outcome, what="酒", price=2, actor=Actor("person", 8, "陈明"))
    assert refused.value.params["name"].name == "周芳"
    assert refused.value.params["time"] == NOW
    assert values_of(errands, outcome.instance_id)["what"] == "茶"
    assert len(errands.noted) == 1


def test_task_of_another_process_cannot_be_completed_through_this_one(errands: Errands) -> None:
    one, other = errands.start(), errands.start()
    with pytest.raises(TaskNotFound):
        errands.move(one.instance_id, Complete(other.opened[0], {"what": "茶", "price": 1}))
    assert queries.item(errands.county_id, other.opened[0]).status == "open"


def test_late_completion_loses_against_a_timer_that_is_due(errands: Errands) -> None:
    outcome = errands.start()
    with pytest.raises(TaskOvertaken):
        errands.complete(outcome, now=NOW + timedelta(days=4), what="茶", price=1)
    assert queries.item(errands.county_id, outcome.opened[0]).status == "open", "the refusal changed nothing"
    assert stored("what") == []


def test_cancelled_process_takes_its_tasks_back(errands: Errands) -> None:
    outcome = errands.start()
    assert errands.move(outcome.instance_id, Cancel("撤回")).finished
    item = queries.item(errands.county_id, outcome.opened[0])
    assert (item.status, item.closed_at) == ("cancelled", NOW)
    with pytest.raises(ProcessEnded):
        errands.move(outcome.instance_id, Cancel())


def test_message_opens_a_task_beside_the_running_one_every_time(errands: Errands) -> None:
    letter = errands.start("letter")
    errands.start("nap")
    for _ in range(3):
        run_unit(lambda: send_message(errands.county_id, "answer", payload={"what": "好"}, actor=CLERK, now=NOW))
    opened = [item.element_id for item in queries.open_items(errands.county_id, instance_id=letter.instance_id)]
    assert opened == ["read", "file_answer", "file_answer", "file_answer"]
    with pytest.raises(NothingWaits):
        run_unit(lambda: send_message(errands.county_id, "nobody_knows", actor=CLERK, now=NOW))


def test_work_items_are_in_the_words_of_the_diagram(errands: Errands) -> None:
    errands.start()
    assert db.session.scalars(select(WorkItem.package)).one() == "errand"
