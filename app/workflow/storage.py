"""Write what one step changed, by Core: what must answer at once, and the rest gathered (`core.writes`)."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Row, Update, and_, bindparam, delete, or_, select, text, update

from app.audit.services import Actor
from app.core.database import db, table_of
from app.core.ids import new_id
from app.core.reads import answers
from app.core.writes import execute_later, insert_later
from app.engine.bpmn.step import Active, OptionalAction, Step
from app.engine.bpmn.step import Subscription as Waiting
from app.engine.feel import to_json
from app.workflow import models, visits
from app.workflow.candidates import candidate_rows
from app.workflow.environment import World
from app.workflow.models import InstanceStatus, ItemStatus
from app.workflow.ports import SubjectFacts

_instances = table_of(models.Instance)
_items = table_of(models.WorkItem)
_candidates = table_of(models.WorkItemCandidate)
_subscriptions = table_of(models.Subscription)
_incidents = table_of(models.Incident)
_decisions = table_of(models.Decision)


def insert_instance(values: Mapping[str, Any]) -> None:
    insert_later(_instances, [values])


def instance_values(step: Step, state: bytes, *, steps: int, stage: str, now: datetime) -> dict[str, Any]:
    """The columns of an instance that a step sets. `due_at` is empty once it has ended."""
    ended = step.finished
    cancelled = ended and step.ended_by is None
    values: dict[str, Any] = {
        "status": InstanceStatus.RUNNING,
        "state": state,
        "steps": steps,
        "stage": stage,
        "due_at": None if ended else step.due_at,
        "leased_until": None,
        "waiting_hash": waiting_hash(step.waiting_for),
        "active": [_active(one) for one in step.active],
        "optional": [_optional(one) for one in step.optional],
    }
    if ended:
        values |= {
            "status": InstanceStatus.CANCELLED if cancelled else InstanceStatus.FINISHED,
            "finished_at": now,
            "ended_by": step.ended_by,
        }
    return values


@cache
def _update_statement(columns: tuple[str, ...]) -> Update:
    return (
        update(_instances)
        .where(_instances.c.county_id == bindparam("key_county"), _instances.c.id == bindparam("key_instance"))
        .values({column: bindparam(f"new_{column}", type_=_instances.c[column].type) for column in columns})
    )


def update_instance(county_id: int, instance_id: int, values: Mapping[str, Any]) -> None:
    given = {f"new_{column}": value for column, value in values.items()}
    execute_later(_update_statement(tuple(values)), given | {"key_county": county_id, "key_instance": instance_id})


def waiting_hash(waiting: Sequence[Waiting]) -> bytes:
    """Tells whether the subscriptions must be written again."""
    if not waiting:
        return b""
    told = sorted((one.kind, one.name, one.key or "", one.element_id, one.token) for one in waiting)
    return hashlib.sha256(orjson.dumps(told)).digest()[:16]


_UNSUBSCRIBE = delete(_subscriptions).where(
    _subscriptions.c.county_id == bindparam("key_county"), _subscriptions.c.instance_id == bindparam("key_instance")
)


def replace_subscriptions(county_id: int, instance_id: int, waiting: Sequence[Waiting], *, had_any: bool) -> None:
    if had_any:
        execute_later(_UNSUBSCRIBE, {"key_county": county_id, "key_instance": instance_id})
    if waiting:
        rows = [
            {
                "county_id": county_id,
                "id": new_id(),
                "instance_id": instance_id,
                "kind": one.kind,
                "name": one.name,
                "key": one.key,
                "element_id": one.element_id,
            }
            for one in waiting
        ]
        insert_later(_subscriptions, rows)


_CLOSE = (
    update(_items)
    .where(
        _items.c.county_id == bindparam("key_county"),
        _items.c.id == bindparam("key_item"),
        _items.c.instance_id == bindparam("key_instance"),
        _items.c.status == ItemStatus.OPEN,
    )
    .values(
        status=ItemStatus.DONE,
        closed_at=bindparam("now", type_=_items.c.closed_at.type),
        closed_by=bindparam("person", type_=_items.c.closed_by.type),
        closed_by_name=bindparam("name", type_=_items.c.closed_by_name.type),
    )
    .returning(
        _items.c.id, _items.c.token, _items.c.element_id, _items.c.process_id, _items.c.name_zh, _items.c.name_en
    )
)


_TAKE_AND_CLOSE = _CLOSE.where(or_(_items.c.assignee_id.is_(None), _items.c.assignee_id == bindparam("taker"))).values(
    assignee_id=bindparam("taker")
)


def close_item(
    county_id: int, instance_id: int, item_id: int, *, taker: int | None = None, actor: Actor, now: datetime
) -> Any | None:
    """Mark one open item done; None when it is not open any more. The condition is the proof against a second click.

    With a `taker`, who does it straight from the pool, also None when somebody else has taken it.
    """
    rows = answers(
        _CLOSE if taker is None else _TAKE_AND_CLOSE,
        ({} if taker is None else {"taker": taker})
        | {
            "key_county": county_id,
            "key_item": item_id,
            "key_instance": instance_id,
            "now": now,
            "person": actor.person_id,
            "name": actor.name[:60],
        },
    )
    return rows[0] if len(rows) == 1 else None


def withdraw_items(
    tokens: Mapping[tuple[int, int], Collection[str]], *, now: datetime
) -> dict[tuple[int, int], list[Row[Any]]]:
    """Mark open items cancelled: of each instance (county, id) those of its tokens. What was closed, by instance."""
    found: dict[tuple[int, int], list[Row[Any]]] = {}
    for county_id in sorted({county for (county, _), several in tokens.items() if several}):
        of_county = {instance: several for (county, instance), several in tokens.items() if county == county_id}
        rows = db.session.execute(
            update(_items)
            .where(
                _items.c.county_id == county_id,
                _items.c.instance_id.in_([instance for instance, several in of_county.items() if several]),
                _items.c.status == ItemStatus.OPEN,
                _items.c.token.in_([token for several in of_county.values() for token in several]),
            )
            .values(status=ItemStatus.CANCELLED, closed_at=now)
            .returning(_items.c.id, _items.c.instance_id, _items.c.element_id, _items.c.process_id)
        )
        for row in rows:
            found.setdefault((county_id, row.instance_id), []).append(row)
    return found


def insert_items(rows: Sequence[Mapping[str, Any]]) -> None:
    insert_later(_items, rows)


@cache
def _change_statement(columns: tuple[str, ...]) -> Update:
    return (
        update(_items)
        .where(
            _items.c.county_id == bindparam("key_county"),
            _items.c.instance_id == bindparam("key_instance"),
            _items.c.token == bindparam("key_token"),
            _items.c.status == ItemStatus.OPEN,
        )
        .values({column: bindparam(f"new_{column}", type_=_items.c[column].type) for column in columns})
    )


def update_item(county_id: int, instance_id: int, token: str, values: Mapping[str, Any]) -> None:
    given = {f"new_{column}": value for column, value in values.items()}
    key = {"key_county": county_id, "key_instance": instance_id, "key_token": token}
    execute_later(_change_statement(tuple(values)), given | key)


def insert_candidates(rows: Sequence[Mapping[str, Any]]) -> None:
    insert_later(_candidates, rows)


_NO_CANDIDATES = delete(_candidates).where(
    _candidates.c.county_id == bindparam("key_county"), _candidates.c.work_item_id == bindparam("key_item")
)


def delete_candidates(county_id: int, item_ids: Collection[int]) -> None:
    """Nobody is offered these items any more. For a closed item only after the closing: counters are kept by rows."""
    for item_id in item_ids:
        execute_later(_NO_CANDIDATES, {"key_county": county_id, "key_item": item_id})


def copied(facts: SubjectFacts) -> dict[str, Any]:
    """The columns of a work item that are the subject's."""
    return {
        "title_zh": facts.title[:300],
        "title_en": facts.title_en[:300] if facts.title_en != facts.title else "",
        "org_id": facts.organisation_id,
        "org_path": facts.org_path,
        "sensitivity": facts.sensitivity,
        "risk": facts.risk,
        "dispute_type": facts.type,
        "channel": facts.channel,
        "tier": facts.tier,
        "amount": facts.amount,
    }


