"""One completes a task while another hands it over: one of them wins, the other is told, the history has one order."""

import threading
from collections.abc import Mapping

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.tasks.moves.models import TaskMove
from app.tasks.moves.rules import ToPerson
from app.tasks.moves.services.passing import hand_over
from app.tasks.queries import task_for
from app.tasks.services import complete_task
from tests.functional.conftest import BrowserAs
from tests.functional.tasks.moves.scene import as_it_is, history, id_of, task_of_zhu, who
from tests.functional.workflow.rivals import in_thread, wait_for_a_waiter

RIGHTS: Mapping[str, object] = {"rights_confirmed": True, "rights_told_how": "oral"}


@pytest.mark.parametrize("shared_app", ["postgresql"], indirect=True)
def test_a_completion_that_meets_a_hand_over_is_refused(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    """The hand-over came first and is not committed yet; the completion waits for it and must see whose task it is."""
    item, browser = task_of_zhu(), browser_as("elder")
    before = len(history(item))
    made, go_on = threading.Event(), threading.Event()

    def give() -> object:
        def work() -> None:
            viewer = who("elder")
            hand_over(
                task_for(viewer, item.id), ToPerson(id_of("mediator")), viewer=viewer, reason="轮岗", now=clock.now()
            )
            made.set()
            assert go_on.wait(60)

        return run_unit(work)

    one, given = in_thread(app, give)
    assert made.wait(60), given
    posted = {"rights_confirmed": "true", "rights_told_how": "oral"}
    other, answers = in_thread(app, lambda: browser.post(f"/tasks/{item.id}/completion", data=posted))
    wait_for_a_waiter()
    go_on.set()
    one.join(60)
    other.join(60)
    assert given == [None]
    answer = answers[0]
    assert isinstance(answer, TestResponse), answer
    assert answer.status_code in (403, 409), answer.status
    assert "王桂兰" in answer.text
    stands = as_it_is(item)
    assert (stands.status, stands.assignee_id) == ("open", id_of("mediator"))
    assert [one.event for one in history(item)[: len(history(item)) - before]] == ["task.handed_over"]


@pytest.mark.parametrize("shared_app", ["postgresql"], indirect=True)
def test_a_hand_over_that_meets_a_completion_is_refused(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    item, browser = task_of_zhu(), browser_as("elder")
    made, go_on = threading.Event(), threading.Event()

    def complete() -> object:
        def work() -> None:
            viewer = who("elder")
            complete_task(task_for(viewer, item.id), RIGHTS, viewer=viewer, now=clock.now())
            made.set()
            assert go_on.wait(60)

        return run_unit(work)

    one, done = in_thread(app, complete)
    assert made.wait(60), done
    other, answers = in_thread(
        app,
        lambda: browser.post(
            f"/tasks/{item.id}/handover", data={"to": f"person:{id_of('mediator')}", "reason": "轮岗"}
        ),
    )
    wait_for_a_waiter()
    go_on.set()
    one.join(60)
    other.join(60)
    assert done == [None]
    answer = answers[0]
    assert isinstance(answer, TestResponse), answer
    assert answer.status_code == 409
    assert "朱有福" in answer.text
    stands = as_it_is(item)
    assert (stands.status, stands.closed_by) == ("done", id_of("elder"))
    events = [one.event for one in history(item)]
    assert "task.completed" in events
    assert "task.handed_over" not in events
    assert db.session.scalars(select(TaskMove)).all() == []
