"""Start processes and move them on. `advance` is the only door to a running process."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NoReturn

from app.audit.services import SYSTEM, Actor
from app.core import events
from app.core.database import db
from app.core.ids import new_id
from app.definitions import queries as definitions
from app.definitions.queries import ReleaseInfo
from app.directory import queries as directory
from app.engine.bpmn.definition import ProcessDefinition
from app.engine.bpmn.instance import Instance
from app.engine.bpmn.step import Step
from app.engine.findings import EngineError
from app.engine.words import sentence
from app.workflow import queries, scopes, storage
from app.workflow.commands import (
    Broadcast,
    Cancel,
    ChangeVariables,
    Command,
    Complete,
    Deliver,
    FinishJob,
    RestartBefore,
    Retry,
    Skip,
    StartOptional,
    VariablesChanged,
    Wake,
)
from app.workflow.environment import World
from app.workflow.errors import (
    IncidentGone,
    InstanceNotFound,
    NothingWaits,
    NotPossibleNow,
    ProcessEnded,
    TaskAlreadyCompleted,
    TaskNotFound,
    TaskOvertaken,
    TaskWithdrawn,
)
from app.workflow.events import InstanceStarted
from app.workflow.models import InstanceStatus, ItemStatus, WorkItem
from app.workflow.ports import SubjectFacts, subject_keeper
from app.workflow.saving import Before, Completion, Saved, Unsaved, save_step, save_steps
from app.workflow.scopes import Scope
from app.workflow.stories import shown_values, tell


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one move did. `opened` are the ids of the work items that it opened, in the order of the engine."""

    county_id: int
    instance_id: int
    subject_id: int | None
    opened: tuple[int, ...]
    incidents: tuple[int, ...]
    finished: bool
    stage: str


@dataclass(frozen=True, slots=True)
class Held:
    """An instance that this transaction holds, with what was read after the lock."""

    row: queries.LockedInstance
    release: ReleaseInfo
    scopes: Mapping[str, Scope]
    facts: SubjectFacts | None


_UNKNOWN: Final = -1


def start_instance(
    county_id: int,
    package: str,
    process_id: str | None = None,
    *,
    start_event: str | None = None,
    subject_id: int | None = None,
    organisation_id: int | None = None,
    variables: Mapping[str, object] | None = None,
    actor: Actor,
    now: datetime,
) -> Outcome:
    """Start a process of the package's active release (its main process by default) and run it until it waits.

    It begins at its plain start event, or at `start_event`.
    `subject_id` is what it is about, if anything; without a subject `organisation_id` says where its tasks belong.
    Raises PackageNotActive, and DefinitionError for a process that cannot run.
    """
    facts = None
    if subject_id is not None:
        subject_keeper().lock(county_id, subject_id)
        facts = subject_keeper().load(county_id, subject_id)
    release = definitions.active_release(county_id, package)
    contents = definitions.contents(release)
    process_id = process_id or contents.settings.main
    instance_id = new_id()
    world = _world(county_id, instance_id, subject_id, release, {}, facts, actor, now)
    definition = contents.process(process_id)
    given = dict(variables or {})
    if initiator := definition.initiator(start_event):
        given.setdefault(initiator, str(actor.person_id) if actor.person_id is not None else None)
    instance, step = Instance.start(definition, world, now, start_event=start_event, variables=given)
    begun = {
        "county_id": county_id,
        "id": instance_id,
        "package": package,
        "process_id": process_id,
        "release_id": release.id,
        "release_number": release.number,
        "subject_id": subject_id,
        "organisation_id": organisation_id,
        "started_at": now,
        "started_by": actor.person_id,
    }
    events.publish(InstanceStarted(county_id, instance_id, subject_id, package, actor, now, process_id))
    known = {name: value for name, value in given.items() if value is not None and not world.is_shared(name)}
    begun_with = {"values": shown_values(world, known)} if known else {}
    tell(world, "process.started", {"process": process_id, "release": release.number} | begun_with)
    saved = save_step(Unsaved(world, step, instance.state(), Before(process_id, organisation_id, begun)))
    return _outcome(world, step, saved)


def hold(county_id: int, instance_id: int, *, subject_id: int | None = _UNKNOWN) -> Held:
    """Lock the subject, then the instance, and read what a form and the engine need in later statements.

    `advance` does this by itself; who must read a form first holds the instance before, and reads everything once.
    `subject_id` saves a statement when the caller knows it. Raises InstanceNotFound.
    """
    if subject_id == _UNKNOWN:
        subject_id = queries.subject_of(county_id, instance_id)
    if subject_id is not None:
        subject_keeper().lock(county_id, subject_id)
    row = queries.lock_instance(county_id, instance_id)
    if row.subject_id != subject_id:
        raise InstanceNotFound
    return Held(
        row,
        definitions.release(county_id, row.release_id),
        scopes.read(row.variables),
        None if subject_id is None else subject_keeper().load(county_id, subject_id),
    )


