"""Save one step: the instance with its variables, items, incidents, jobs, decisions, visits; tell what happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.audit.services import Actor
from app.core import events
from app.core.ids import new_id
from app.definitions import queries as definitions
from app.directory import queries as directory
from app.engine import feel
from app.engine.bpmn.step import ROOT, Step, WorkItem
from app.scheduling import services as scheduling
from app.workflow import queries, scopes, storage
from app.workflow.candidates import candidate_rows
from app.workflow.environment import World
from app.workflow.events import (
    DecisionMade,
    IncidentClosed,
    IncidentOpened,
    InstanceFinished,
    ItemClosed,
    ItemOpened,
    StageEntered,
    VariablesChanged,
)
from app.workflow.item_rows import changing_columns, groups_of, item_row
from app.workflow.ports import SubjectFacts
from app.workflow.scopes import Scope
from app.workflow.stories import shown_values, tell, tell_decision, tell_incident

TOPIC_JOB = "workflow.topic"
MESSAGE_JOB = "workflow.message"
SIGNAL_JOB = "workflow.signal"
KEPT_JOB = "workflow.kept"


@dataclass(frozen=True, slots=True)
class Completion:
    """The work item that a person has just done."""

    item_id: int
    token: str
    element_id: str
    process_id: str
    name_zh: str
    name_en: str
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Before:
    """What the instance was when the step began; a new one has none of it, save what it is and who is told."""

    process_id: str
    organisation_id: int | None
    begun: Mapping[str, Any] | None = None
    """The columns of a new instance that no step changes."""
    stage: str = ""
    steps: int = 0
    scopes: Mapping[str, Scope] = field(default_factory=dict)
    waiting_hash: bytes = b""
    facts: SubjectFacts | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """Ids of what was opened."""

    opened: tuple[int, ...]
    incidents: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Opening:
    """A work item that is about to open, and who may claim it."""

    item_id: int
    item: WorkItem
    row: Mapping[str, Any]
    candidates: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Unsaved:
    """A step that the engine has made, and what is needed to write it down."""

    world: World
    step: Step
    state: bytes
    before: Before
    done: Completion | None = None


def save_step(one: Unsaved) -> Saved:
    """Write everything that a step changed."""
    return save_steps([one])[0]


def save_steps(steps: Sequence[Unsaved]) -> list[Saved]:
    """Write steps of different instances, and tell of them, in few statements.

    What must be read or answered comes first, for all of them; what is only written is gathered.
    """
    own = [_tell_and_write_to_subject(one) for one in steps]
    closed = _close_items(steps)
    opening = _prepare_items(steps)
    saved = []
    for one, changes, gone, coming in zip(steps, own, closed, opening, strict=True):
        _gather(one, changes, gone, coming)
    for one, gone, coming in zip(steps, closed, opening, strict=True):
        _save_decisions(one.world, one.step)
        incidents = _save_incidents(one.world, one.step)
        opened = _tell_changes(one, gone, coming)
        saved.append(Saved(opened, incidents))
    return saved


def _tell_and_write_to_subject(one: Unsaved) -> dict[str, dict[str, object]]:
    world, done = one.world, one.done
    if done is not None:
        told = {"element": done.element_id, "name": done.name_zh, "name_en": done.name_en}
        tell(world, "task.completed", told | {"values": shown_values(world, done.values)}, {"item": done.item_id})
    changes = _write_to_subject(world, one.step)
    _follow_subject(world, one.before)
    return changes


def _gather(
    one: Unsaved, changes: Mapping[str, Mapping[str, object]], closed: list[ItemClosed], opening: list[_Opening]
) -> None:
    world, step, before = one.world, one.step, one.before
    _save_instance(world, step, one.state, before, changes)
    for item in step.updated:
        storage.update_item(world.county_id, world.instance_id, item.id, changing_columns(item))
    _open_items(world, opening)
    storage.delete_candidates(world.county_id, [event.item_id for event in closed])
    _save_subscriptions(world, step, before)
    storage.insert_visits(world, step, process_id=before.process_id, steps=before.steps)
    if step.cancelled_jobs:
        scheduling.cancel_jobs(world.county_id, step.cancelled_jobs, now=world.now)
    _enqueue(world, step)


def _tell_changes(one: Unsaved, closed: list[ItemClosed], opening: list[_Opening]) -> tuple[int, ...]:
    world, step, before = one.world, one.step, one.before
    for event in closed:
        events.publish(event)
    if step.stage and step.stage != before.stage:
        events.publish(StageEntered(*_key(world), step.stage))
    for coming in opening:
        events.publish(_opened(world, coming))
    if step.finished:
        told_end = {"end": step.ended_by, "name": step.ended_by_name}
        tell(world, "process.ended" if step.ended_by else "process.cancelled", told_end)
        events.publish(InstanceFinished(*_key(world), before.process_id, step.ended_by, step.ended_by_name))
    return tuple(coming.item_id for coming in opening)


def _key(world: World) -> tuple[int, int, int | None, str, Actor, datetime]:
    return world.county_id, world.instance_id, world.subject_id, world.release.package, world.actor, world.now


def _write_to_subject(world: World, step: Step) -> dict[str, dict[str, object]]:
    """Write what belongs to the subject there; returns what the instance keeps itself, by scope."""
    changes = {scope: dict(values) for scope, values in step.variables.items() if scope not in step.closed_scopes}
    root = changes.get(ROOT, {})
    shared = {name: root.pop(name) for name in list(root) if name in world.case_names}
    for name in world.party_names & root.keys():
        del root[name]
    world.write_to_subject(shared)
    if root or shared:
        events.publish(VariablesChanged(*_key(world), {**root, **shared}))
    return changes


def _save_instance(
    world: World, step: Step, state: bytes, before: Before, changes: Mapping[str, Mapping[str, object]]
) -> None:
    stage = step.stage or before.stage
    values = storage.instance_values(step, state, steps=before.steps + 1, stage=stage, now=world.now)
    if any(changes.values()) or step.closed_scopes:
        values["variables"] = scopes.write(before.scopes, changes, step.closed_scopes)
    if before.begun is not None:
        storage.insert_instance({**before.begun, **values})
    else:
        storage.update_instance(world.county_id, world.instance_id, values)


def _save_subscriptions(world: World, step: Step, before: Before) -> None:
    if storage.waiting_hash(step.waiting_for) != before.waiting_hash:
        storage.replace_subscriptions(
            world.county_id, world.instance_id, step.waiting_for, had_any=bool(before.waiting_hash)
        )
        _ask_for_kept(world, step)


def _ask_for_kept(world: World, step: Step) -> None:
    """A message may have come too early for what waits now and be kept: it is brought at once, by a job."""
    keeps = definitions.contents(world.release).message_keeps
    names = {one.name for one in step.waiting_for if one.kind == "message"} & keeps.keys()
    for row_id in queries.kept_messages(world.county_id, names, now=world.now) if names else ():
        scheduling.enqueue(world.county_id, KEPT_JOB, {"message": row_id}, now=world.now)


def _close_items(steps: Sequence[Unsaved]) -> list[list[ItemClosed]]:
    """The items that the steps closed: those completed are done already, those withdrawn are so here, all at once."""
    tokens = {
        (one.world.county_id, one.world.instance_id): [
            item.id for item in one.step.closed if one.done is None or item.id != one.done.token
        ]
        for one in steps
    }
    rows = storage.withdraw_items(tokens, now=steps[0].world.now)
    closed: list[list[ItemClosed]] = []
    for one in steps:
        key, done = _key(one.world), one.done
        events_ = []
        if done is not None:
            told = (done.item_id, done.element_id, done.process_id, "completed", done.values)
            events_.append(ItemClosed(*key, *told))
        for row in rows.get(key[:2], ()):
            events_.append(ItemClosed(*key, row.id, row.element_id, row.process_id, "cancelled", {}))
        closed.append(events_)
    return closed


def _prepare_items(steps: Sequence[Unsaved]) -> list[list[_Opening]]:
    """The rows of the items that the steps opened; groups are looked up once for each place."""
    known: dict[tuple[int, int], tuple[int, str]] = {}
    places = [_place(one.world, one.before, known) if one.step.opened else (None, "") for one in steps]
    items = [[(new_id(), item) for item in one.step.opened] for one in steps]
    groups: dict[tuple[int, str], dict[int, tuple[str, ...]]] = {}
    for one, (_, path), several in zip(steps, places, items, strict=True):
        if several:
            wanted = groups.setdefault((one.world.county_id, path), {})
            wanted.update((item_id, groups_of(one.world, item)) for item_id, item in several)
    offered: dict[int, list[tuple[str, int]]] = {}
    for (county_id, path), wanted in groups.items():
        for row in candidate_rows(county_id, path, wanted):
            offered.setdefault(row["work_item_id"], []).append((row["role"], row["organisation_id"]))
    return [
        [
            _Opening(item_id, item, item_row(one.world, item_id, item, *place), tuple(offered.get(item_id, ())))
            for item_id, item in several
        ]
        for one, place, several in zip(steps, places, items, strict=True)
    ]


def _open_items(world: World, opening: list[_Opening]) -> None:
    storage.insert_items([one.row for one in opening])
    storage.insert_candidates(
        [
            {"county_id": world.county_id, "work_item_id": one.item_id, "role": role, "organisation_id": place}
            for one in opening
            for role, place in one.candidates
        ]
    )


def _opened(world: World, one: _Opening) -> ItemOpened:
    return ItemOpened(
        *_key(world),
        item_id=one.item_id,
        element_id=one.item.element_id,
        process_id=one.item.process_id,
        stage=one.item.stage,
        name_zh=one.item.title or one.item.name,
        name_en=one.item.title_en or one.item.name_en,
        form_key=one.item.form_key,
        assignee_id=one.row["assignee_id"],
        candidates=one.candidates,
        due_at=one.item.due_date,
        properties=one.item.properties,
    )


def _place(world: World, before: Before, known: dict[tuple[int, int], tuple[int, str]]) -> tuple[int | None, str]:
    """The organisation whose roles a task's groups are looked up at; `known` are those of the steps before."""
    if world.facts is not None:
        return world.facts.organisation_id, world.facts.org_path
    if before.organisation_id is None:
        return None, ""
    key = world.county_id, before.organisation_id
    if key not in known:
        place = directory.organisation(*key)
        known[key] = place.id, place.path
    return known[key]


