"""What the tests of moves share: a second release of the errands, a move worked off, what a move may change."""

from typing import Any

from sqlalchemy import inspect, select

from app.audit.services import Actor
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.definitions import queries as definitions
from app.definitions.services import publish
from app.scheduling.jobs import run_due_jobs
from app.workflow import queries
from app.workflow.models import Instance, WorkItem, WorkItemCandidate
from app.workflow.moving import queries as moving
from app.workflow.moving import services
from app.workflow.moving.models import Move
from tests.functional.workflow.errands import NOW, Errands

OWNER = Actor("person", 3, "林敏")


def second_release(errands: Errands, *changes: tuple[bytes, bytes], path: str = "processes/errand.bpmn") -> int:
    """Publish the errands with some text replaced; returns the release's number."""
    active = definitions.active_release(errands.county_id, "errand")
    files = definitions.files_of(active)
    for old, new in changes:
        assert old in files[path], old
        files[path] = files[path].replace(old, new)

    def work() -> int:
        made = publish(errands.county_id, "errand", files, actor=OWNER, approved_by=99, note="", now=NOW)
        return made.number

    return run_unit(work)


RETITLED = (
    (
        'name="说明事情" camunda:formKey="errand/ask" camunda:candidateGroups="clerk"'.encode(),
        'name="讲清楚" camunda:formKey="errand/ask" camunda:candidateGroups="leader@county"'.encode(),
    ),
    (b"P3D", b"P5D"),
)
RENAMED = (b'"ask"', b'"say"')


def begun(errands: Errands, to: int, mapping: dict[str, str] | None = None, **more: Any) -> tuple[Move, list[str]]:
    """Move everything and let the worker do it; the move and the results in order."""

    def work() -> Move:
        return services.begin_move(
            errands.county_id, "errand", to_number=to, mapping=mapping or {}, actor=OWNER, now=clock.now(), **more
        )

    move = run_unit(work)
    drained()
    return results(move)


def only(move: Move) -> int:
    """The one process of a move."""
    (moved,) = moving.moved_instances(move)
    return moved.id


def drained() -> None:
    while run_due_jobs():
        pass


def results(move: Move) -> tuple[Move, list[str]]:
    db.session.rollback()
    fresh = db.session.get_one(Move, inspect(move).identity, populate_existing=True)
    found = [one.status for one in moving.moved_instances(fresh)]
    db.session.expunge_all()
    return fresh, found


def instance(errands: Errands, instance_id: int) -> Instance:
    db.session.rollback()
    return db.session.get_one(Instance, (errands.county_id, instance_id), populate_existing=True)


def item(errands: Errands, item_id: int) -> WorkItem:
    db.session.rollback()
    return db.session.get_one(WorkItem, (errands.county_id, item_id), populate_existing=True)


def roles(errands: Errands, item_id: int) -> list[str]:
    query = select(WorkItemCandidate.role).where(
        WorkItemCandidate.county_id == errands.county_id, WorkItemCandidate.work_item_id == item_id
    )
    return list(db.session.scalars(query))


def everything(errands: Errands, instance_id: int) -> dict[str, object]:
    """What a move may change."""
    row = instance(errands, instance_id)
    tasks = queries.open_items(errands.county_id, instance_id=instance_id)
    names = ("id", "token", "element_id", "name_zh", "form_key", "due_at", "stage", "release", "groups", "assignee_id")
    return {
        "row": (row.release_id, row.release_number, row.process_id, row.state, row.due_at, row.stage, row.active),
        "tasks": [tuple(getattr(one, name) for name in names) for one in tasks],
        "roles": [roles(errands, one.id) for one in tasks],
        "waits": [(one.name, one.key) for one in queries.subscribers(errands.county_id, "message", "reply")],
    }


def claimed(errands: Errands, item_id: int, person: int = 7) -> None:
    def work() -> None:
        db.session.get_one(WorkItem, (errands.county_id, item_id)).assignee_id = person

    run_unit(work)