def advance(
    county_id: int,
    instance_id: int,
    command: Command,
    *,
    actor: Actor,
    now: datetime,
    subject_id: int | None = _UNKNOWN,
    held: Held | None = None,
) -> Outcome:
    """Move a running process on: lock, read in later statements, run the engine until it waits, write everything.

    `held` is the instance where the caller holds it already (in this very transaction), `subject_id` saves a statement
    when the caller knows it. Everything happens in the caller's transaction.
    Raises a Refusal and changes nothing when the command is not possible (any more).
    """
    held = held or hold(county_id, instance_id, subject_id=subject_id)
    if (held.row.county_id, held.row.id) != (county_id, instance_id):
        raise InstanceNotFound
    unsaved = _move(held, command, actor, now)
    return _outcome(unsaved.world, unsaved.step, save_step(unsaved))


def _move(held: Held, command: Command, actor: Actor, now: datetime) -> Unsaved:
    """Let the engine make the step; nothing of it is written yet."""
    row = held.row
    token, done = _claim(row, command, actor, now)
    if held.facts is not None and held.facts.closed is not None and actor.kind != SYSTEM.kind:
        raise held.facts.closed
    if row.status != InstanceStatus.RUNNING:
        raise ProcessEnded
    world = _world(row.county_id, row.id, row.subject_id, held.release, held.scopes, held.facts, actor, now)
    definition = definitions.contents(held.release).process(row.process_id)
    instance = Instance.restore(definition, row.state, world)
    step = _ask(instance, command, token, world)
    before = Before(
        row.process_id,
        row.organisation_id,
        stage=row.stage,
        steps=row.steps,
        scopes=held.scopes,
        waiting_hash=row.waiting_hash,
        facts=held.facts,
    )
    _tell_cause(world, command, definition)
    if isinstance(command, StartOptional | Deliver):
        storage.note_initiator(world)
    return Unsaved(world, step, instance.state(), before, done)


def wake_together(limit: int, *, actor: Actor, now: datetime, tried: list[tuple[int, int, int | None]]) -> int:
    """Fire the due timers of up to `limit` instances that nobody works on, all in this transaction; how many it were.

    Nobody is waited for: neither instances nor their subjects, of which one step each is made. `tried` is told
    (county, instance, subject) of each before it is moved.
    """
    rows = queries.lock_due(now=now, limit=limit)
    subjects: dict[int, set[int]] = {}
    for row in rows:
        if row.subject_id is not None:
            subjects.setdefault(row.county_id, set()).add(row.subject_id)
    facts = {
        (county_id, subject_id): one
        for county_id, ids in sorted(subjects.items())
        for subject_id, one in subject_keeper().hold_free(county_id, ids).items()
    }
    steps = []
    for row in rows:
        own = None
        if row.subject_id is not None:
            own = facts.pop((row.county_id, row.subject_id), None)
            if own is None:
                continue
        tried.append((row.county_id, row.id, row.subject_id))
        held = Held(row, definitions.release(row.county_id, row.release_id), scopes.read(row.variables), own)
        with suppress(NothingWaits, ProcessEnded):
            steps.append(_move(held, Wake(), actor, now))
    if steps:
        save_steps(steps)
    return len(tried)


def wake(county_id: int, instance_id: int, *, actor: Actor, now: datetime, subject_id: int | None = _UNKNOWN) -> bool:
    """Fire the timers that are due; false when somebody else has done so already."""
    try:
        advance(county_id, instance_id, Wake(), actor=actor, now=now, subject_id=subject_id)
    except (NothingWaits, ProcessEnded):
        return False
    return True


def form_values(item: WorkItem, held: Held | None = None) -> Mapping[str, object]:
    """FEEL values that the form of `item` may show and its conditions may read: stored ones and the subject's own."""
    if item.subject_id is None:
        facts = None
    else:
        facts = held.facts if held is not None else subject_keeper().load(item.county_id, item.subject_id)
    of_subject = facts.variables if facts is not None else None
    scopes, state = (held.scopes, held.row.state) if held is not None else (None, None)
    return queries.values_seen_by(item, scopes, of_subject, state)


def reassign_candidates(county_id: int, subject_id: int) -> None:
    """Resolve the groups of the subject's open tasks again, and copy what the inbox sorts by: the subject has moved."""
    facts = subject_keeper().load(county_id, subject_id)
    copy_facts(county_id, subject_id, facts)
    storage.reassign(county_id, subject_id, facts.org_path)


def copy_facts(county_id: int, subject_id: int, facts: SubjectFacts) -> None:
    """Copy onto the subject's open tasks what the inbox sorts and filters by."""
    storage.update_subject_items(county_id, subject_id, storage.copied(facts))


