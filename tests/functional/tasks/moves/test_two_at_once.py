"""One completes a task while another hands it over: one of them wins, the other is told, the history has one order."""

import re
import threading
from collections.abc import Mapping
from threading import Barrier

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
from app.workflow.models import WorkItem
from tests.functional.conftest import BrowserAs
from tests.functional.tasks.moves.scene import EN, as_it_is, history, id_of, task_of_zhu, who
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


@pytest.mark.parametrize("shared_app", ["postgresql"], indirect=True)
def test_many_that_are_claimed_handed_over_and_urged_twice_at_once_move_once(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    """The same many, in opposite orders, posted by two browsers of one person in the same moment."""
    waiting = list(
        db.session.scalars(
            select(WorkItem.id).where(WorkItem.element_id == "confirm_triage", WorkItem.status == "open")
        )
    )
    assert len(waiting) > 1
    receiver, browsers = id_of("clerk2"), [browser_as("dispatcher"), browser_as("dispatcher")]
    chosen = {"to": f"person:{receiver}", "send": "1", "reason": "轮岗"}
    for act, more, event in (
        ("claims", {}, "task.claimed"),
        ("handovers", chosen, "task.handed_over"),
        ("reminders", {"reason": "请抓紧"}, "task.urged"),
    ):
        together = Barrier(2)

        def post(
            number: int, act: str = act, more: Mapping[str, str] = more, gate: threading.Barrier = together
        ) -> object:
            gate.wait(60)
            items = waiting if number else waiting[::-1]
            return browsers[number].post(f"/tasks/bulk/{act}", data={**more, "item": items}, headers=EN)

        threads = [in_thread(app, lambda number=number: post(number)) for number in (0, 1)]  # type: ignore[misc]
        for thread, _answers in threads:
            thread.join(60)
        answers = [found[0] for _thread, found in threads]
        assert all(isinstance(one, TestResponse) and one.status_code == 200 for one in answers), answers
        done = [int(count) for one in answers for count in re.findall(r"(\d+) of \d+ done", one.text)]  # type: ignore[attr-defined]
        assert sum(done) == len(waiting) or act == "claims", (act, done)
        db.session.remove()
        for number in waiting:
            item = db.session.get_one(WorkItem, (1, number))
            events = [one.event for one in history(item) if one.about.get("task") == number]
            assert events.count(event) == 1, (act, events)