def update_subject_items(county_id: int, subject_id: int, values: Mapping[str, Any]) -> None:
    """Copy what changed on the subject onto its open items."""
    db.session.execute(
        update(_items)
        .where(_items.c.county_id == county_id, _items.c.subject_id == subject_id, _items.c.status == ItemStatus.OPEN)
        .values(**values)
    )


def reassign(county_id: int, subject_id: int, path: str) -> None:
    """Resolve the groups of the subject's open items again, at the organisation at `path`."""
    rows = db.session.execute(
        select(_items.c.id, _items.c.groups).where(
            _items.c.county_id == county_id, _items.c.subject_id == subject_id, _items.c.status == ItemStatus.OPEN
        )
    ).all()
    if rows:
        delete_candidates(county_id, [row.id for row in rows])
        insert_candidates(candidate_rows(county_id, path, {row.id: tuple(row.groups) for row in rows}))


def insert_incidents(world: World, step: Step) -> list[int]:
    """Write the step's incidents; what fails again after a retry is a new one. Returns their ids."""
    rows: list[dict[str, Any]] = [
        {
            "county_id": world.county_id,
            "id": new_id(),
            "instance_id": world.instance_id,
            "subject_id": world.subject_id,
            "token": one.id,
            "process_id": one.process_id,
            "element_id": one.element_id,
            "element_name": one.element_name[:200],
            "code": one.code,
            "params": {name: to_json(value) for name, value in one.params.items()},
            "cause": one.cause[:2000],
            "file": one.file,
            "line": one.line,
            "opened_at": world.now,
            "closed_at": None,
            "closed_by": None,
        }
        for one in step.incidents
    ]
    insert_later(_incidents, rows)
    return [int(row["id"]) for row in rows]