def _world(
    county_id: int,
    instance_id: int,
    subject_id: int | None,
    release: ReleaseInfo,
    scopes: Mapping[str, Mapping[str, object]],
    facts: SubjectFacts | None,
    actor: Actor,
    now: datetime,
) -> World:
    zone = directory.zone_of(county_id)
    return World(county_id, instance_id, subject_id, release, scopes, facts, zone, actor, now)


def _claim(row: queries.LockedInstance, command: Command, actor: Actor, now: datetime) -> tuple[str, Completion | None]:
    """The engine's id of what the command is about; a work item is closed here, by a conditional update."""
    if isinstance(command, Complete):
        item = storage.close_item(row.county_id, row.id, command.item_id, taker=command.taker, actor=actor, now=now)
        if item is None:
            _refuse_closed(row, command.item_id)
        return item.token, Completion(
            item.id, item.token, item.element_id, item.process_id, item.name_zh, item.name_en, command.values
        )
    if isinstance(command, Retry):
        token = storage.incident_token(row.county_id, row.id, command.incident_id)
        if token is None:
            raise IncidentGone
        return token, None
    if isinstance(command, Wake) and (row.due_at is None or row.due_at > now):
        raise NothingWaits(name="timer")
    return "", None


def _refuse_closed(row: queries.LockedInstance, item_id: int) -> NoReturn:
    item = queries.item(row.county_id, item_id)
    # The caller may have read it before somebody was faster.
    db.session.refresh(item)
    if item.instance_id != row.id or item.closed_at is None:
        raise TaskNotFound
    if item.status == ItemStatus.CANCELLED:
        raise TaskWithdrawn(time=item.closed_at)
    raise TaskAlreadyCompleted(name=queries.done_by(item), time=item.closed_at)


def _ask(instance: Instance, command: Command, token: str, world: World) -> Step:
    """Put the command to the engine. What it cannot do (any more) becomes a refusal."""
    now = world.now
    try:
        match command:
            case Complete():
                step = instance.complete(token, command.values, now)
                if step.overtaken:
                    raise TaskOvertaken
                return step
            case Wake():
                return instance.wake(now)
            case Deliver():
                step = instance.deliver(command.message, command.key, command.payload, now)
                if step.overtaken:
                    raise NothingWaits(name=command.message)
                return step
            case Broadcast():
                return instance.broadcast(command.signal, command.payload, now)
            case FinishJob():
                return instance.finish_job(command.token, command.result, now)
            case Retry():
                return instance.retry(token, now)
            case StartOptional():
                return instance.start_optional(command.element_id, now)
            case VariablesChanged():
                return instance.variables_changed(command.names, now)
            case ChangeVariables():
                return instance.change_variables(command.values, now)
            case Skip():
                return instance.skip(command.token, now)
            case RestartBefore():
                return instance.restart_before(command.element_id, now, instead_of=command.instead_of)
            case Cancel():
                return instance.cancel(now)
    except EngineError as error:
        if error.code == "nobody_waits":
            name = command.message if isinstance(command, Deliver) else ""
            raise NothingWaits(name=name) from error
        raise NotPossibleNow(reason=sentence(error.code, error.params)) from error


def _tell_cause(world: World, command: Command, definition: ProcessDefinition) -> None:
    """What set the step off, when it was no completion."""
    match command:
        case Wake():
            tell(world, "timer.fired", {})
        case Deliver():
            tell(
                world,
                "message.received",
                {"message": command.message, "values": shown_values(world, command.payload)},
            )
        case StartOptional():
            begun = next(one for one in definition.elements.values() if one.id == command.element_id)
            tell(world, "action.started", {"element": begun.id, "name": begun.name, "name_en": begun.name_en})
        case Retry():
            tell(world, "incident.retried", _why(command.reason), {"incident": command.incident_id})
        case ChangeVariables():
            for scope, values in command.values.items():
                stored = world.variables(scope)
                old = shown_values(world, {name: stored.get(name) for name in values})
                told = {"names": sorted(values), "old": old, "new": shown_values(world, values)}
                tell(world, "variables.changed", told | _why(command.reason))
        case Skip():
            tell(world, "element.skipped", {"token": command.token} | _why(command.reason))
        case RestartBefore():
            tell(world, "process.restarted_before", {"element": command.element_id} | _why(command.reason))
        case Cancel():
            tell(world, "process.cancel_asked", {"reason": command.reason})
        case _:
            pass


def _why(reason: str) -> dict[str, str]:
    """The reason that a person gave, if any."""
    return {"reason": reason} if reason else {}


def _outcome(world: World, step: Step, saved: Saved) -> Outcome:
    return Outcome(
        county_id=world.county_id,
        instance_id=world.instance_id,
        subject_id=world.subject_id,
        opened=saved.opened,
        incidents=saved.incidents,
        finished=step.finished,
        stage=step.stage,
    )
