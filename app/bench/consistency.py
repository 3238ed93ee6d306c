"""Do the tables agree? Asked after a run that was measured, and after one in which things were killed.

Every instance must stand before or after a step: its state, tasks, jobs, subscriptions, visits and history agree.
Nothing here uses the code that wrote them, save that the engine opens its own bytes.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import Flask, current_app
from sqlalchemy import Row, Select, select

from app.audit.anchoring import anchor_key
from app.audit.models import HistoryRow
from app.audit.queries import Entry
from app.audit.queries import told as read_history
from app.audit.services import SYSTEM
from app.audit.verification import verify
from app.core.database import db, table_of
from app.core.unit_of_work import unit_of_work
from app.definitions import queries as definitions
from app.directory import queries as directory
from app.engine.bpmn.instance import Instance
from app.engine.bpmn.step import Step
from app.engine.findings import EngineError
from app.scheduling.models import Job
from app.workflow import models, queries
from app.workflow.environment import World
from app.workflow.ports import subject_keeper
from app.workflow.saving import TOPIC_JOB

_BEFORE_ANYTHING = datetime(1970, 1, 1, tzinfo=UTC)
_PEOPLES_TASKS = frozenset({"userTask", "manualTask"})
_JOBS_TASKS = frozenset({"serviceTask", "sendTask"})
_TOLD_STEPS = ("task.completed", "timer.fired", "message.received")
"""Events of the history that stand for one step each."""

Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Flaw:
    """Two tables that do not agree about an instance; instance 0 is the county's history."""

    county_id: int
    instance_id: int
    what: str

    def __str__(self) -> str:
        return f"county {self.county_id}, instance {self.instance_id}: {self.what}"


@dataclass(slots=True)
class Told:
    """Everything that stands about one instance outside its own row."""

    items: list[Row[Any]] = field(default_factory=list)
    jobs: list[Row[Any]] = field(default_factory=list)
    waits: list[Row[Any]] = field(default_factory=list)
    visits: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    incidents: list[Row[Any]] = field(default_factory=list)
    history: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    backwards: bool = False
    """Whether it left an element before it had come there."""


def check(app: Flask) -> list[Flaw]:
    """Every flaw in the database of `app`, its history's faults included."""
    with app.app_context():
        return flaws()


def flaws() -> list[Flaw]:
    """Every flaw in the database of the application whose context this is."""
    with unit_of_work(write=False):
        return look()


def look() -> list[Flaw]:
    """Every flaw that this very transaction sees."""
    rows = list(_read(select(table_of(models.Instance))))
    told = _gather()
    for row in rows:
        stays = queries.visits_of(row.county_id, row.id)
        told[row.county_id, row.id].visits.update((one.process_id, one.element_id, one.how) for one in stays)
        if any(one.left < one.entered for one in stays):
            told[row.county_id, row.id].backwards = True
    found = [flaw for row in rows for flaw in _of_instance(row, told.pop((row.county_id, row.id), Told()))]
    found += [Flaw(county, instance, "rows of an instance that does not exist") for county, instance in told]
    key = anchor_key(current_app.config["VAR"]).public_key()
    for county in sorted({row.county_id for row in rows}):
        found += [
            Flaw(county, 0, f"history of {fault.stream}, row {fault.sequence}: {fault.kind}")
            for fault in verify(county, key)
        ]
    return found


def _gather() -> dict[Key, Told]:
    told: dict[Key, Told] = defaultdict(Told)
    for row in _read(select(table_of(models.WorkItem))):
        told[row.county_id, row.instance_id].items.append(row)
    for row in _read(select(table_of(models.Subscription))):
        told[row.county_id, row.instance_id].waits.append(row)
    for row in _read(select(table_of(models.Incident))):
        told[row.county_id, row.instance_id].incidents.append(row)
    for row in _read(select(table_of(Job)).where(table_of(Job).c.kind == TOPIC_JOB)):
        told[row.county_id, row.payload["instance"]].jobs.append(row)
    for county_id, entry in history():
        if "instance" in entry.about:
            told[county_id, entry.about["instance"]].history.append((entry.event, entry.about))
    return told


def history() -> Iterator[tuple[int, Entry]]:
    """Everything that was told, by county, each stream in its order."""
    rows = db.session.scalars(
        select(HistoryRow).order_by(HistoryRow.county_id, HistoryRow.stream, HistoryRow.sequence),
        execution_options={"yield_per": 1000},
    )
    for row in rows:
        for entry in read_history(row):
            yield row.county_id, entry


def _read(query: Select[Any]) -> Iterator[Row[Any]]:
    yield from db.session.execute(query, execution_options={"yield_per": 1000})


def _of_instance(row: Row[Any], told: Told) -> Iterator[Flaw]:
    for what in _wrong_with(row, told):
        yield Flaw(row.county_id, row.id, what)


def _wrong_with(row: Row[Any], told: Told) -> Iterator[str]:
    yield from _tasks_and_history(told)
    yield from _tasks_and_visits(row, told)
    yield from _steps(row, told)
    if told.backwards:
        yield "it left an element before it had come there"
    if row.status == models.InstanceStatus.RUNNING:
        try:
            rests = _rests(row)
        except EngineError as error:
            yield f"the engine cannot open its state: {error.code}"
            return
        yield from _state(row, told, rests)
    else:
        yield from _ended(row, told)