def close_incidents(
    county_id: int, instance_id: int, tokens: Collection[str] | None, *, actor: Actor, now: datetime
) -> Sequence[Row[Any]]:
    condition = and_(
        _incidents.c.county_id == county_id, _incidents.c.instance_id == instance_id, _incidents.c.closed_at.is_(None)
    )
    if tokens is not None:
        condition = and_(condition, _incidents.c.token.in_(tokens))
    return db.session.execute(
        update(_incidents)
        .where(condition)
        .values(closed_at=now, closed_by=actor.person_id)
        .returning(_incidents.c.id, _incidents.c.element_id, _incidents.c.element_name)
    ).all()


def incident_token(county_id: int, instance_id: int, incident_id: int) -> str | None:
    """The engine's id of an incident that is still open."""
    return db.session.scalar(
        select(_incidents.c.token).where(
            _incidents.c.county_id == county_id,
            _incidents.c.instance_id == instance_id,
            _incidents.c.id == incident_id,
            _incidents.c.closed_at.is_(None),
        )
    )


def insert_decisions(world: World, step: Step) -> list[int]:
    rows = []
    for one in step.decisions:
        source = world.sources.get(one.decision_ref)
        rows.append(
            {
                "county_id": world.county_id,
                "id": new_id(),
                "instance_id": world.instance_id,
                "subject_id": world.subject_id,
                "process_id": one.process_id,
                "element_id": one.element_id,
                "reference": one.decision_ref,
                "release": source.release if source else world.release.number,
                "table_hash": source.table_hash if source else "",
                "result": to_json(one.result),
                "trace": one.trace,
                "at": world.now,
            }
        )
    insert_later(_decisions, rows)
    return [row["id"] for row in rows if isinstance(row["id"], int)]


_VISITED = text(
    "INSERT INTO visits (county_id, instance_id, part, log) VALUES (:county, :instance, :part, :line) "
    "ON CONFLICT (county_id, instance_id, part) DO UPDATE SET log = visits.log || excluded.log"
)


def insert_visits(world: World, step: Step, *, process_id: str, steps: int) -> None:
    """Write down the stays that ended in this step, the instance's `steps`th."""
    if step.visits:
        execute_later(
            _VISITED,
            {
                "county": world.county_id,
                "instance": world.instance_id,
                "part": steps // visits.STEPS_OF_A_ROW,
                "line": visits.line(step.visits, process_id),
            },
        )


_SET_OFF = text(
    "INSERT INTO initiators (county_id, person_id, instance_id, subject_id) VALUES (:county, :person, :instance, "
    ":subject) ON CONFLICT (county_id, person_id, instance_id) DO NOTHING"
)


def note_initiator(world: World) -> None:
    """Keep whose hand set something off in the process, if it was somebody's."""
    if world.actor.person_id is not None:
        execute_later(
            _SET_OFF,
            {
                "county": world.county_id,
                "person": world.actor.person_id,
                "instance": world.instance_id,
                "subject": world.subject_id,
            },
        )


def lease_instances(keys: Sequence[tuple[int, int]], *, until: datetime | None) -> None:
    """Keep other workers away from these instances for a while, or no longer; whoever advances one ends the lease."""
    conditions = [and_(_instances.c.county_id == county, _instances.c.id == instance) for county, instance in keys]
    db.session.execute(update(_instances).where(or_(*conditions)).values(leased_until=until))


def _active(one: Active) -> dict[str, Any]:
    told = {
        "token": one.token,
        "element_id": one.element_id,
        "process_id": one.process_id,
        "since": one.since.isoformat(),
        "stage": one.stage,
        "path": list(one.path),
    }
    return told | {"incident": True} if one.incident else told


def _optional(one: OptionalAction) -> dict[str, Any]:
    return {
        "element_id": one.element_id,
        "process_id": one.process_id,
        "type": one.type,
        "name": one.name,
        "name_en": one.name_en,
        "groups": list(one.candidate_groups),
        "properties": dict(one.properties),
    }
