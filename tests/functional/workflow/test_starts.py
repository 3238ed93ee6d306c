"""Processes that begin by themselves: at a time, or on a signal."""

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.services import Actor
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.definitions import queries as definitions
from app.definitions.services import files_of, publish
from app.directory.queries import organisations
from app.scheduling import jobs as scheduled
from app.workflow import messaging, queries, starts
from app.workflow.messaging import Incoming
from app.workflow.models import Instance
from tests.functional.workflow.errands import CLERK, NOW, Errands

TIMED = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="t">
  <bpmn:signal id="s" name="fair day"/>
  <bpmn:process id="round" name="巡查" isExecutable="true">
    <bpmn:startEvent id="hand"/>
    <bpmn:startEvent id="daily"><bpmn:timerEventDefinition>
      <bpmn:timeCycle>{cycle}</bpmn:timeCycle></bpmn:timerEventDefinition></bpmn:startEvent>
    <bpmn:startEvent id="fair"><bpmn:signalEventDefinition signalRef="s"/></bpmn:startEvent>
    <bpmn:userTask id="walk" name="走访" camunda:candidateGroups="clerk" camunda:formKey="errand/ask"/>
    <bpmn:endEvent id="done"/>
    <bpmn:sequenceFlow id="f1" sourceRef="hand" targetRef="walk"/>
    <bpmn:sequenceFlow id="f2" sourceRef="daily" targetRef="walk"/>
    <bpmn:sequenceFlow id="f3" sourceRef="fair" targetRef="walk"/>
    <bpmn:sequenceFlow id="f4" sourceRef="walk" targetRef="done"/>
  </bpmn:process>
</bpmn:definitions>"""
DAILY = "R/P1D"


def released(errands: Errands, cycle: str | None = DAILY, now: datetime = NOW, **changes: str) -> None:
    """Publish the errands with a process that begins daily and on a signal; without it when `cycle` is None."""
    files: Mapping[str, bytes] = files_of(definitions.active_release(errands.county_id, "errand"))
    files = {path: content for path, content in files.items() if path != "processes/round.bpmn"}
    if cycle is not None:
        files = {**files, "processes/round.bpmn": TIMED.format(cycle=cycle).encode()}
    files |= {path: content.encode() for path, content in changes.items()}
    actor = Actor("person", 5, "周芳")
    run_unit(lambda: publish(errands.county_id, "errand", files, actor=actor, approved_by=6, note="", now=now))


def beat(now: datetime) -> int:
    """What a worker does at `now`; how many starts it claimed."""
    with clock.freeze(now):
        claimed = starts.start_due()
        while scheduled.run_due_jobs():
            pass
    db.session.remove()
    return claimed


def begun() -> list[Instance]:
    db.session.expire_all()
    return list(db.session.scalars(select(Instance).where(Instance.process_id == "round").order_by(Instance.id)))


def due(errands: Errands) -> list[datetime | None]:
    db.session.expire_all()
    return [one.due_at for one in starts.timers_of(errands.county_id, "errand")]


def test_a_timer_begins_a_process_at_its_time(errands: Errands) -> None:
    released(errands)
    assert due(errands) == [NOW + timedelta(days=1)]
    assert beat(NOW + timedelta(hours=23)) == 0
    assert begun() == []
    assert beat(NOW + timedelta(days=1)) == 1
    (one,) = begun()
    assert (one.started_at, one.subject_id) == (NOW + timedelta(days=1), None)
    (item,) = queries.open_items(errands.county_id, instance_id=one.id)
    assert item.element_id == "walk"
    assert item.org_id == organisations(errands.county_id)[0].id
    assert due(errands) == [NOW + timedelta(days=2)]
    assert beat(NOW + timedelta(days=1, seconds=2)) == 0
    assert len(begun()) == 1


def test_missed_turns_begin_one_process(errands: Errands) -> None:
    released(errands)
    beat(NOW + timedelta(days=5, hours=1))
    assert len(begun()) == 1
    assert due(errands) == [NOW + timedelta(days=6)]


def test_a_counted_cycle_ends(errands: Errands) -> None:
    released(errands, "R2/P1D")
    for day in (1, 2, 3, 4):
        beat(NOW + timedelta(days=day))
    assert len(begun()) == 2
    assert due(errands) == [None]


def test_the_timers_of_the_release_before_end(errands: Errands) -> None:
    released(errands)
    released(errands, "R/P7D", NOW + timedelta(hours=1))
    assert due(errands) == [NOW + timedelta(days=7, hours=1)]
    released(errands, None, NOW + timedelta(hours=2))
    assert due(errands) == []
    beat(NOW + timedelta(days=8))
    assert begun() == []


def test_a_timer_that_stays_the_same_keeps_its_beat(errands: Errands) -> None:
    released(errands)
    later = NOW + timedelta(hours=20)
    released(errands, now=later, **{"processes/note.md": "again"})
    assert due(errands) == [NOW + timedelta(days=1)]
    assert definitions.active_release(errands.county_id, "errand").number == 3
    beat(NOW + timedelta(days=1))
    assert [one.release_number for one in begun()] == [3]


def test_a_failing_start_is_tried_again_and_holds_up_no_other(
    errands: Errands, monkeypatch: pytest.MonkeyPatch
) -> None:
    released(errands)
    start = starts.start_instance

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("disk full")

    monkeypatch.setattr(starts, "start_instance", broken)
    now = NOW + timedelta(days=1)
    assert beat(now) == 1
    assert beat(now + timedelta(seconds=1)) == 0, "it rests under its lease"
    monkeypatch.setattr(starts, "start_instance", start)
    beat(now + timedelta(seconds=61))
    assert len(begun()) == 1
    assert due(errands) == [NOW + timedelta(days=2)]


def test_of_two_workers_one_begins_the_process(errands: Errands, app: Flask) -> None:
    released(errands)
    db.session.remove()
    moment = NOW + timedelta(days=1)
    together = threading.Barrier(3)

    def work() -> None:
        with app.app_context():
            together.wait()
            starts.start_due()

    with clock.freeze(moment):
        workers = [threading.Thread(target=work) for _ in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    assert len(begun()) == 1


def test_a_signal_begins_a_process(errands: Errands) -> None:
    released(errands)
    signal = Incoming("n-1", "fair day", payload={"what": "庙会", "unknown": 1})
    receipt = run_unit(lambda: messaging.receive_signal(errands.county_id, signal, actor=CLERK, now=NOW))
    assert receipt.status == "started"
    beat(NOW)
    (one,) = begun()
    assert queries.variables_by_scope(errands.county_id, one.id)[""]["what"] == "庙会"
    # the same number again begins nothing
    again = run_unit(lambda: messaging.receive_signal(errands.county_id, signal, actor=CLERK, now=NOW))
    assert again.again
    beat(NOW)
    assert len(begun()) == 1


def test_a_signal_that_a_process_gives_begins_another(errands: Errands) -> None:
    released(errands)
    bell = files_of(definitions.active_release(errands.county_id, "errand"))["processes/bell.bpmn"].decode()
    released(errands, **{"processes/bell.bpmn": bell.replace('name="bell"/>', 'name="fair day"/>')})
    errands.start("bell")
    beat(NOW)
    assert len(begun()) == 1


def test_only_active_releases_begin_on_a_signal(errands: Errands) -> None:
    released(errands)
    released(errands, None)
    assert starts.signal_starts(errands.county_id, "fair day") == []