def _tasks_and_history(told: Told) -> Iterator[str]:
    """Each task that is done was told once, each that was told is done; no token has two tasks at once."""
    completed = Counter(about["item"] for event, about in told.history if event == "task.completed")
    done = {item.id for item in told.items if item.status == models.ItemStatus.DONE}
    for item_id in sorted(done | completed.keys()):
        if item_id not in done:
            yield f"task {item_id} is told to be completed and is not"
        elif completed[item_id] != 1:
            yield f"task {item_id} is done and was told {completed[item_id]} times"
    for token, count in Counter(item.token for item in told.items).items():
        if count > 1:
            yield f"token {token} has {count} tasks"
    for item in told.items:
        if (item.status == models.ItemStatus.OPEN) != (item.closed_at is None):
            yield f"task {item.id} is {item.status}, closed at {item.closed_at}"


def _tasks_and_visits(row: Row[Any], told: Told) -> Iterator[str]:
    """Each task that is no longer open is one stay that has ended, in the same way."""
    closed = Counter(
        (item.process_id, item.element_id, "completed" if item.status == models.ItemStatus.DONE else "cancelled")
        for item in told.items
        if item.status != models.ItemStatus.OPEN
    )
    repaired = bool(told.incidents) or any(event in ("element.skipped", "instance.moved") for event, _ in told.history)
    for key, count in closed.items():
        stays = told.visits[key]
        if stays < count and not repaired:
            yield f"{key[1]}: {count} tasks {key[2]}, {stays} stays"
    if not repaired:
        elements = {(item.process_id, item.element_id) for item in told.items}
        for (process, element, how), count in told.visits.items():
            if (process, element) in elements and count > closed[process, element, how]:
                yield f"{element}: {count} stays {how}, {closed[process, element, how]} tasks"


def _steps(row: Row[Any], told: Told) -> Iterator[str]:
    """What was told and what jobs brought are steps of their own: the row counts no fewer."""
    causes = Counter(event for event, _ in told.history)
    least = 1 + sum(causes[event] for event in _TOLD_STEPS)
    if row.steps < least:
        yield f"{row.steps} steps, and at least {least} were told"
    if causes["process.started"] != 1:
        yield f"its start was told {causes['process.started']} times"
    due = Counter(job.reference for job in told.jobs if job.status == "due")
    for reference, count in due.items():
        if count > 1:
            yield f"token {reference} has {count} jobs that are due"


def _ended(row: Row[Any], told: Told) -> Iterator[str]:
    """Nothing is left of an instance that has ended, and its end was told once."""
    left = {
        "open tasks": sum(item.status == models.ItemStatus.OPEN for item in told.items),
        "jobs that are due": sum(job.status == "due" for job in told.jobs),
        "subscriptions": len(told.waits),
        "open incidents": sum(one.closed_at is None for one in told.incidents),
        "active elements": len(row.active),
        "timers": int(row.due_at is not None),
    }
    for name, count in left.items():
        if count:
            yield f"it has ended, with {count} {name}"
    ends = sum(event in ("process.ended", "process.cancelled") for event, _ in told.history)
    if ends != 1:
        yield f"it has ended and its end was told {ends} times"


def _rests(row: Row[Any]) -> Step:
    """The engine's own picture of the stored state: a look before anything was due changes nothing."""
    release = definitions.release(row.county_id, row.release_id)
    facts = None if row.subject_id is None else subject_keeper().load(row.county_id, row.subject_id)
    scopes = queries.variables_by_scope(row.county_id, row.id)
    zone = directory.zone_of(row.county_id)
    world = World(row.county_id, row.id, row.subject_id, release, scopes, facts, zone, SYSTEM, _BEFORE_ANYTHING)
    process = definitions.contents(release).process(row.process_id)
    return Instance.restore(process, row.state, world).wake(_BEFORE_ANYTHING)


def _state(row: Row[Any], told: Told, rests: Step) -> Iterator[str]:
    """The row, its tasks, jobs and subscriptions are what the engine's state says."""
    if rests.finished:
        yield "the engine has ended it, the row runs"
        return
    if row.due_at != rests.due_at:
        yield f"due at {row.due_at}, by its state {rests.due_at}"
    if sorted(one["token"] for one in row.active) != sorted(one.token for one in rests.active):
        yield "the active elements of the row are not those of the state"
    waits = Counter((one.kind, one.name, one.key, one.element_id) for one in told.waits)
    if waits != Counter((one.kind, one.name, one.key, one.element_id) for one in rests.waiting_for):
        yield "its subscriptions are not those of the state"
    process = definitions.contents(definitions.release(row.county_id, row.release_id)).process(row.process_id)
    kinds: dict[str, str] = {}
    for one in rests.active:
        element = process.element(one.element_id, one.process_id)
        kinds[one.token] = "" if one.incident or element is None else element.type
    open_items = {item.token for item in told.items if item.status == models.ItemStatus.OPEN}
    resting = {token for token, kind in kinds.items() if kind in _PEOPLES_TASKS}
    if open_items != resting:
        yield f"open tasks {sorted(open_items)}, by its state {sorted(resting)}"
    due = {job.reference for job in told.jobs if job.status == "due"}
    working = {token for token, kind in kinds.items() if kind in _JOBS_TASKS}
    if due != working:
        yield f"jobs due {sorted(due)}, by its state {sorted(working)}"
    failed = {one.token for one in rests.active if one.incident}
    told_failed = sum(one.closed_at is None for one in told.incidents)
    if told_failed != len(failed):
        yield f"{told_failed} open incidents, by its state {len(failed)}"
