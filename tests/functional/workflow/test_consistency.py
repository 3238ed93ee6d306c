"""The checker that runs after benchmarks and storms finds what a lost or doubled step leaves behind."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import delete, insert, select, text, update

from app.bench.consistency import flaws, look
from app.core.database import db, table_of
from app.core.ids import new_id
from app.workflow.models import Instance, Subscription, Visits, WorkItem
from tests.functional.workflow.errands import Errands

Damage = Callable[[Errands], object]


@pytest.fixture
def played(app: Flask, errands: Errands) -> Errands:
    """Errands that have ended or stand in the middle, a letter that waits, a parcel with its job, a nap, a failure."""
    for _ in range(2):
        middle = errands.complete(errands.start(), what="茶", price=60)
    errands.complete(middle, approved=True)
    errands.start("letter")
    errands.start("parcel", what="书")
    errands.start("nap")
    errands.start()
    errands.fail_with = ValueError("no paper")
    errands.complete(errands.start(), what="盐", price=1)
    return errands


def test_what_was_played_well_has_no_flaw(played: Errands) -> None:
    assert flaws() == []


def reopen(errands: Errands) -> None:
    """As if the step had been lost and its history kept."""
    statement = update(WorkItem).where(WorkItem.status == "done").values(status="open", closed_at=None)
    db.session.execute(statement)


def lose_a_task(errands: Errands) -> None:
    item = db.session.scalars(select(WorkItem).where(WorkItem.status == "open", WorkItem.element_id == "read")).one()
    db.session.execute(text("DELETE FROM work_item_candidates"))
    db.session.delete(item)


def double_a_task(errands: Errands) -> None:
    item = db.session.scalars(select(WorkItem).where(WorkItem.status == "open")).first()
    assert item is not None
    copied = {column.key: getattr(item, column.key) for column in table_of(WorkItem).columns}
    db.session.execute(insert(table_of(WorkItem)).values(copied | {"id": new_id()}))


def set_back_the_state(errands: Errands) -> None:
    """The row of the first step beside the tasks of the second."""
    first = db.session.scalars(select(Instance).where(Instance.process_id == "errand", Instance.steps == 1)).one()
    second = db.session.scalars(select(Instance).where(Instance.status == "running", Instance.steps == 2)).first()
    assert second is not None
    values = {"state": first.state, "active": first.active, "steps": 1}
    db.session.execute(update(Instance).where(Instance.id == second.id).values(values))


DAMAGES: list[tuple[Damage, str]] = [
    (reopen, "is told to be completed and is not"),
    (lose_a_task, "open tasks [], by its state"),
    (double_a_task, "has 2 tasks"),
    (set_back_the_state, "steps, and at least 2 were told"),
    (set_back_the_state, "open tasks"),
    (lambda errands: db.session.execute(delete(Subscription)), "its subscriptions are not those of the state"),
    (lambda errands: db.session.execute(delete(Visits)), "tasks completed, 0 stays"),
    (lambda errands: db.session.execute(text("DELETE FROM jobs")), "jobs due [], by its state"),
    (lambda errands: db.session.execute(text("DELETE FROM incidents")), "0 open incidents, by its state 1"),
    (lambda errands: db.session.execute(update(Instance).values(due_at=None)), "due at None, by its state 20"),
    (
        lambda errands: db.session.execute(update(Instance).values(status="finished")),
        "it has ended and its end was told 0 times",
    ),
    (lambda errands: db.session.execute(update(Instance).values(state=b"\x63")), "cannot open its state"),
    (lambda errands: db.session.execute(text("DELETE FROM history WHERE sequence = 2")), ": missing"),
]


def test_damage_is_found(played: Errands) -> None:
    for damage, words in DAMAGES:
        damage(played)
        db.session.flush()
        told = "\n".join(str(flaw) for flaw in look())
        db.session.rollback()
        assert words in told
    assert flaws() == [], "nothing of it was kept"