def _follow_subject(world: World, before: Before) -> None:
    """Copy a change of the subject onto the tasks that were open before this step."""
    if world.subject_id is None or world.facts is None or before.facts is None:
        return
    was, now = storage.copied(before.facts), storage.copied(world.facts)
    if was == now:
        return
    storage.update_subject_items(world.county_id, world.subject_id, now)
    if was["org_path"] != now["org_path"]:
        storage.reassign(world.county_id, world.subject_id, world.facts.org_path)


def _save_incidents(world: World, step: Step) -> tuple[int, ...]:
    opened: list[int] = []
    if step.closed_incidents:
        rows = storage.close_incidents(
            world.county_id, world.instance_id, step.closed_incidents, actor=world.actor, now=world.now
        )
        for row in rows:
            tell(world, "incident.closed", {"element": row.element_id, "name": row.element_name}, {"incident": row.id})
            events.publish(IncidentClosed(*_key(world), row.id, row.element_id, row.element_name))
    if step.incidents:
        opened = storage.insert_incidents(world, step)
        for incident_id, one in zip(opened, step.incidents, strict=True):
            tell_incident(world, one, incident_id)
            events.publish(
                IncidentOpened(*_key(world), incident_id, one.element_id, one.element_name, one.code, one.params)
            )
    return tuple(opened)


def _enqueue(world: World, step: Step) -> None:
    """Put down what is to be done beside the step."""
    for job in step.jobs:
        payload = {
            "instance": world.instance_id,
            "topic": job.topic,
            "element": job.element_id,
            "process": job.process_id,
            "inputs": feel.dump(dict(job.inputs)),
        }
        scheduling.enqueue(world.county_id, TOPIC_JOB, payload, now=world.now, reference=job.id)
    for message in step.messages:
        thrown = {"name": message.name, "key": message.key, "payload": feel.dump(dict(message.payload))}
        scheduling.enqueue(world.county_id, MESSAGE_JOB, thrown | {"from": world.instance_id}, now=world.now)
    for signal in step.signals:
        told = {"name": signal.name, "payload": feel.dump(dict(signal.payload)), "from": world.instance_id}
        scheduling.enqueue(world.county_id, SIGNAL_JOB, told, now=world.now)


def _save_decisions(world: World, step: Step) -> None:
    if not step.decisions:
        return
    ids = storage.insert_decisions(world, step)
    for decision_id, made in zip(ids, step.decisions, strict=True):
        tell_decision(world, made, decision_id)
        events.publish(DecisionMade(*_key(world), decision_id, made.decision_ref, made.element_id, made.result))
